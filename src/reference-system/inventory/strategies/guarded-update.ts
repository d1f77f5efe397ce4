/** The default: one conditional statement takes the units, so no check can be out of date. */
import type { HoldArgs, HoldReply } from '../hold-tables.ts';
import { holdArgs, holdOutcome, twoPhaseActions } from '../two-phase.ts';
import type { InventoryStrategy } from './strategy.ts';

export const guardedUpdate: InventoryStrategy = {
  name: 'guarded-update',
  explanation: 'one conditional update per line; never oversells, queues on the hot row',
  declaredBreaches: [],

  procedures(db, tables) {
    const takeUnits = db.prepare(
      'UPDATE stock SET available = available - ? WHERE sku = ? AND available >= ?',
    );
    const take = (sku: string, units: number): boolean =>
      takeUnits.run(units, sku, units).changes === 1;
    return { hold: (args: HoldArgs) => tables.hold(args, take) };
  },

  actions(context) {
    return {
      ...twoPhaseActions(context),
      async hold(request) {
        const args = holdArgs(request, context.clock.nowUs());
        return holdOutcome(await context.store.call<HoldReply>('hold', args));
      },
    };
  },
};
