/** Defects of the stock itself: how units are taken, given back and put on sale. */
import type { Defect } from '../defect.ts';
import { defectsOf } from './of-inventory.ts';

const NO_FLOOR = {
  store: 'inventory',
  from: 'available INTEGER NOT NULL CHECK (available >= 0)',
  to: 'available INTEGER NOT NULL',
} as const;
const ADD = 'UPDATE stock SET available = available + ? WHERE sku = ?';

export const UNIT_DEFECTS: readonly Defect[] = [
  {
    id: 'read-then-write',
    text: 'stock is read, checked and written back without a lock',
    invariant: 'I1',
    plant: () => ({ strategy: 'unsafe' }),
  },
  {
    id: 'no-guard',
    text: 'the update that takes units does not ask whether there are enough',
    invariant: 'I1',
    plant: () => ({
      rewrites: [
        NO_FLOOR,
        {
          store: 'inventory',
          from: 'WHERE sku = ? AND available >= ?',
          to: 'WHERE sku = ? AND ? > 0',
        },
      ],
    }),
  },
  {
    id: 'last-unit-unsellable',
    text: '"more than" stands where "at least" was meant: the last unit is never sold',
    invariant: 'I2',
    plant: () => ({
      rewrites: [{ store: 'inventory', from: 'AND available >= ?', to: 'AND available > ?' }],
    }),
  },
  {
    id: 'stale-absolute-write',
    text: 'the new stock is computed from what was read some holds ago',
    invariant: 'I3',
    plant: () => {
      const remembered = new Map<string, number>();
      let holds = 0;
      return defectsOf.procedures((real, db) => {
        const read = db.prepare('SELECT available FROM stock WHERE sku = ?').pluck();
        const write = db.prepare('UPDATE stock SET available = ? WHERE sku = ?');
        return {
          hold: (args) => {
            const reply = real['hold']?.(args) as readonly unknown[];
            const [sku, units] = args[5] as [string, number];
            if (!Array.isArray(reply) || reply[0] !== 'held') return reply;
            const before = remembered.get(sku) ?? (read.get(sku) as number);
            if (++holds % 3 === 0 && before >= units) write.run(before - units, sku);
            remembered.set(sku, read.get(sku) as number);
            return reply;
          },
        };
      });
    },
  },
  {
    id: 'quantity-ignored',
    text: 'every hold takes one unit off the stock, whatever was asked for',
    invariant: 'I3',
    plant: () => ({
      rewrites: [
        {
          store: 'inventory',
          from: 'SET available = available - ?',
          to: 'SET available = available - min(1, ?)',
        },
      ],
    }),
  },
  {
    id: 'two-units-per-unit',
    text: 'every hold takes one unit too many off the stock',
    invariant: 'I2',
    plant: () => ({
      rewrites: [
        NO_FLOOR,
        {
          store: 'inventory',
          from: 'SET available = available - ?',
          to: 'SET available = max(0, available - 1 - ?)',
        },
      ],
    }),
  },
  {
    id: 'release-forgets-units',
    text: 'a released hold does not put its units back on sale',
    invariant: 'I2',
    traffic: { declinedShare: 0.4 },
    plant: () => defectsOf.afterResolving('release', 'done', -1),
  },
  {
    id: 'release-counts-twice',
    text: 'a release puts the units back twice',
    invariant: 'I3',
    traffic: { declinedShare: 0.4 },
    plant: () => defectsOf.afterResolving('release', 'done', 1),
  },
  {
    id: 'repeated-release-counts-again',
    text: 'a release that is asked for again puts the units back again',
    invariant: 'I3',
    traffic: { declinedShare: 0.5, crashes: 4, crashPoints: ['decline: released'] },
    plant: () => defectsOf.afterResolving('release', 'already_released', 1),
  },
  {
    id: 'return-forgets-units',
    text: 'a cancelled order does not put its units back on sale',
    invariant: 'I2',
    traffic: { cancelShare: 0.5 },
    plant: () => defectsOf.afterResolving('returnUnits', 'done', -1),
  },
  {
    id: 'repeated-return-counts-again',
    text: 'a cancellation that is carried on after a crash puts the units back again',
    invariant: 'I3',
    traffic: { cancelShare: 0.6, crashes: 4, crashPoints: ['refund: units returned'] },
    plant: () => defectsOf.afterResolving('returnUnits', 'already_released', 1),
  },
  {
    id: 'expiry-forgets-units',
    text: 'a hold that expires does not put its units back on sale',
    invariant: 'I2',
    traffic: { abandonShare: 0.4 },
    plant: () =>
      defectsOf.procedures((real, db) => {
        const dueLines = db.prepare(
          'SELECT sku, units FROM holds WHERE state = 0 AND expires <= ?',
        );
        const add = db.prepare(ADD);
        return {
          expireDue: (args) => {
            const lines = dueLines.all(args[0]) as { sku: string; units: number }[];
            const expired = real['expireDue']?.(args);
            for (const { sku, units } of lines) add.run(-units, sku);
            return expired;
          },
        };
      }),
  },
  {
    id: 'restock-overwrites',
    text: 'a restock sets the stock to the new units instead of adding them',
    invariant: 'I3',
    traffic: { restockShare: 1, units: [14, 16] },
    plant: () => ({
      rewrites: [
        {
          store: 'inventory',
          from: 'SET available = ? + available',
          to: 'SET available = ?',
        },
      ],
    }),
  },
  {
    id: 'restock-not-for-sale',
    text: 'a restock is written down but its units are not put on sale',
    invariant: 'I2',
    traffic: { restockShare: 1 },
    plant: () => ({
      rewrites: [
        {
          store: 'inventory',
          from: 'SET available = ? + available',
          to: 'SET available = (restocked = 0) * ? + available',
        },
      ],
    }),
  },
  {
    id: 'restock-twice',
    text: 'a restock is carried out twice',
    invariant: 'I3',
    traffic: { restockShare: 1 },
    plant: () => ({
      inventory: (real) => ({
        ...real,
        restock: async (sku, units) => {
          await real.restock(sku, units);
          await real.restock(sku, units);
        },
      }),
    }),
  },
  {
    id: 'stock-only-in-cache',
    text: 'the stock lives in a cache that a crash resets to what was seeded',
    invariant: 'I3',
    traffic: { crashes: 2, units: [12, 20] },
    plant: ({ life }) =>
      defectsOf.procedures((_real, db) => {
        if (life > 1) db.exec('UPDATE stock SET available = seeded + restocked');
        return {};
      }),
  },
];
