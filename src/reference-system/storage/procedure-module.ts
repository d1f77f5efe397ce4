/** What a service brings to its store: tables and procedures, run in the store thread. */
import type { Database } from 'better-sqlite3';
import type { StrategyOptions } from '../../contract/profile.ts';

/**
 * Runs inside its own savepoint. Arguments and results are plain values; a business refusal is a
 * value; anything thrown undoes the procedure's changes and rejects its own caller only.
 */
// biome-ignore lint/suspicious/noExplicitAny: each procedure states the arguments it takes.
export type Procedure = (args: any) => unknown;

export interface ProcedureOptions {
  /** Name of the inventory strategy. */
  readonly strategy: string;
  readonly strategyOptions?: Partial<StrategyOptions>;
}

export interface ProcedureModule {
  readonly name: string;
  /** Idempotent DDL. */
  readonly schema: string;
  /** Called once after the schema: prepares statements. Must not write. */
  prepare(db: Database, options: ProcedureOptions): Record<string, Procedure>;
}

/** Returned by a procedure that must answer `value` and undo what it changed. */
export class Undone {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}
