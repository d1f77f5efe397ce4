/** What a service sees of its store: named procedures, answered after the commit of their work. */

/** The services that keep tables. */
export const STORE_NAMES = [
  'inventory',
  'cart',
  'orders',
  'events',
  'notifications',
  'users',
  'archive',
] as const;
export type StoreName = (typeof STORE_NAMES)[number];

export interface Store {
  /**
   * Runs one procedure of this service. New work: refused with `Refusal` 503 `overloaded`, surely
   * without effect, when the backlog is full. Throws EcomsimError STORE_FAILED when the procedure
   * threw (its own changes are undone) or the commit failed (it may or may not be durable).
   */
  call<R>(procedure: string, args: unknown): Promise<R>;
  /**
   * The same for a later step of work that was let in before: shedding it would leave the work
   * half done, so it is only bounded by what was let in.
   */
  callAdmitted<R>(procedure: string, args: unknown): Promise<R>;
}

export interface StoreStats {
  readonly commits: number;
  readonly calls: number;
  /** Mean number of calls that shared a commit. */
  readonly callsPerCommit: number;
  /** Time spent in COMMIT (the disk sync is in it), total. */
  readonly commitMs: number;
  /** Time the store threads spent on batches, commits included, total. */
  readonly busyMs: number;
  /** Calls waiting or being committed now. */
  readonly queueLength: number;
  /** Calls refused because the backlog was full. */
  readonly refused: number;
}

export interface Stores {
  of(name: StoreName): Store;
  stats(): StoreStats;
  /** Called at most once, when a store thread ends by itself; every call fails from then on. */
  onFailure(listener: (error: Error) => void): void;
  /** Commits and answers what was called, then closes the files. Safe to call twice. */
  close(): Promise<void>;
  /**
   * Drops at once everything that is not committed, as a crash would, and refuses all later calls.
   * Resolves when the files can be opened again.
   */
  abandon(): Promise<void>;
}
