/** Tables of the orders and the procedures of checkouts, keys and order states. */
import type { Database } from 'better-sqlite3';
import { defined } from '../../base/assert.ts';
import type { Procedure, ProcedureModule } from '../storage/procedure-module.ts';
import { claimProcedures } from './claim-procedures.ts';
import { handOverProcedures } from './hand-over-procedures.ts';
import { orderReads } from './order-reads.ts';
import { assertMove, isOpen, type OrderState } from './order-states.ts';
import { outboxProcedures, outboxWriter, type WriteEvent } from './outbox-procedures.ts';
import { ORDER_COLUMNS, type OrderTuple } from './stored-order.ts';

/**
 * `order_keys.order_id` is null for a tombstone. Of `orders`: `open` marks unfinished work, `changed`
 * is the instant (µs) of the last change of state, `version` the number of events told of it.
 */
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
  open INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS orders_open ON orders (id) WHERE open = 1;
CREATE INDEX IF NOT EXISTS orders_at_rest ON orders (changed) WHERE open = 0;
CREATE INDEX IF NOT EXISTS orders_of_customer ON orders (customer, id);
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
  cart_until INTEGER NOT NULL,
  version INTEGER NOT NULL
);
`;

/** `refusal` and `hold` replace the stored value unless they are null. */
export type MoveArgs = readonly [
  orderId: string,
  to: OrderState,
  refusal: string | null,
  hold: string | null,
  nowUs: number,
];

export const orderProcedures: ProcedureModule = {
  name: 'orders',
  schema: SCHEMA,
  prepare: (db) => {
    const writeEvent = outboxWriter(db);
    return {
      ...claimProcedures(db, writeEvent),
      ...moveProcedures(db, writeEvent),
      ...outboxProcedures(db),
      ...handOverProcedures(db, writeEvent),
      ...orderReads(db),
    };
  },
};

type StateTuple = readonly [
  status: OrderState,
  customer: string,
  cartUntilUs: number,
  confirmedSeq: number,
  version: number,
];

function moveProcedures(db: Database, writeEvent: WriteEvent): Record<string, Procedure> {
  const stateOf = db
    .prepare('SELECT status, customer, cart_until, confirmed_seq, version FROM orders WHERE id = ?')
    .raw();
  const move = db
    .prepare(
      `UPDATE orders SET status = ?, refusal = coalesce(?, refusal), hold = coalesce(?, hold),
              confirmed_seq = ?, open = ?, changed = ?, version = ?
       WHERE id = ? RETURNING ${ORDER_COLUMNS}`,
    )
    .raw();
  const orderById = db.prepare(`SELECT ${ORDER_COLUMNS} FROM orders WHERE id = ?`).raw();
  const countConfirmed = db.prepare(
    "UPDATE order_counters SET value = value + 1 WHERE name = 'confirmed'",
  );
  const setReturned = db.prepare('UPDATE orders SET returned_seq = ?, version = ? WHERE id = ?');
  const returnedSeq = db
    .prepare('SELECT returned_seq, customer, version FROM orders WHERE id = ?')
    .raw();
  return {
    /** Repeating a move that was made changes nothing. */
    move: ([id, to, refusal, hold, nowUs]: MoveArgs) => {
      const found = stateOf.get(id) as StateTuple | undefined;
      const [from, customer, cartUntilUs, confirmedSeq, version] = defined(found, `order ${id}`);
      if (from === to) return orderById.get(id);
      assertMove(from, to, id);
      const seq = writeEvent(id, version + 1, to, { customer, cartUntilUs });
      if (to === 'confirmed') countConfirmed.run();
      const confirmed = to === 'confirmed' ? seq : confirmedSeq;
      const open = isOpen(to) ? 1 : 0;
      return move.get(to, refusal, hold, confirmed, open, nowUs, version + 1, id) as OrderTuple;
    },
    /** Numbers the return of the units, which must happen before anyone can take them again. */
    numberReturn: (id: string) => {
      const [seq, customer, version] = returnedSeq.get(id) as [number, string, number];
      if (seq !== 0) return;
      const returned = writeEvent(id, version + 1, 'returned', { customer, cartUntilUs: 0 });
      setReturned.run(returned, version + 1, id);
    },
  };
}
