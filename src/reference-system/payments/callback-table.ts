/** The gateway's own record of its messages, in the same file and transaction as the charges. */
import type { Database, Statement } from 'better-sqlite3';
import type { CallbackRow } from '../../contract/ledger.ts';

/** What a message says. */
export type Notice = Pick<CallbackRow, 'orderId' | 'kind' | 'amountMinor' | 'currency' | 'atUs'>;

export interface StoredCallback extends CallbackRow {
  readonly seq: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS callback (
    seq INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    at_us REAL NOT NULL,
    sent INTEGER NOT NULL,
    is_forged INTEGER NOT NULL,
    waiting INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS callback_waiting ON callback (seq) WHERE waiting = 1;
  CREATE TABLE IF NOT EXISTS callback_address (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    port INTEGER NOT NULL
  ) STRICT;
`;
const COLUMNS = `seq, order_id AS orderId, kind, amount_minor AS amountMinor, currency,
  at_us AS atUs, sent, is_forged AS isForged`;

type Row = Omit<StoredCallback, 'id' | 'isForged'> & { readonly isForged: number };

/** All methods are to be called inside `ChargeStore.transact`. */
export class CallbackTable {
  readonly #insert: Statement<[string, string, number, string, number, number, number]>;
  readonly #settle: Statement<[number, number, number]>;
  readonly #waiting: Statement<[number], Row>;
  readonly #page: Statement<[number, number], Row>;
  readonly #setPort: Statement<[number]>;
  readonly #port: Statement<[], { readonly port: number }>;

  constructor(db: Database) {
    db.exec(SCHEMA);
    this.#insert = db.prepare(
      `INSERT INTO callback (order_id, kind, amount_minor, currency, at_us, sent, is_forged, waiting)
       VALUES (?, ?, ?, ?, ?, 0, ?, ?)`,
    );
    this.#settle = db.prepare('UPDATE callback SET sent = sent + ?, waiting = ? WHERE seq = ?');
    this.#waiting = db.prepare(
      `SELECT ${COLUMNS} FROM callback WHERE waiting = 1 ORDER BY seq LIMIT ?`,
    );
    this.#page = db.prepare(`SELECT ${COLUMNS} FROM callback WHERE seq > ? ORDER BY seq LIMIT ?`);
    this.#setPort = db.prepare('INSERT OR REPLACE INTO callback_address VALUES (1, ?)');
    this.#port = db.prepare('SELECT port FROM callback_address');
  }

  /** `isWaiting`: it is still to be delivered, also after a restart. */
  insert(notice: Notice, isForged: boolean, isWaiting: boolean): StoredCallback {
    const { orderId, kind, amountMinor, currency, atUs } = notice;
    const { lastInsertRowid } = this.#insert.run(
      ...([orderId, kind, amountMinor, currency, atUs] as const),
      ...([isForged ? 1 : 0, isWaiting ? 1 : 0] as const),
    );
    const seq = Number(lastInsertRowid);
    return { ...notice, seq, id: idOf(seq), sent: 0, isForged };
  }

  settle(seq: number, sentMore: number, isWaiting: boolean): void {
    this.#settle.run(sentMore, isWaiting ? 1 : 0, seq);
  }

  waiting(limit: number): StoredCallback[] {
    return this.#waiting.all(limit).map(callbackOf);
  }

  page(afterSeq: number, limit: number): StoredCallback[] {
    return this.#page.all(afterSeq, limit).map(callbackOf);
  }

  rememberPort(port: number): void {
    this.#setPort.run(port);
  }

  rememberedPort(): number | undefined {
    return this.#port.get()?.port;
  }
}

function idOf(seq: number): string {
  return `cb_${seq}`;
}

function callbackOf(row: Row): StoredCallback {
  return { ...row, id: idOf(row.seq), isForged: row.isForged === 1 };
}
