/** A ledger with its live orders and those in the archive as one list. */
import type { OrderRow } from '../contract/ledger.ts';
import { SCHEMAS } from './ledger-schema.ts';
import type { LedgerTable } from './ledger-table.ts';
import { namedBy, RowByName } from './row-lookup.ts';
import { RowTable } from './row-table.ts';

/**
 * `orders` of the answer are live ∪ archive. An order that was caught while it is handed over is in
 * both and counts once; if the two differ both stay, as two orders under one id.
 */
export function withArchive(ledger: LedgerTable): LedgerTable {
  const { orders, archived, texts } = ledger;
  if (archived === undefined || archived.length === 0) return ledger;
  const live = new RowByName(namedBy(orders, texts.order, 'id'));
  const all = new RowTable(SCHEMAS.orders, texts);
  for (let row = 0; row < orders.length; row++) all.addFrom(orders, row);
  for (let row = 0; row < archived.length; row++) {
    const moved = archived.at(row);
    const twin = live.get(moved.id);
    if (twin === undefined || !isSameOrder(twin, moved)) all.addFrom(archived, row);
  }
  return ledger.withOrders(all);
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
