/** The default: one conditional statement takes the units, so no check can be out of date. */
import { guardedActions } from '../two-phase.ts';
import type { InventoryStrategy } from './strategy.ts';

export const guardedUpdate: InventoryStrategy = {
  name: 'guarded-update',
  explanation: 'one conditional update per line; never oversells, queues on the hot row',
  declaredBreaches: () => [],
  emulated: () => '',
  actions: guardedActions,
};
