/** The locking strategies by name. Cheap to import: loads no database driver. */
import { EcomsimError } from '../../base/errors.ts';
import { suggestion } from '../../base/nearest-name.ts';
import type { InventoryOptions, StrategyOptions } from '../../contract/profile.ts';
import { guardedUpdate } from './strategies/guarded-update.ts';
import type { InventoryStrategy } from './strategies/strategy.ts';
import { unsafe } from './strategies/unsafe.ts';
import { strategyOptions } from './strategy-options.ts';

const STRATEGIES: ReadonlyMap<string, InventoryStrategy> = new Map(
  [guardedUpdate, unsafe].map((strategy) => [strategy.name, strategy]),
);

/** The first is the default. */
export const strategyNames: readonly string[] = [...STRATEGIES.keys()];

/** The tables of all strategies: which of them is used may change from one start to the next. */
export const strategySchemas: string = [...STRATEGIES.values()]
  .map(({ schema }) => schema ?? '')
  .join('');

/** Throws EcomsimError UNKNOWN_NAME. */
export function findStrategy(name: string): InventoryStrategy {
  const strategy = STRATEGIES.get(name);
  if (strategy !== undefined) return strategy;
  throw new EcomsimError(
    'UNKNOWN_NAME',
    `There is no inventory strategy "${name}"${suggestion(name, strategyNames)}; ` +
      `known: ${strategyNames.join(', ')}.`,
  );
}

export function explainStrategy(name: string): string {
  return findStrategy(name).explanation;
}

/** Ids of the invariants that the strategy may breach under these options. */
export function declaredBreaches(
  name: string,
  options: Partial<StrategyOptions> = {},
): readonly string[] {
  return findStrategy(name).declaredBreaches(strategyOptions(options));
}

/** What of the strategy is not the real mechanism, in words; '' when all of it is. */
export function emulatedPart(inventory: InventoryOptions): string {
  return findStrategy(inventory.strategy).emulated(strategyOptions(inventory));
}

/** Longest time in ms that a hold may wait for others before it takes effect. */
export function longestWaitMs(inventory: InventoryOptions): number {
  const strategy = findStrategy(inventory.strategy);
  return strategy.longestWaitMs?.(strategyOptions(inventory)) ?? 0;
}
