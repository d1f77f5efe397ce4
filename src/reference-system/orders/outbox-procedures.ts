/** The outbox: events stored in the same transaction as the change that they tell of. */
import type { Database } from 'better-sqlite3';
import type { EventTuple } from '../events/event-log.ts';
import type { Procedure } from '../storage/procedure-module.ts';
import type { OrderState } from './order-states.ts';

/**
 * Stores an event in the caller's transaction; returns its position in the ledger's order. The caller
 * keeps `version`, the position among the events of the order, with the order.
 */
export type WriteEvent = (
  orderId: string,
  version: number,
  fact: OrderState | 'returned',
  about: { readonly customer: string; readonly cartUntilUs: number },
) => number;

export function outboxWriter(db: Database): WriteEvent {
  const insert = db.prepare(
    'INSERT INTO outbox (id, type, order_id, customer, cart_until, version) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return (orderId, version, fact, { customer, cartUntilUs }) => {
    const { lastInsertRowid } = insert.run(
      `${orderId}:${fact}`,
      `order.${fact}`,
      orderId,
      customer,
      cartUntilUs,
      version,
    );
    return Number(lastInsertRowid);
  };
}

export function outboxProcedures(db: Database): Record<string, Procedure> {
  const unpublished = db
    .prepare(
      `SELECT seq, id, type, order_id, customer, cart_until, version FROM outbox
       ORDER BY seq LIMIT ?`,
    )
    .raw();
  const published = db.prepare('DELETE FROM outbox WHERE seq <= ?');
  const count = db.prepare('SELECT count(*) FROM outbox').pluck();
  return {
    outboxUnpublished: (limit: number) => unpublished.all(limit) as EventTuple[],
    outboxPublished: (seq: number) => {
      published.run(seq);
    },
    outboxCount: () => count.get(),
  };
}
