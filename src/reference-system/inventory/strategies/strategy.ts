/** The plug point for inventory locking: how units are taken, and how they come back. */
import type { Database } from 'better-sqlite3';
import type { Clock } from '../../../base/clock.ts';
import type { HoldOutcome, HoldRequest, ResolveOutcome } from '../../services.ts';
import type { Procedure } from '../../storage/procedure-module.ts';
import type { Store } from '../../storage/store.ts';
import type { HoldTables } from '../hold-tables.ts';

/** What a strategy's actions work with, on the shop's event loop. */
export interface StrategyContext {
  readonly store: Store;
  readonly clock: Clock;
}

/** Two-phase transfers; the rules of each are those of `InventoryService`. */
export interface StrategyActions {
  hold(request: HoldRequest): Promise<HoldOutcome>;
  commit(checkoutId: string): Promise<ResolveOutcome>;
  release(checkoutId: string): Promise<ResolveOutcome>;
  returnUnits(checkoutId: string): Promise<ResolveOutcome>;
  restock(sku: string, units: number): Promise<void>;
  /** Expires at most one bounded batch; returns how many holds. */
  expireBatch(): Promise<number>;
  stockOf(sku: string): Promise<number | undefined>;
}

export interface InventoryStrategy {
  readonly name: string;
  /** One line for `ecomsim list strategies`. */
  readonly explanation: string;
  /** Ids of the invariants that it may breach; the audit must find these and no others. */
  readonly declaredBreaches: readonly string[];
  /** Procedures of its own, run in the store thread. */
  procedures(db: Database, tables: HoldTables): Record<string, Procedure>;
  /** Most take `twoPhaseActions` and replace `hold`. */
  actions(context: StrategyContext): StrategyActions;
}
