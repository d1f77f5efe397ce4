/** Version compare-and-set: reads, checks, and writes only if nobody wrote in between. */
import type { StrategyOptions } from '../../../contract/profile.ts';
import { Undone } from '../../storage/procedure-module.ts';
import type { HoldArgs, HoldReply } from '../hold-tables.ts';
import { plainCells, type StockCells } from '../stock-cells.ts';
import {
  contention,
  firstShort,
  holdArgs,
  holdOutcome,
  skusOf,
  twoPhaseActions,
} from '../two-phase.ts';
import type { InventoryStrategy } from './strategy.ts';

/** Per line, what was read. */
type Seen = readonly [free: readonly number[], versions: readonly number[]];
type WriteArgs = readonly [hold: HoldArgs, seen: Seen];

/** The wait before another attempt doubles this often. */
const MAX_DOUBLINGS = 5;

function backoffMs({ retryBackoffMs }: StrategyOptions, attempt: number): number {
  return retryBackoffMs * 2 ** Math.min(attempt, MAX_DOUBLINGS);
}

export const optimistic: InventoryStrategy = {
  name: 'optimistic',
  explanation: 'version compare-and-set with bounded retries; retry storm, "contention" when hot',
  declaredBreaches: () => [],
  emulated: () => '',

  longestWaitMs(options) {
    let totalMs = 0;
    for (let attempt = 0; attempt < options.retries; attempt++) {
      totalMs += backoffMs(options, attempt);
    }
    return totalMs;
  },

  schema: `
CREATE TABLE IF NOT EXISTS stock_versions (
  sku TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) WITHOUT ROWID;
`,

  inStore(db) {
    const plain = plainCells(db);
    const versionOf = db.prepare('SELECT version FROM stock_versions WHERE sku = ?').pluck();
    const compareAndSet = db.prepare(
      `INSERT INTO stock_versions (sku, version) VALUES (?, 1)
       ON CONFLICT DO UPDATE SET version = version + 1 WHERE version = ?`,
    );
    const readVersion = (sku: string): number => (versionOf.get(sku) as number | undefined) ?? 0;
    const bump = (sku: string): void => {
      compareAndSet.run(sku, readVersion(sku));
    };
    // Whoever changes the stock changes its version, or a give-back would be written over.
    const cells: StockCells = {
      ...plain,
      add(sku, units) {
        plain.add(sku, units);
        bump(sku);
      },
      giveBack(sku, units, checkout) {
        plain.giveBack(sku, units, checkout);
        bump(sku);
      },
    };
    return {
      cells,
      procedures: (tables) => ({
        versionedRead: (skus: readonly string[]): Seen => [
          skus.map((sku) => plain.freeOf(sku) ?? 0),
          skus.map(readVersion),
        ],
        versionedHold: ([hold, [free, versions]]: WriteArgs) => {
          let overtakenAt = '';
          const reply = tables.hold(hold, (sku, units, i) => {
            if (compareAndSet.run(sku, versions[i]).changes === 0) {
              overtakenAt = sku;
              return false;
            }
            plain.reset(sku, (free[i] as number) - units);
            return true;
          });
          return overtakenAt === '' ? reply : new Undone(['contention', overtakenAt]);
        },
      }),
    };
  },

  actions(context) {
    const { store, clock, prng, options, counting } = context;
    return {
      ...twoPhaseActions(context),
      async hold(request) {
        const skus = skusOf(request);
        for (let attempt = 0; ; attempt++) {
          const seen =
            attempt === 0
              ? await store.call<Seen>('versionedRead', skus)
              : await store.callAdmitted<Seen>('versionedRead', skus);
          const short = firstShort(request, seen[0]);
          if (short !== undefined) return short;
          const args: WriteArgs = [holdArgs(request, clock.nowUs()), seen];
          const reply = await store.callAdmitted<HoldReply>('versionedHold', args);
          if (reply[0] !== 'contention') return holdOutcome(reply);
          counting.conflicts++;
          if (attempt >= options.retries) return contention(request);
          counting.attempts++;
          // Full jitter: those who met once must not meet again.
          const waitMs = prng.unit() * backoffMs(options, attempt);
          if (waitMs > 0) await clock.sleep(waitMs);
        }
      },
    };
  },
};
