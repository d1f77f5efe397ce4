/** The default: one conditional statement takes the units, so no check can be out of date. */
import { rowLocked } from '../row-locks.ts';
import { guardedActions, skusOf } from '../two-phase.ts';
import type { InventoryStrategy } from './strategy.ts';

export const guardedUpdate: InventoryStrategy = {
  name: 'guarded-update',
  explanation: 'one conditional update per line; never oversells, queues on the hot row',
  declaredBreaches: () => [],
  emulated: ({ lockHoldMs = 0 }) => (lockHoldMs > 0 ? 'row locks are held in the shop' : ''),
  longestWaitMs: ({ lockHoldMs = 0, lockTimeoutMs }) => (lockHoldMs > 0 ? lockTimeoutMs : 0),
  actions: (context) =>
    rowLocked(context, guardedActions(context), {
      holdMs: context.options.lockHoldMs ?? 0,
      keysOf: skusOf,
    }),
};
