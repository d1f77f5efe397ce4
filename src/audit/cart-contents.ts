/** O8: a cart shows what was put into it, and nothing of it once it is bought. */
import { PROBE_JOURNEY } from '../contract/history.ts';
import { type CartEdit, unitsIn } from './carts.ts';
import { confirms } from './conclusion.ts';
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';

export function checkCarts(context: AuditContext, findings: Findings): void {
  // An edit that no record shows may explain anything.
  if (!context.wholeHistory) return;
  const boughtUs = probePurchases(context);
  for (const [customer, edits] of context.carts.byCustomer()) {
    for (const view of edits) {
      if (!view.isView || view.units < 0) continue;
      findings.check();
      const { least, most } = unitsIn(
        context.carts.contentOver(customer, view.invokedUs, view.doneUs),
      );
      const isBought = (boughtUs.get(customer) ?? Number.POSITIVE_INFINITY) < view.invokedUs;
      const expected = isBought ? { least: 0, most: 0 } : { least, most };
      if (view.units >= expected.least && view.units <= expected.most) continue;
      const span = least === most ? `${most}` : `${least} to ${most}`;
      const what = isBought ? 'although all of it was bought' : `possible were ${span}`;
      findings.violation(
        `the cart of customer ${customer} showed ${view.units} units, ${what}`,
        () => witness(context, view, edits),
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
    if (orders[0]?.journey !== PROBE_JOURNEY) continue;
    const bought = orders.find((order) => order.journey === PROBE_JOURNEY && confirms(order));
    if (bought !== undefined) boughtUs.set(customer, bought.doneUs);
  }
  return boughtUs;
}

function witness(
  { describe, evidence }: AuditContext,
  view: CartEdit,
  edits: readonly CartEdit[],
): string[] {
  const before = edits.filter(({ isView, invokedUs }) => !isView && invokedUs <= view.doneUs);
  before.sort((a, b) => a.invokedUs - b.invokedUs);
  const lines = before.slice(-9).map(({ index }) => describe.attempt(evidence.attemptAt(index)));
  const seen = describe.attempt(evidence.attemptAt(view.index));
  return [...lines, `${seen}, ${view.units} units in the cart`];
}
