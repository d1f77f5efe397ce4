/** The payment gateway's own file: every charge that was captured, declined, voided or refunded. */
import type { Database, Statement } from 'better-sqlite3';
import { defined } from '../../base/assert.ts';
import type { ChargeRow } from '../../contract/ledger.ts';
import { openSqlite } from '../storage/sqlite.ts';
import { CallbackTable } from './callback-table.ts';

export type ChargeStatus = ChargeRow['status'];

export interface StoredCharge {
  readonly id: string;
  readonly orderId: string;
  readonly key: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: ChargeStatus;
  readonly atUs: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS charge (
    seq INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    at_us REAL NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS charge_by_key ON charge (key);
  CREATE TABLE IF NOT EXISTS refund (
    order_id TEXT PRIMARY KEY,
    amount_minor INTEGER NOT NULL,
    at_us REAL NOT NULL
  ) STRICT;
`;
const COLUMNS = `'ch_' || seq AS id, order_id AS orderId, key, amount_minor AS amountMinor,
  currency, status, at_us AS atUs`;
/** Counted where it was given back; a file of an earlier version only has the status. */
const REFUNDED = `coalesce((SELECT sum(refund.amount_minor) FROM refund
  WHERE refund.order_id = charge.order_id),
  CASE status WHEN 'refunded' THEN amount_minor ELSE 0 END) AS refundedMinor`;

interface Work {
  run(): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  value: unknown;
}

/**
 * Work of one turn of the event loop shares one transaction and is answered after its commit
 * (write-ahead log, full sync), so that an answered charge survives a kill and a power loss.
 */
export class ChargeStore {
  readonly #db: Database;
  readonly #soon: (task: () => void) => void;
  readonly #byOrder: Statement<[string], StoredCharge>;
  readonly #byKey: Statement<[string], StoredCharge>;
  readonly #insert: Statement<[string, string, number, string, string, number]>;
  readonly #setStatus: Statement<[string, string]>;
  readonly #refund: Statement<[string, number, number]>;
  readonly #page: Statement<[number, number], StoredCharge & { readonly refundedMinor: number }>;
  readonly callbacks: CallbackTable;
  #waiting: Work[] = [];

  constructor(file: string, soon: (task: () => void) => void) {
    this.#soon = soon;
    this.#db = openSqlite(file, ['journal_mode = WAL', 'synchronous = FULL']);
    this.#db.exec(SCHEMA);
    this.callbacks = new CallbackTable(this.#db);
    this.#byOrder = this.#db.prepare(`SELECT ${COLUMNS} FROM charge WHERE order_id = ?`);
    this.#byKey = this.#db.prepare(`SELECT ${COLUMNS} FROM charge WHERE key = ? LIMIT 1`);
    this.#insert = this.#db.prepare(
      'INSERT INTO charge (order_id, key, amount_minor, currency, status, at_us) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#setStatus = this.#db.prepare('UPDATE charge SET status = ? WHERE order_id = ?');
    this.#refund = this.#db.prepare('INSERT INTO refund VALUES (?, ?, ?)');
    this.#page = this.#db.prepare(
      `SELECT ${COLUMNS}, ${REFUNDED} FROM charge WHERE seq > ? ORDER BY seq LIMIT ?`,
    );
  }

  /** Runs `work` inside the next shared transaction; resolves after its commit. */
  transact<R>(work: () => R): Promise<R> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#soon(() => this.#commit());
      this.#waiting.push({
        run: work,
        resolve: resolve as (value: unknown) => void,
        reject,
        value: undefined,
      });
    });
  }

  // The following are to be called inside `transact`.

  byOrder(orderId: string): StoredCharge | undefined {
    return this.#byOrder.get(orderId);
  }

  byKey(key: string): StoredCharge | undefined {
    return this.#byKey.get(key);
  }

  insert(charge: Omit<StoredCharge, 'id'>): StoredCharge {
    this.#insert.run(
      charge.orderId,
      charge.key,
      charge.amountMinor,
      charge.currency,
      charge.status,
      charge.atUs,
    );
    return defined(this.byOrder(charge.orderId), 'a charge just inserted');
  }

  setStatus(orderId: string, status: ChargeStatus): void {
    this.#setStatus.run(status, orderId);
  }

  /** Gives all of a capture back. */
  refund(charge: StoredCharge, atUs: number): void {
    this.#refund.run(charge.orderId, charge.amountMinor, atUs);
    this.setStatus(charge.orderId, 'refunded');
  }

  page(afterSeq: number, limit: number): ChargeRow[] {
    return this.#page.all(afterSeq, limit);
  }

  close(): void {
    if (this.#waiting.length > 0) this.#commit();
    this.#db.close();
  }

  #commit(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    const failed: Work[] = [];
    try {
      this.#db.exec('BEGIN');
      for (const work of batch) {
        // A statement that fails is undone by SQLite itself; the others of the batch stand.
        try {
          work.value = work.run();
        } catch (error) {
          work.value = error;
          failed.push(work);
        }
      }
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      for (const work of batch) work.reject(error);
      return;
    }
    for (const work of batch) {
      if (failed.includes(work)) work.reject(work.value);
      else work.resolve(work.value);
    }
  }
}
