/** What the shop has heard from the payment gateway, and what came of it. */
import type { Database } from 'better-sqlite3';
import type { CallbackEffectRow } from '../../contract/ledger.ts';
import type { Procedure } from '../storage/procedure-module.ts';
import { ORDER_COLUMNS, type OrderTuple } from './stored-order.ts';

/** `heard` counts rightly signed deliveries, `refused` all others under this id. */
export const CALLBACK_SCHEMA = `
CREATE TABLE IF NOT EXISTS payment_callbacks (
  id TEXT PRIMARY KEY,
  order_id TEXT NOT NULL,
  heard INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  refused INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO order_counters (name, value) VALUES ('strange_callbacks', 0) ON CONFLICT DO NOTHING;
`;

/** Ids under which nothing genuine came; whoever makes up more than these is only refused. */
const MAX_STRANGE = 10_000;

export type HearArgs = readonly [
  id: string,
  orderId: string,
  kind: string,
  amountMinor: number,
  currency: string,
];

/** `mismatch`: it speaks of another amount than the order's; nothing may come of it. */
export type HearReply =
  | readonly [kind: 'unknown_order' | 'mismatch']
  | readonly [kind: 'first' | 'repeated', order: OrderTuple];

const TOTAL = 8;
const CURRENCY = 9;

export function callbackProcedures(db: Database): Record<string, Procedure> {
  const orderById = db.prepare(`SELECT ${ORDER_COLUMNS} FROM orders WHERE id = ?`).raw();
  const hear = db
    .prepare(
      `INSERT INTO payment_callbacks (id, order_id, heard, applied, refused)
       VALUES (?, ?, 1, 0, 0)
       ON CONFLICT DO UPDATE SET heard = heard + 1, order_id = excluded.order_id RETURNING heard`,
    )
    .pluck();
  const known = db.prepare('SELECT 1 FROM payment_callbacks WHERE id = ?').pluck();
  const strange = db
    .prepare("SELECT value FROM order_counters WHERE name = 'strange_callbacks'")
    .pluck();
  const countStrange = db.prepare(
    "UPDATE order_counters SET value = value + 1 WHERE name = 'strange_callbacks'",
  );
  const refuse = db.prepare(
    `INSERT INTO payment_callbacks (id, order_id, heard, applied, refused)
     VALUES (?, ?, 0, 0, 1) ON CONFLICT DO UPDATE SET refused = refused + 1`,
  );
  const rows = db.prepare(
    `SELECT id, order_id AS orderId, applied, max(heard - 1, 0) AS repeated, refused
     FROM payment_callbacks WHERE id > ? ORDER BY id LIMIT ?`,
  );

  function noteRefused(id: string, orderId: string): void {
    if (known.get(id) === undefined) {
      if ((strange.get() as number) >= MAX_STRANGE) return;
      countStrange.run();
    }
    refuse.run(id, orderId);
  }

  return {
    /** For a rightly signed message. A charge that was barred before it was tried has no amount. */
    hearCallback: ([id, orderId, kind, amountMinor, currency]: HearArgs): HearReply => {
      const order = orderById.get(orderId) as OrderTuple | undefined;
      const isBarred = kind === 'voided' && amountMinor === 0;
      if (order !== undefined && !isBarred) {
        if (order[TOTAL] !== amountMinor || order[CURRENCY] !== currency) {
          noteRefused(id, orderId);
          return ['mismatch'];
        }
      }
      const heard = hear.get(id, orderId) as number;
      if (order === undefined) return ['unknown_order'];
      return [heard === 1 ? 'first' : 'repeated', order];
    },
    refuseCallback: (id: string) => noteRefused(id, ''),
    callbackRows: ([after, limit]: readonly [string, number]) =>
      rows.all(after, limit) as CallbackEffectRow[],
  };
}

/** Counts a change of an order for the message that brought it, in the change's transaction. */
export function callbackCounter(db: Database): (callbackId: string) => void {
  const applied = db.prepare('UPDATE payment_callbacks SET applied = applied + 1 WHERE id = ?');
  return (callbackId) => {
    applied.run(callbackId);
  };
}
