/** The messages between the shop's event loop and a store thread: one batch, one answer. */
import type { StrategyOptions } from '../../contract/profile.ts';

/** Parallel arrays, because a batch has hundreds of calls and each object would be cloned. */
export interface Batch {
  readonly procedures: number[];
  readonly args: unknown[];
}

export interface BatchAnswer {
  /** One per call, in order; undefined where the call failed. */
  readonly results: unknown[];
  /** Calls that threw: index and message, flat. */
  readonly errors: (number | string)[];
  /** Set when the commit failed: then nothing of the batch may be believed. */
  readonly failure: string | null;
  /** Totals since the store was opened. */
  readonly commitUs: number;
  readonly busyUs: number;
}

/** Where batches go. Answers come in the order of the batches, possibly before `post` returns. */
export interface StoreBackend {
  /** `service.procedure` → the number used in batches. */
  readonly procedureIds: ReadonlyMap<string, number>;
  post(batch: Batch): void;
  onAnswer(listener: (answer: BatchAnswer) => void): void;
  onFailure(listener: (error: Error) => void): void;
  /** Closes the file after the batches posted so far. */
  close(): Promise<void>;
  /** Ends at once; a transaction in progress is lost. */
  abandon(): Promise<void>;
}

/** What a store thread is started with. */
export interface StoreThreadData {
  readonly file: string;
  readonly services: readonly string[];
  readonly strategy: string;
  readonly strategyOptions: Partial<StrategyOptions>;
  /** Artificial delay of every commit; 0 but in benchmarks. */
  readonly extraSyncMs: number;
}

export type StoreThreadMessage =
  | { readonly kind: 'ready'; readonly procedures: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'answer'; readonly answer: BatchAnswer }
  | { readonly kind: 'closed' };
