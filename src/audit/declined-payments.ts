/** P7: an order that is not paid for keeps no units. */
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import type { LedgerIndex } from './ledger-index.ts';
import { wasConfirmed } from './unit-moves.ts';

const UNPAID: ReadonlySet<string> = new Set(['declined', 'rejected', 'expired', 'cancelled']);

export function checkDeclinedPayments(context: AuditContext, findings: Findings): void {
  const { before } = context;
  if (before === undefined) return;
  const checkouts = new Set<string>();
  for (const row of before.ledger.orders) {
    if (UNPAID.has(row.status) && row.checkoutId !== '') checkouts.add(row.checkoutId);
  }
  for (const { orders } of context.evidence.keys.values()) {
    for (const { outcome, reason, checkoutId } of orders) {
      const declined = outcome === 'refused' && reason === 'payment_declined';
      if (declined && checkoutId !== '') checkouts.add(checkoutId);
    }
  }
  for (const checkoutId of checkouts) checkFreed(context, findings, before, checkoutId);
}

function checkFreed(
  context: AuditContext,
  findings: Findings,
  before: LedgerIndex,
  checkoutId: string,
): void {
  const { quiet, describe } = context;
  const rows = before.ordersByCheckout.get(checkoutId) ?? [];
  // Another attempt for the same checkout may have been paid.
  if (rows.some(wasConfirmed)) return;
  for (const hold of before.holdsByCheckout.get(checkoutId) ?? []) {
    findings.check();
    const keeps = hold.state === 'committed' || (hold.state === 'held' && quiet);
    if (!keeps) continue;
    findings.violation(
      `${hold.units} × ${shown(hold.sku)} stay ${hold.state} for an order that was not paid for`,
      () => [
        ...(context.evidence.checkouts.get(checkoutId)?.orders ?? [])
          .slice(0, 7)
          .map((attempt) => describe.attempt(attempt)),
        ...rows.slice(0, 2).map((row) => describe.order(row)),
        describe.hold(hold),
      ],
    );
  }
}
