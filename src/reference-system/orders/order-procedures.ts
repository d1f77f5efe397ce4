/** Tables of the orders and the procedures of checkouts, keys and order states. */
import type { Database } from 'better-sqlite3';
import { defined } from '../../base/assert.ts';
import type { Procedure, ProcedureModule } from '../storage/procedure-module.ts';
import { CALLBACK_SCHEMA, callbackCounter, callbackProcedures } from './callback-procedures.ts';
import { claimProcedures } from './claim-procedures.ts';
import { orderReads } from './order-reads.ts';
import { assertMove, isOpen, type OrderState } from './order-states.ts';
import { outboxProcedures, outboxWriter, type WriteEvent } from './outbox-procedures.ts';
import { ORDER_COLUMNS, type OrderTuple } from './stored-order.ts';

/** `order_keys.order_id` is null for a tombstone; `orders.open` marks unfinished work. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS checkouts (
  id TEXT PRIMARY KEY,
  customer TEXT NOT NULL,
  lines TEXT NOT NULL,
  total INTEGER NOT NULL,
  currency TEXT NOT NULL,
  expires INTEGER NOT NULL,
  per_customer INTEGER NOT NULL,
  cart_until INTEGER NOT NULL,
  order_id TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS checkouts_unused ON checkouts (expires) WHERE order_id IS NULL;
CREATE TABLE IF NOT EXISTS order_keys (
  customer TEXT NOT NULL,
  key TEXT NOT NULL,
  order_id TEXT,
  fingerprint TEXT NOT NULL,
  PRIMARY KEY (customer, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (
  id TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  customer TEXT NOT NULL,
  checkout TEXT NOT NULL,
  hold TEXT NOT NULL,
  status TEXT NOT NULL,
  refusal TEXT NOT NULL,
  lines TEXT NOT NULL,
  total INTEGER NOT NULL,
  currency TEXT NOT NULL,
  confirmed_seq INTEGER NOT NULL DEFAULT 0,
  returned_seq INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  per_customer INTEGER NOT NULL,
  cart_until INTEGER NOT NULL,
  open INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS orders_open ON orders (id) WHERE open = 1;
CREATE TABLE IF NOT EXISTS order_counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO order_counters (name, value) VALUES ('confirmed', 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  order_id TEXT NOT NULL,
  customer TEXT NOT NULL,
  cart_until INTEGER NOT NULL
);
`;

/**
 * `refusal` and `hold` replace the stored value unless they are null; `callbackId` is the message
 * of the payment gateway that brought the change.
 */
export type MoveArgs = readonly [
  orderId: string,
  to: OrderState,
  refusal: string | null,
  hold: string | null,
  callbackId?: string,
];

export const orderProcedures: ProcedureModule = {
  name: 'orders',
  schema: SCHEMA + CALLBACK_SCHEMA,
  prepare: (db) => {
    const writeEvent = outboxWriter(db);
    return {
      ...claimProcedures(db, writeEvent),
      ...moveProcedures(db, writeEvent),
      ...outboxProcedures(db),
      ...callbackProcedures(db),
      ...orderReads(db),
    };
  },
};

function moveProcedures(db: Database, writeEvent: WriteEvent): Record<string, Procedure> {
  const stateOf = db
    .prepare('SELECT status, customer, cart_until, confirmed_seq FROM orders WHERE id = ?')
    .raw();
  const move = db
    .prepare(
      `UPDATE orders SET status = ?, refusal = coalesce(?, refusal), hold = coalesce(?, hold),
              confirmed_seq = ?, open = ?
       WHERE id = ? RETURNING ${ORDER_COLUMNS}`,
    )
    .raw();
  const orderById = db.prepare(`SELECT ${ORDER_COLUMNS} FROM orders WHERE id = ?`).raw();
  const countConfirmed = db.prepare(
    "UPDATE order_counters SET value = value + 1 WHERE name = 'confirmed'",
  );
  const countCallback = callbackCounter(db);
  const setReturned = db.prepare('UPDATE orders SET returned_seq = ? WHERE id = ?');
  const returnedSeq = db.prepare('SELECT returned_seq, customer FROM orders WHERE id = ?').raw();
  return {
    /** Repeating a move that was made changes nothing. */
    move: ([id, to, refusal, hold, callbackId]: MoveArgs) => {
      const found = stateOf.get(id) as [OrderState, string, number, number] | undefined;
      const [from, customer, cartUntilUs, confirmedSeq] = defined(found, `order ${id}`);
      if (from === to) return orderById.get(id);
      assertMove(from, to, id);
      const seq = writeEvent(id, to, customer, cartUntilUs);
      if (to === 'confirmed') countConfirmed.run();
      if (callbackId !== undefined) countCallback(callbackId);
      const confirmed = to === 'confirmed' ? seq : confirmedSeq;
      return move.get(to, refusal, hold, confirmed, isOpen(to) ? 1 : 0, id) as OrderTuple;
    },
    /** Numbers the return of the units, which must happen before anyone can take them again. */
    numberReturn: (id: string) => {
      const [seq, customer] = returnedSeq.get(id) as [number, string];
      if (seq === 0) setReturned.run(writeEvent(id, 'returned', customer, 0), id);
    },
  };
}
