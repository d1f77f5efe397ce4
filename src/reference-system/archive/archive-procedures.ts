/** Table of the archive: documents in the order in which they came, never changed again. */
import type { Database } from 'better-sqlite3';
import { assert } from '../../base/assert.ts';
import type { ProcedureModule } from '../storage/procedure-module.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS archived (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  customer TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS archived_of_customer ON archived (customer, id);
`;

export type ArchiveTuple = readonly [id: string, customer: string, body: string];

export const archiveProcedures: ProcedureModule = {
  name: 'archive',
  schema: SCHEMA,
  prepare: (db: Database) => {
    const insert = db.prepare(
      'INSERT INTO archived (id, customer, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
    const byId = db.prepare('SELECT body FROM archived WHERE id = ?').pluck();
    const ofCustomer = 'SELECT body FROM archived WHERE customer = ?';
    const newest = db.prepare(`${ofCustomer} ORDER BY id DESC LIMIT ?`).pluck();
    const older = db.prepare(`${ofCustomer} AND id < ? ORDER BY id DESC LIMIT ?`).pluck();
    // By arrival, not by id: what is added while somebody reads comes after what was read.
    const rows = db
      .prepare('SELECT seq, body FROM archived WHERE seq > ? ORDER BY seq LIMIT ?')
      .raw();
    return {
      append: (documents: readonly ArchiveTuple[]) => {
        for (const [id, customer, body] of documents) {
          if (insert.run(id, customer, body).changes === 1) continue;
          // Copied before, by a life that ended before it could remove the original.
          assert(byId.get(id) === body, `${id} is archived with other content`);
        }
      },
      byId: (id: string) => byId.get(id) ?? null,
      ofCustomer: ([customer, before, limit]: readonly [string, string, number]) =>
        before === '' ? newest.all(customer, limit) : older.all(customer, before, limit),
      rows: ([after, limit]: readonly [number, number]) => rows.all(after, limit),
    };
  },
};
