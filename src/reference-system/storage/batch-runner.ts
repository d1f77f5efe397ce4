/** Runs batches on one file: one transaction per batch, one savepoint per call, full sync. */
import type { Database, Statement } from 'better-sqlite3';
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { StrategyOptions } from '../../contract/profile.ts';
import type { Batch, BatchAnswer } from './batch.ts';
import { type Procedure, type ProcedureModule, Undone } from './procedure-module.ts';
import { openSqlite } from './sqlite.ts';

const CACHE_KIB = 16_384;
/** A checkpoint every 16 MiB of log: rare enough not to show, small enough to be short. */
const CHECKPOINT_PAGES = 4096;
const JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024;
const PRAGMAS = [
  // One owner per file: a second shop on the same folder must fail instead of joining in.
  'locking_mode = EXCLUSIVE',
  'journal_mode = WAL',
  'synchronous = FULL',
  `cache_size = -${CACHE_KIB}`,
  `wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
  `journal_size_limit = ${JOURNAL_LIMIT_BYTES}`,
  'temp_store = MEMORY',
];
/** Waiting on it is a sleep that blocks the thread, as a sync does. */
const NEVER_NOTIFIED = new Int32Array(new SharedArrayBuffer(4));

export interface BatchRunnerOptions {
  readonly file: string;
  readonly modules: readonly ProcedureModule[];
  readonly strategy: string;
  readonly strategyOptions?: Partial<StrategyOptions>;
  /** Artificial delay of every commit; only benchmarks set it. */
  readonly extraSyncMs?: number;
  readonly clock: Clock;
}

export class BatchRunner {
  readonly names: string[] = [];
  readonly #procedures: Procedure[] = [];
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #savepoint: Statement;
  readonly #release: Statement;
  readonly #rollbackTo: Statement;
  readonly #extraSyncMs: number;
  #commitUs = 0;
  #busyUs = 0;

  constructor(options: BatchRunnerOptions) {
    const db = openSqlite(options.file, PRAGMAS);
    this.#db = db;
    this.#clock = options.clock;
    this.#extraSyncMs = options.extraSyncMs ?? 0;
    for (const module of options.modules) {
      db.exec(module.schema);
      const procedures = module.prepare(db, options);
      for (const [name, procedure] of Object.entries(procedures)) {
        this.names.push(`${module.name}.${name}`);
        this.#procedures.push(procedure);
      }
    }
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#savepoint = db.prepare('SAVEPOINT request');
    this.#release = db.prepare('RELEASE request');
    this.#rollbackTo = db.prepare('ROLLBACK TO request');
  }

  /** Never throws: what went wrong is in the answer. */
  run(batch: Batch): BatchAnswer {
    const startUs = this.#clock.nowUs();
    const results: unknown[] = [];
    const errors: (number | string)[] = [];
    let failure: string | null = null;
    try {
      this.#begin.run();
      for (let i = 0; i < batch.procedures.length; i++) {
        results.push(this.#runOne(batch, i, errors));
      }
      const commitStartUs = this.#clock.nowUs();
      this.#commit.run();
      if (this.#extraSyncMs > 0) Atomics.wait(NEVER_NOTIFIED, 0, 0, this.#extraSyncMs);
      this.#commitUs += this.#clock.nowUs() - commitStartUs;
    } catch (error) {
      failure = messageOf(error);
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    }
    this.#busyUs += this.#clock.nowUs() - startUs;
    return { results, errors, failure, commitUs: this.#commitUs, busyUs: this.#busyUs };
  }

  close(): void {
    this.#db.close();
  }

  #runOne(batch: Batch, index: number, errors: (number | string)[]): unknown {
    const procedure = this.#procedures[batch.procedures[index] as number];
    this.#savepoint.run();
    let result: unknown;
    try {
      assert(procedure !== undefined, 'a batch names an unknown procedure');
      result = procedure(batch.args[index]);
      assert(!(result instanceof Promise), 'a procedure must not be asynchronous');
      if (result instanceof Undone) {
        this.#rollbackTo.run();
        result = result.value;
      }
    } catch (error) {
      // Some errors (disk full, I/O) end the whole transaction: then the batch has failed.
      if (!this.#db.inTransaction) throw error;
      this.#rollbackTo.run();
      errors.push(index, messageOf(error));
      result = undefined;
    }
    this.#release.run();
    return result;
  }
}
