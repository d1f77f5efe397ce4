/** The classic mistake: the rows stay locked while the shopper pays. */
import { Refusal } from '../../services.ts';
import { RowLocks, rowLocked } from '../row-locks.ts';
import { DEFAULT_LOCK_HOLD_MS } from '../strategy-options.ts';
import { guardedActions, skusOf } from '../two-phase.ts';
import { lockedSide } from './row-lock.ts';
import type { InventoryStrategy } from './strategy.ts';

export const rowLockDuringPayment: InventoryStrategy = {
  name: 'row-lock-during-payment',
  explanation: 'row lock kept while the shopper pays; at most 1 / payment time (emulated)',
  declaredBreaches: () => [],
  emulated: () => 'row locks are held in the shop, the embedded store has none',
  // A late hold waits after the payment, and the payment waited before.
  longestWaitMs: ({ lockTimeoutMs }) => 2 * lockTimeoutMs,

  inStore(db) {
    const side = lockedSide(db);
    const linesOf = db.prepare('SELECT sku FROM holds WHERE checkout = ? ORDER BY sku').pluck();
    return {
      cells: side.cells,
      procedures: (tables, shared) => ({
        ...side.procedures?.(tables, shared),
        heldSkus: (checkout: string) => linesOf.all(checkout),
      }),
    };
  },

  actions(context) {
    const locks = new RowLocks(context);
    const holdMs = context.options.lockHoldMs ?? DEFAULT_LOCK_HOLD_MS;
    const actions = guardedActions(context);
    return {
      ...rowLocked(context, actions, { holdMs, keysOf: skusOf }, locks),
      async lockForPayment(checkoutId) {
        const unlock = await locks.acquire(await context.store.call('heldSkus', checkoutId));
        if (unlock === undefined) throw new Refusal(503, 'contention');
        return unlock;
      },
    };
  },
};
