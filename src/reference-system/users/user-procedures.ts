/** The users' own tables and procedures, run in the store thread. */
import type { ProcedureModule } from '../storage/procedure-module.ts';

/** Rows; beyond it registration is refused. */
const MAX_REGISTERED = 1_000_000;

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
}

export type RegisterOutcome =
  | { readonly kind: 'registered'; readonly id: string }
  | { readonly kind: 'email_taken' }
  | { readonly kind: 'full' };

export interface Credentials {
  readonly id: string;
  readonly passwordHash: string;
}

export const userProcedures: ProcedureModule = {
  name: 'users',
  schema: `
    CREATE TABLE IF NOT EXISTS users_registered (
      ordinal INTEGER PRIMARY KEY,
      email TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      password_hash TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS users_block (
      first INTEGER PRIMARY KEY,
      count INTEGER NOT NULL
    ) STRICT;`,
  prepare: (db) => {
    const insert = db.prepare<[string, string, string]>(
      'INSERT INTO users_registered (email, name, password_hash) VALUES (?, ?, ?)',
    );
    const byEmail = db.prepare<[string], { ordinal: number; passwordHash: string }>(
      `SELECT ordinal, password_hash AS passwordHash FROM users_registered WHERE email = ?`,
    );
    const last = db.prepare<[], { ordinal: number | null }>(
      'SELECT MAX(ordinal) AS ordinal FROM users_registered',
    );
    const addBlock = db.prepare<[number, number]>(
      `INSERT INTO users_block (first, count) VALUES (?, ?)
       ON CONFLICT (first) DO UPDATE SET count = MAX(count, excluded.count)`,
    );
    return {
      register: (user: NewUser): RegisterOutcome => {
        if (byEmail.get(user.email) !== undefined) return { kind: 'email_taken' };
        if ((last.get()?.ordinal ?? 0) >= MAX_REGISTERED) return { kind: 'full' };
        const { lastInsertRowid } = insert.run(user.email, user.name, user.passwordHash);
        return { kind: 'registered', id: `u-${lastInsertRowid}` };
      },
      credentials: (email: string): Credentials | undefined => {
        const row = byEmail.get(email);
        return row && { id: `u-${row.ordinal}`, passwordHash: row.passwordHash };
      },
      addBlock: (block: { from: number; count: number }): void => {
        addBlock.run(block.from, block.count);
      },
    };
  },
};
