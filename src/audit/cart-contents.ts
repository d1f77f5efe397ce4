/** O8: a cart shows what was put into it, and nothing of it once it is bought. */
import { PROBE_JOURNEY } from '../contract/history.ts';
import { unitsIn } from './carts.ts';
import { confirms } from './conclusion.ts';
import type { AuditContext } from './context.ts';
import type { Attempt } from './evidence.ts';
import type { Findings } from './findings.ts';

export function checkCarts(context: AuditContext, findings: Findings): void {
  // An edit that no record shows may explain anything.
  if (!context.wholeHistory) return;
  const boughtUs = probePurchases(context);
  for (const [customer, { views, puts, removals }] of context.carts.uses) {
    for (const view of views) {
      if (view.units < 0) continue;
      findings.check();
      const { least, most } = unitsIn(
        context.carts.contentOver(customer, view.invokedUs, view.doneUs),
      );
      const isBought = (boughtUs.get(customer) ?? Number.POSITIVE_INFINITY) < view.invokedUs;
      const expected = isBought ? { least: 0, most: 0 } : { least, most };
      if (view.units >= expected.least && view.units <= expected.most) continue;
      const span =
        expected.least === expected.most ? `${most}` : `${expected.least} to ${expected.most}`;
      const what = isBought ? 'although all of it was bought' : `possible were ${span}`;
      findings.violation(
        `the cart of customer ${customer} showed ${view.units} units, ${what}`,
        () => witness(context, view, [...puts, ...removals]),
      );
    }
  }
}

/**
 * The coordinator's probes buy a whole cart and look at it again once the shop is at rest; when a
 * shopper's cart is emptied after a purchase nobody promises.
 */
function probePurchases({ evidence, input }: AuditContext): Map<number, number> {
  const boughtUs = new Map<number, number>();
  if (!input.settled) return boughtUs;
  for (const { customer, orders } of evidence.keys.values()) {
    const bought = orders.find((order) => order.journey === PROBE_JOURNEY && confirms(order));
    if (bought !== undefined) boughtUs.set(customer, bought.doneUs);
  }
  return boughtUs;
}

function witness({ describe }: AuditContext, view: Attempt, edits: readonly Attempt[]): string[] {
  const before = edits.filter(({ invokedUs }) => invokedUs <= view.doneUs);
  before.sort((a, b) => a.invokedUs - b.invokedUs);
  const lines = before.slice(-9).map((edit) => describe.attempt(edit));
  return [...lines, `${describe.attempt(view)}, ${view.units} units in the cart`];
}
