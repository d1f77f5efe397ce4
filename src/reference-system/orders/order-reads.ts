/** Lookups of orders, and the listings for recovery, observation and ledger. */
import type { Database } from 'better-sqlite3';
import type { Procedure } from '../storage/procedure-module.ts';
import { ORDER_COLUMNS, type OrderTuple } from './stored-order.ts';

/** What became of a key; `moved`: the order is in the archive. */
export type KeyReply =
  | readonly [kind: 'order', order: OrderTuple]
  | readonly [kind: 'moved', orderId: string]
  | readonly [kind: 'tombstoned' | 'unused'];

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
  const ofCustomer = `SELECT ${ORDER_COLUMNS} FROM orders WHERE customer = ?`;
  const newest = db.prepare(`${ofCustomer} ORDER BY id DESC LIMIT ?`).raw();
  const older = db.prepare(`${ofCustomer} AND id < ? ORDER BY id DESC LIMIT ?`).raw();
  return {
    byId: (id: string) => byId.get(id) ?? null,
    byKey: ([customer, key]: readonly [string, string]): KeyReply => {
      const orderId = keyOf.get(customer, key) as string | null | undefined;
      if (orderId === undefined) return ['unused'];
      if (orderId === null) return ['tombstoned'];
      const order = byId.get(orderId) as OrderTuple | undefined;
      return order === undefined ? ['moved', orderId] : ['order', order];
    },
    /** Newest first; `before` is exclusive, '' for the newest. */
    ofCustomer: ([customer, before, limit]: readonly [string, string, number]) =>
      before === '' ? newest.all(customer, limit) : older.all(customer, before, limit),
    openIds: ([after, limit]: readonly [string, number]) => open.all(after, limit),
    pending: () => [countOpen.get(), confirmed.get()],
    orderRows: ([after, limit]: readonly [string, number]) => rows.all(after, limit),
  };
}
