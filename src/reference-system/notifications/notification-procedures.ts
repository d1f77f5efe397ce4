/** Table and procedures of the notifications. */
import type { Database } from 'better-sqlite3';
import type { ProcedureModule } from '../storage/procedure-module.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS notifications (
  order_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  PRIMARY KEY (order_id, event_id)
) WITHOUT ROWID;
`;

export const notificationProcedures: ProcedureModule = {
  name: 'notifications',
  schema: SCHEMA,
  prepare: (db: Database) => {
    const insert = db.prepare(
      `INSERT INTO notifications (order_id, event_id, sent_at) VALUES (?, ?, ?)
       ON CONFLICT DO NOTHING`,
    );
    const rows = db.prepare(
      `SELECT order_id AS orderId, count(*) AS sent FROM notifications
       WHERE order_id > ? GROUP BY order_id ORDER BY order_id LIMIT ?`,
    );
    return {
      send: (messages: readonly (readonly [string, string, number])[]) => {
        for (const [orderId, eventId, nowUs] of messages) insert.run(orderId, eventId, nowUs);
      },
      rows: ([after, limit]: readonly [string, number]) => rows.all(after, limit),
    };
  },
};
