/** The strategies' options where the starter of the shop gave none; a profile gives them all. */
import type { StrategyOptions } from '../../contract/profile.ts';

export const DEFAULT_STRATEGY_OPTIONS: StrategyOptions = {
  buckets: 8,
  stealing: true,
  retries: 8,
  retryBackoffMs: 1,
  lockTimeoutMs: 2_000,
  connections: 32,
  poolRows: 1_000,
  reconcileEveryMs: 5_000,
  leaseTtlMs: 500,
  fencing: true,
  leasePauseMs: 0,
  leasePauseEvery: 50,
};

/** How long a transaction with a row lock and its two round trips take, as emulated. */
export const DEFAULT_LOCK_HOLD_MS = 2;

export function strategyOptions(given: Partial<StrategyOptions>): StrategyOptions {
  return { ...DEFAULT_STRATEGY_OPTIONS, ...given };
}
