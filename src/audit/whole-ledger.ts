/** A ledger with its live orders and those in the archive as one list. */
import type { Ledger, OrderRow } from '../contract/ledger.ts';

/**
 * `orders` of the answer are live ∪ archive. An order that was caught while it is handed over is in
 * both and counts once; if the two differ both stay, as two orders under one id.
 */
export function withArchive(ledger: Ledger): Ledger {
  const { orders, archived } = ledger;
  if (archived === undefined || archived.length === 0) return ledger;
  const liveById = new Map<string, OrderRow>();
  for (const row of orders) liveById.set(row.id, row);
  const others = archived.filter((row) => {
    const live = liveById.get(row.id);
    return live === undefined || !isSameOrder(live, row);
  });
  return { ...ledger, orders: orders.concat(others) };
}

/** Equal in everything that a ledger tells of an order, whatever the order of the fields. */
export function isSameOrder(a: OrderRow, b: OrderRow): boolean {
  return contentOf(a) === contentOf(b);
}

function contentOf(row: OrderRow): string {
  const lines = row.lines.map(({ sku, units, priceMinor }) => [sku, units, priceMinor]);
  return JSON.stringify([
    ...[row.id, row.key, row.customer, row.checkoutId, row.status, lines],
    ...[row.totalMinor, row.currency, row.confirmedSeq, row.returnedSeq, row.createdAtUs],
  ]);
}
