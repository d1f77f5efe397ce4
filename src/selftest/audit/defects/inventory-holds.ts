/** Defects of holds: when they end, how often, and who may have them. */
import type { Defect } from '../defect.ts';
import { defectsOf } from './of-inventory.ts';

const EARLY_MS = 1500;
const STALE_MS = 900;

export const HOLD_DEFECTS: readonly Defect[] = [
  {
    id: 'sweeper-dies',
    text: 'the expiry sweep stops for good after its first batch of work',
    invariant: 'I2',
    traffic: { abandonShare: 0.4 },
    plant: () => ({
      inventory: (real) => {
        let isDead = false;
        return {
          ...real,
          expireDue: async () => {
            if (isDead) return 0;
            const expired = await real.expireDue();
            isDead = expired > 0;
            return expired;
          },
        };
      },
    }),
  },
  {
    id: 'sweeper-late',
    text: 'the expiry sweep runs far less often than promised',
    invariant: 'I5',
    traffic: { abandonShare: 0.4 },
    plant: ({ clock }) => ({
      inventory: (real) => {
        let nextUs = clock.nowUs() + 6e6;
        return {
          ...real,
          expireDue: async () => {
            if (clock.nowUs() < nextUs) return 0;
            nextUs = clock.nowUs() + 6e6;
            return real.expireDue();
          },
        };
      },
    }),
  },
  {
    id: 'sweeper-skips-pairs',
    text: 'holds of more than one unit are never swept',
    invariant: 'I2',
    traffic: { abandonShare: 0.4 },
    plant: () => ({
      rewrites: [
        {
          store: 'inventory',
          from: 'WHERE state = 0 AND expires <= ? LIMIT ?',
          to: 'WHERE state = 0 AND units = 1 AND expires <= ? LIMIT ?',
        },
      ],
    }),
  },
  {
    id: 'early-expiry',
    text: 'the sweep goes by a clock that runs ahead: holds expire before their time',
    invariant: 'I5',
    plant: () =>
      defectsOf.procedures((real, db) => {
        const stamp = db.prepare('UPDATE holds SET resolved = ? WHERE state = 3 AND resolved > ?');
        return {
          expireDue: ([nowUs, ...rest]: readonly [number, ...number[]]) => {
            const expired: unknown = real['expireDue']?.([nowUs + EARLY_MS * 1000, ...rest]);
            stamp.run(nowUs, nowUs);
            return expired;
          },
        };
      }),
  },
  {
    id: 'commit-after-expiry',
    text: 'a hold can be bought after its time as long as no sweep has come by',
    invariant: 'I4',
    traffic: { lateShare: 0.5 },
    plant: () =>
      defectsOf.procedures((real, db) => {
        const stamp = db.prepare('UPDATE holds SET resolved = ? WHERE checkout = ? AND state = 1');
        return {
          commit: ([checkout, nowUs]: readonly [string, number]) => {
            const answer: unknown = real['commit']?.([checkout, 0]);
            if (answer === 'done') stamp.run(nowUs, checkout);
            return answer;
          },
        };
      }),
  },
  {
    id: 'commit-and-expiry-both-win',
    text: 'a hold whose units went back on sale can still be bought',
    invariant: 'I4',
    traffic: { lateShare: 0.6 },
    plant: () =>
      defectsOf.procedures((real, db) => {
        const again = db.prepare(
          'UPDATE holds SET state = 1, resolutions = resolutions + 1 WHERE checkout = ?',
        );
        return {
          commit: (args: readonly [string, number]) => {
            const answer: unknown = real['commit']?.(args);
            if (answer !== 'already_expired') return answer;
            again.run(args[0]);
            return 'done';
          },
        };
      }),
  },
  {
    id: 'released-hold-expires-too',
    text: 'the sweep also ends holds that were released already',
    invariant: 'I4',
    traffic: { declinedShare: 0.4 },
    plant: () =>
      defectsOf.procedures((real, db) => {
        const due = db.prepare(
          'SELECT checkout, sku, units FROM holds WHERE state = 2 AND expires <= ?',
        );
        const end = db.prepare(
          'UPDATE holds SET state = 3, resolutions = resolutions + 1 WHERE checkout = ?',
        );
        const add = db.prepare('UPDATE stock SET available = available + ? WHERE sku = ?');
        return {
          expireDue: (args) => {
            const rows = due.all(args[0]) as { checkout: string; sku: string; units: number }[];
            for (const { checkout, sku, units } of rows) {
              add.run(units, sku);
              end.run(checkout);
            }
            return real['expireDue']?.(args);
          },
        };
      }),
  },
  {
    id: 'commit-without-effect',
    text: 'a confirmed order leaves its units on hold: they go back on sale when the hold ends',
    invariant: 'I1',
    traffic: { units: [4, 6] },
    plant: () => ({ inventory: (real) => ({ ...real, commit: async () => 'done' }) }),
  },
  {
    id: 'decline-keeps-units',
    text: 'the units of an order that was declined stay with it',
    invariant: 'P7',
    traffic: { declinedShare: 0.3 },
    plant: () => ({
      inventory: (real) => ({
        ...real,
        release: async (checkoutId) => {
          await real.commit(checkoutId);
          return 'done';
        },
      }),
    }),
  },
  {
    id: 'sticky-sold-out',
    text: 'what was sold out once is called sold out for ever',
    invariant: 'I2',
    traffic: { cancelShare: 0.4, abandonShare: 0.3 },
    plant: () => ({
      inventory: (real) => {
        const soldOut = new Set<string>();
        return {
          ...real,
          hold: async (request) => {
            const gone = request.lines.find(({ sku }) => soldOut.has(sku));
            if (gone !== undefined) return { held: false, code: 'sold_out', sku: gone.sku };
            const outcome = await real.hold(request);
            if (!outcome.held && outcome.code === 'sold_out') soldOut.add(outcome.sku);
            return outcome;
          },
        };
      },
    }),
  },
  {
    id: 'limit-per-checkout',
    text: 'the purchase limit is asked of each checkout alone',
    invariant: 'O7',
    traffic: { returning: 3, returningShare: 0.8, units: [30, 16] },
    plant: () => ({
      rewrites: [
        {
          store: 'inventory',
          from: 'WHERE units + excluded.units <= ?',
          to: 'WHERE excluded.units <= ?',
        },
      ],
    }),
  },
  {
    id: 'limit-not-at-all',
    text: 'nobody asks for the purchase limit',
    invariant: 'O7',
    traffic: { returning: 3, returningShare: 0.8, units: [30, 16] },
    plant: () => ({
      inventory: (real) => ({
        ...real,
        hold: (request) => real.hold({ ...request, limitedSkus: [] }),
      }),
    }),
  },
  {
    id: 'second-hold-for-one-checkout',
    text: 'a checkout holds its units twice, the second time for nobody',
    invariant: 'I2',
    plant: () => ({
      inventory: (real) => ({
        ...real,
        hold: async (request) => {
          const outcome = await real.hold(request);
          const endless = { ...request, expiresAtUs: request.expiresAtUs + 3600e6 };
          if (outcome.held) await real.hold({ ...endless, checkoutId: `${request.checkoutId}.b` });
          return outcome;
        },
      }),
    }),
  },
  {
    id: 'refused-hold-keeps-units',
    text: 'a checkout that the purchase limit refuses keeps the units it had taken',
    invariant: 'I3',
    traffic: { returning: 3, returningShare: 0.8, units: [30, 16] },
    plant: () =>
      defectsOf.procedures((real, db) => {
        const take = db.prepare('UPDATE stock SET available = max(0, available - ?) WHERE sku = ?');
        return {
          hold: (args) => {
            const reply = real['hold']?.(args) as { value?: readonly string[] };
            const [sku, units] = args[5] as [string, number];
            if (reply.value?.[0] !== 'limit_reached') return reply;
            // What undoes the attempt has run by the time that this does.
            db.exec('ROLLBACK TO request');
            take.run(units, sku);
            return reply.value;
          },
        };
      }),
  },
  {
    id: 'stale-stock-reads',
    text: 'shoppers are shown the stock of a replica that lags behind',
    invariant: 'I7',
    plant: ({ clock }) => ({
      inventory: (real) => {
        const shown = new Map<string, { atUs: number; stock: number | undefined }>();
        return {
          ...real,
          stockOf: async (sku) => {
            const old = shown.get(sku);
            if (old !== undefined && clock.nowUs() - old.atUs < STALE_MS * 1000) return old.stock;
            const stock = await real.stockOf(sku);
            shown.set(sku, { atUs: clock.nowUs(), stock });
            return stock;
          },
        };
      },
    }),
  },
  {
    id: 'held-units-shown-as-free',
    text: 'shoppers are shown what is not sold, held units included',
    invariant: 'I7',
    plant: () => ({
      inventory: (real) => ({
        ...real,
        stockOf: async (sku) => {
          const [stock, seen] = await Promise.all([real.stockOf(sku), real.observe([sku])]);
          return stock === undefined ? undefined : stock + seen.held;
        },
      }),
    }),
  },
  {
    id: 'stock-shown-twice',
    text: 'the shown stock counts every unit twice',
    invariant: 'I6',
    plant: () => ({
      inventory: (real) => ({
        ...real,
        stockOf: async (sku) => {
          const stock = await real.stockOf(sku);
          return stock === undefined ? undefined : stock * 2;
        },
      }),
    }),
  },
  {
    id: 'reads-from-two-replicas',
    text: 'every other look at the stock is answered by a replica that lags behind',
    invariant: 'I8',
    traffic: { looks: 4, abandonShare: 0, cancelShare: 0, lateShare: 0, restockShare: 0 },
    plant: () => ({
      inventory: (real) => {
        const first = new Map<string, number | undefined>();
        let looks = 0;
        return {
          ...real,
          stockOf: async (sku) => {
            const stock = await real.stockOf(sku);
            if (!first.has(sku)) first.set(sku, stock);
            return ++looks % 2 === 0 ? first.get(sku) : stock;
          },
        };
      },
    }),
  },
];
