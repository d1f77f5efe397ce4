/** The locking strategies by name. Cheap to import: loads no database driver. */
import { EcomsimError } from '../../base/errors.ts';
import { suggestion } from '../../base/nearest-name.ts';
import { guardedUpdate } from './strategies/guarded-update.ts';
import type { InventoryStrategy } from './strategies/strategy.ts';
import { unsafe } from './strategies/unsafe.ts';

const STRATEGIES: ReadonlyMap<string, InventoryStrategy> = new Map(
  [guardedUpdate, unsafe].map((strategy) => [strategy.name, strategy]),
);

/** The first is the default. */
export const strategyNames: readonly string[] = [...STRATEGIES.keys()];

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

/** Ids of the invariants that the strategy may breach. */
export function declaredBreaches(name: string): readonly string[] {
  return findStrategy(name).declaredBreaches;
}
