/** The positive control: reads, checks, and later writes back what it computed. Oversells. */
import type { HoldArgs, HoldReply } from '../hold-tables.ts';
import { holdArgs, holdOutcome, twoPhaseActions } from '../two-phase.ts';
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
  declaredBreaches: () => ['I1', 'I2', 'I3', 'I6', 'I7'],
  emulated: () => '',

  procedures({ db, tables, cells }) {
    const write = db.prepare('UPDATE stock SET available = ? WHERE sku = ?');
    return {
      unsafeRead: (skus: readonly string[]) => skus.map((sku) => cells.freeOf(sku) ?? 0),
      unsafeWrite: ([hold, stockRead]: WriteArgs) =>
        tables.hold(hold, (sku, units, lineIndex) => {
          write.run((stockRead[lineIndex] as number) - units, sku);
          return true;
        }),
    };
  },

  actions(context) {
    const { store, clock } = context;
    return {
      ...twoPhaseActions(context),
      async hold(request) {
        const { lines } = request;
        const skus = lines.map((line) => line.sku);
        const stockRead = await store.call<number[]>('unsafeRead', skus);
        const short = lines.find((line, i) => (stockRead[i] ?? 0) < line.quantity);
        if (short !== undefined) return { held: false, code: 'sold_out', sku: short.sku };
        await clock.sleep(READ_TO_WRITE_GAP_MS);
        const args: WriteArgs = [holdArgs(request, clock.nowUs()), stockRead];
        return holdOutcome(await store.callAdmitted<HoldReply>('unsafeWrite', args));
      },
    };
  },
};
