/** Tables and procedures of the event log. */
import type { Database } from 'better-sqlite3';
import type { ProcedureModule } from '../storage/procedure-module.ts';
import type { EventTuple } from './event-log.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS event_log (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  order_id TEXT NOT NULL,
  customer TEXT NOT NULL,
  cart_until INTEGER NOT NULL,
  version INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS event_positions (
  consumer TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) WITHOUT ROWID;
`;

export const eventProcedures: ProcedureModule = {
  name: 'events',
  schema: SCHEMA,
  prepare: (db: Database) => {
    const insert = db.prepare(
      `INSERT INTO event_log (id, type, order_id, customer, cart_until, version)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    );
    const next = db
      .prepare(
        `SELECT seq, id, type, order_id, customer, cart_until, version FROM event_log
         WHERE seq > coalesce((SELECT seq FROM event_positions WHERE consumer = ?), 0)
         ORDER BY seq LIMIT ?`,
      )
      .raw();
    const advance = db.prepare(
      `INSERT INTO event_positions (consumer, seq) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`,
    );
    const head = db.prepare('SELECT coalesce(max(seq), 0) FROM event_log').pluck();
    const position = db.prepare('SELECT seq FROM event_positions WHERE consumer = ?').pluck();
    const rows = db.prepare(
      `SELECT id, seq, type, order_id AS orderId, version FROM event_log
       WHERE seq > ? ORDER BY seq LIMIT ?`,
    );
    return {
      append: (events: readonly EventTuple[]) => {
        for (const [, id, type, orderId, customer, cartUntilUs, version] of events) {
          insert.run(id, type, orderId, customer, cartUntilUs, version);
        }
      },
      read: ([consumer, limit]: readonly [string, number]) => next.all(consumer, limit),
      advance: ([consumer, seq]: readonly [string, number]) => {
        advance.run(consumer, seq);
      },
      lag: (consumers: readonly string[]) => {
        const end = head.get() as number;
        const behind = consumers.map((name) => end - ((position.get(name) as number) ?? 0));
        return Math.max(0, ...behind);
      },
      rows: ([after, limit]: readonly [number, number]) => rows.all(after, limit),
    };
  },
};
