/** The waiting room's book: a row per place taken, kept for as long as the shop's data. */
import type { AdmissionRow } from '../../contract/ledger.ts';
import type { ProcedureModule } from '../storage/procedure-module.ts';

/** [seq, sale, customer, joinedAtUs] */
export type JoinArgs = readonly [number, string, string, number];
/** [admittedSeq, admittedAtUs, expiresAtUs, seq] */
export type AdmitArgs = readonly [number, number, number, number];

export interface AdmitBatch {
  readonly admitted: readonly AdmitArgs[];
  /** Places that nobody asked for, and when that was noticed. */
  readonly left: readonly number[];
  readonly nowUs: number;
}

export interface StoredPlace {
  readonly seq: number;
  readonly customer: string;
  readonly admittedSeq: number;
  readonly expiresAtUs: number;
  readonly uses: number;
}

/** What is needed to go on where an earlier life of the shop ended. */
export interface StoredRoom {
  readonly lastSeq: number;
  readonly lastAdmittedSeq: number;
  /** Of the sale asked for: still waiting, or admitted with a token that has not expired. */
  readonly open: readonly StoredPlace[];
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS waiting_places (
  seq INTEGER PRIMARY KEY,
  sale TEXT NOT NULL,
  customer TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  left_at INTEGER NOT NULL DEFAULT 0,
  admitted_seq INTEGER NOT NULL DEFAULT 0,
  admitted_at INTEGER NOT NULL DEFAULT 0,
  expires_at INTEGER NOT NULL DEFAULT 0,
  uses INTEGER NOT NULL DEFAULT 0
) STRICT;
`;

export const waitingRoomProcedures: ProcedureModule = {
  name: 'waiting-room',
  schema: SCHEMA,
  prepare: (db) => {
    const insert = db.prepare<[number, string, string, number]>(
      'INSERT INTO waiting_places (seq, sale, customer, joined_at) VALUES (?, ?, ?, ?)',
    );
    const admit = db.prepare<[number, number, number, number]>(
      `UPDATE waiting_places SET admitted_seq = ?, admitted_at = ?, expires_at = ?
       WHERE seq = ? AND admitted_seq = 0`,
    );
    const leave = db.prepare<[number, number]>(
      'UPDATE waiting_places SET left_at = ? WHERE seq = ?',
    );
    const use = db.prepare<[number]>('UPDATE waiting_places SET uses = uses + 1 WHERE seq = ?');
    const last = db.prepare<[], Omit<StoredRoom, 'open'>>(
      `SELECT COALESCE(MAX(seq), 0) AS lastSeq,
              COALESCE(MAX(admitted_seq), 0) AS lastAdmittedSeq FROM waiting_places`,
    );
    const open = db.prepare<[string, number], StoredPlace>(
      `SELECT seq, customer, admitted_seq AS admittedSeq, expires_at AS expiresAtUs, uses
       FROM waiting_places
       WHERE sale = ? AND left_at = 0 AND (admitted_seq = 0 OR expires_at > ?) ORDER BY seq`,
    );
    const rows = db.prepare<[number, number], Omit<AdmissionRow, 'id'>>(
      `SELECT customer, seq AS joinedSeq, joined_at AS joinedAtUs, admitted_seq AS admittedSeq,
              admitted_at AS admittedAtUs, expires_at AS expiresAtUs, uses
       FROM waiting_places WHERE seq > ? ORDER BY seq LIMIT ?`,
    );
    return {
      join: (args: JoinArgs): void => {
        insert.run(...args);
      },
      admit: ({ admitted, left, nowUs }: AdmitBatch): void => {
        for (const args of admitted) admit.run(...args);
        for (const seq of left) leave.run(nowUs, seq);
      },
      use: (seq: number): void => {
        use.run(seq);
      },
      load: ([sale, nowUs]: readonly [string, number]): StoredRoom => ({
        ...(last.get() as Omit<StoredRoom, 'open'>),
        open: open.all(sale, nowUs),
      }),
      rows: ([after, limit]: readonly [number, number]) => rows.all(after, limit),
    };
  },
};
