/** Pessimistic: locks the rows in SKU order, reads, checks, writes. The payment is outside. */
import type { Database } from 'better-sqlite3';
import type { HoldArgs } from '../hold-tables.ts';
import { rowLocked } from '../row-locks.ts';
import { plainCells } from '../stock-cells.ts';
import { DEFAULT_LOCK_HOLD_MS } from '../strategy-options.ts';
import { guardedActions, skusOf } from '../two-phase.ts';
import type { InventoryStrategy, StoreSide } from './strategy.ts';

export const rowLock: InventoryStrategy = {
  name: 'row-lock',
  explanation: 'select for update in SKU order; lock wait, full connection pool (emulated)',
  declaredBreaches: () => [],
  emulated: () => 'row locks are held in the shop, the embedded store has none',
  longestWaitMs: ({ lockTimeoutMs }) => lockTimeoutMs,
  inStore: (db) => lockedSide(db),
  actions: (context) =>
    rowLocked(context, guardedActions(context), {
      holdMs: context.options.lockHoldMs ?? DEFAULT_LOCK_HOLD_MS,
      keysOf: skusOf,
    }),
};

/** Under the lock a check cannot be out of date, so the write needs no condition. */
export function lockedSide(db: Database): StoreSide {
  const cells = plainCells(db);
  return {
    cells,
    procedures: (tables) => ({
      hold: (args: HoldArgs) =>
        tables.hold(args, (sku, units) => {
          if ((cells.freeOf(sku) ?? 0) < units) return false;
          cells.add(sku, -units);
          return true;
        }),
    }),
  };
}
