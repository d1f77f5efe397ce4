/** The positive control: reads, checks, and later writes back what it computed. Oversells. */
import type { HoldArgs, HoldReply } from '../hold-tables.ts';
import { plainCells } from '../stock-cells.ts';
import { firstShort, holdArgs, holdOutcome, skusOf, twoPhaseActions } from '../two-phase.ts';
import type { InventoryStrategy } from './strategy.ts';

/**
 * Time between reading the stock and writing it, as between two round trips of a real service to
 * its database. The write also lands in a later commit than the read, or one writer at a time
 * would make even this strategy safe.
 */
export const READ_TO_WRITE_GAP_MS = 5;

/** The hold and, per line, the stock that was read. */
type WriteArgs = readonly [hold: HoldArgs, stockRead: readonly number[]];

export const unsafe: InventoryStrategy = {
  name: 'unsafe',
  explanation: 'read, check, write back without a lock; oversells whenever two shoppers meet',
  declaredBreaches: () => ['I1', 'I2', 'I3', 'I6', 'I7', 'I8'],
  emulated: () => '',

  inStore(db) {
    const cells = plainCells(db);
    return {
      cells,
      procedures: (tables) => ({
        unsafeRead: (skus: readonly string[]) => skus.map((sku) => cells.freeOf(sku) ?? 0),
        unsafeWrite: ([hold, stockRead]: WriteArgs) =>
          tables.hold(hold, (sku, units, lineIndex) => {
            cells.reset(sku, (stockRead[lineIndex] as number) - units);
            return true;
          }),
      }),
    };
  },

  actions(context) {
    const { store, clock } = context;
    return {
      ...twoPhaseActions(context),
      async hold(request) {
        const stockRead = await store.call<number[]>('unsafeRead', skusOf(request));
        const short = firstShort(request, stockRead);
        if (short !== undefined) return short;
        await clock.sleep(READ_TO_WRITE_GAP_MS);
        const args: WriteArgs = [holdArgs(request, clock.nowUs()), stockRead];
        return holdOutcome(await store.callAdmitted<HoldReply>('unsafeWrite', args));
      },
    };
  },
};
