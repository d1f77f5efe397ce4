/** Lookups of orders, and the listings for recovery, observation and ledger. */
import type { Database } from 'better-sqlite3';
import type { Procedure } from '../storage/procedure-module.ts';
import { ORDER_COLUMNS } from './stored-order.ts';

export function orderReads(db: Database): Record<string, Procedure> {
  const byId = db.prepare(`SELECT ${ORDER_COLUMNS} FROM orders WHERE id = ?`).raw();
  const keyOf = db
    .prepare('SELECT order_id FROM order_keys WHERE customer = ? AND key = ?')
    .pluck();
  const open = db
    .prepare('SELECT id FROM orders WHERE open = 1 AND id > ? ORDER BY id LIMIT ?')
    .pluck();
  const countOpen = db.prepare('SELECT count(*) FROM orders WHERE open = 1').pluck();
  const confirmed = db.prepare("SELECT value FROM order_counters WHERE name = 'confirmed'").pluck();
  const rows = db
    .prepare(`SELECT ${ORDER_COLUMNS} FROM orders WHERE id > ? ORDER BY id LIMIT ?`)
    .raw();
  return {
    byId: (id: string) => byId.get(id) ?? null,
    /** An order, 'tombstoned', or null when the key is unused. */
    byKey: ([customer, key]: readonly [string, string]) => {
      const orderId = keyOf.get(customer, key) as string | null | undefined;
      if (orderId === undefined) return null;
      return orderId === null ? 'tombstoned' : byId.get(orderId);
    },
    openIds: ([after, limit]: readonly [string, number]) => open.all(after, limit),
    pending: () => [countOpen.get(), confirmed.get()],
    orderRows: ([after, limit]: readonly [string, number]) => rows.all(after, limit),
  };
}
