/** The plug point for inventory locking: how units are taken, and how they come back. */
import type { Database } from 'better-sqlite3';
import type { Clock } from '../../../base/clock.ts';
import type { Prng } from '../../../base/prng.ts';
import type { StrategyOptions } from '../../../contract/profile.ts';
import type { InventoryCounts } from '../../../contract/target.ts';
import type { HoldOutcome, HoldRequest, ResolveOutcome } from '../../services.ts';
import type { Procedure } from '../../storage/procedure-module.ts';
import type { Store } from '../../storage/store.ts';
import type { HoldTables } from '../hold-tables.ts';
import type { StockCells } from '../stock-cells.ts';

/** Counted up by the strategy; requests and their first attempts are counted for it. */
export type Counting = { -readonly [Name in keyof InventoryCounts]: InventoryCounts[Name] };

/** What a strategy's actions work with, on the shop's event loop. */
export interface StrategyContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly prng: Prng;
  readonly options: StrategyOptions;
  readonly counting: Counting;
  /** Folder for what a strategy keeps beside the database. */
  readonly dataDir: string;
}

/** The half of a strategy that lives in the store thread. */
export interface StoreSide {
  readonly cells: StockCells;
  /**
   * Procedures beside `shared`, which are those of every strategy, with a guarded `hold` over the
   * cells; one of the same name replaces it.
   */
  procedures?(
    tables: HoldTables,
    shared: Readonly<Record<string, Procedure>>,
  ): Record<string, Procedure>;
}

/** Two-phase transfers; the rules of each are those of `InventoryService`. */
export interface StrategyActions {
  hold(request: HoldRequest): Promise<HoldOutcome>;
  commit(checkoutId: string): Promise<ResolveOutcome>;
  release(checkoutId: string): Promise<ResolveOutcome>;
  returnUnits(checkoutId: string): Promise<ResolveOutcome>;
  /** SKU, units, flat. */
  seed(rows: readonly (string | number)[]): Promise<void>;
  restock(sku: string, units: number): Promise<void>;
  /** Expires at most one bounded batch; returns how many holds. */
  expireBatch(): Promise<number>;
  stockOf(sku: string): Promise<number | undefined>;
  /** After the stock is in the strategy's form, before anything else. */
  recover?(): Promise<void>;
  /** Called at every sweep, after what is due has been expired. */
  tidy?(): Promise<void>;
  /** Loses what is kept beside the database and makes it again; absent: there is nothing. */
  wipeCache?(): Promise<void>;
  readonly lockForPayment?: (checkoutId: string) => Promise<() => void>;
}

export interface InventoryStrategy {
  readonly name: string;
  /** One line for `ecomsim list strategies`. */
  readonly explanation: string;
  /** Ids of the invariants that it may breach; the audit must find these and no others. */
  declaredBreaches(options: StrategyOptions): readonly string[];
  /** What of it stands in for a mechanism that the embedded store does not have; '' for nothing. */
  emulated(options: StrategyOptions): string;
  /** Longest time that a hold or an order may wait for others before it begins; 0 when absent. */
  longestWaitMs?(options: StrategyOptions): number;
  /** Idempotent DDL of tables of its own. */
  readonly schema?: string;
  /** `plainCells` and nothing else when absent. */
  inStore?(db: Database, options: StrategyOptions): StoreSide;
  /** Most take `twoPhaseActions` and replace `hold`. */
  actions(context: StrategyContext): StrategyActions;
}
