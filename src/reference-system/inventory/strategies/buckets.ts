/**
 * The stock of a SKU is split into parts, and each shopper goes to one of them: as many rows as
 * there are buckets share the load. What one bucket lacks another may have: without stealing such
 * units are stranded.
 */
import type { Database } from 'better-sqlite3';
import { assert } from '../../../base/assert.ts';
import { hashName } from '../../../base/prng.ts';
import { Undone } from '../../storage/procedure-module.ts';
import type { HoldArgs, HoldReply } from '../hold-tables.ts';
import { rowLocked } from '../row-locks.ts';
import type { StockCells } from '../stock-cells.ts';
import { guardedActions } from '../two-phase.ts';
import type { InventoryStrategy } from './strategy.ts';

/** The bucket that a checkout takes from first and gives back to. */
export function homeBucket(checkout: string, buckets: number): number {
  return hashName(checkout) % buckets;
}

interface BucketCells extends StockCells {
  /** Units that `take` found outside the home bucket so far. */
  stolen(): number;
}

export const buckets: InventoryStrategy = {
  name: 'buckets',
  explanation: 'stock split into parts that share the load; strands units without stealing',
  declaredBreaches: ({ stealing }) => (stealing ? [] : ['I2']),
  emulated: ({ lockHoldMs = 0 }) => (lockHoldMs > 0 ? 'row locks are held in the shop' : ''),
  longestWaitMs: ({ lockHoldMs = 0, lockTimeoutMs }) => (lockHoldMs > 0 ? lockTimeoutMs : 0),

  schema: `
CREATE TABLE IF NOT EXISTS stock_buckets (
  sku TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  available INTEGER NOT NULL CHECK (available >= 0),
  PRIMARY KEY (sku, bucket)
) WITHOUT ROWID;
`,

  inStore(db, options) {
    const cells = bucketCells(db, options.buckets, options.stealing);
    return {
      cells,
      procedures: (_tables, { hold }) => ({
        hold: (args: HoldArgs) => {
          const before = cells.stolen();
          const reply = hold?.(args) as HoldReply | Undone;
          const stolen = cells.stolen() - before;
          return stolen === 0 || reply instanceof Undone ? reply : [...reply, stolen];
        },
      }),
    };
  },

  actions(context) {
    const { options, counting } = context;
    const noteSteals = (stolen: number): void => {
      counting.steals += stolen;
    };
    return rowLocked(context, guardedActions(context, noteSteals), {
      holdMs: options.lockHoldMs ?? 0,
      keysOf: ({ checkoutId, lines }) => {
        const home = homeBucket(checkoutId, options.buckets);
        return lines.map(({ sku }) => `${sku}#${home}`);
      },
    });
  },
};

function bucketCells(db: Database, count: number, stealing: boolean): BucketCells {
  const sum = db.prepare('SELECT sum(available) FROM stock_buckets WHERE sku = ?').pluck();
  const takeAll = db.prepare(
    `UPDATE stock_buckets SET available = available - ?
     WHERE sku = ? AND bucket = ? AND available >= ?`,
  );
  const rows = db.prepare('SELECT bucket, available FROM stock_buckets WHERE sku = ?').raw();
  const put = db.prepare(
    `INSERT INTO stock_buckets (sku, bucket, available) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET available = available + excluded.available`,
  );
  const clear = db.prepare('DELETE FROM stock_buckets WHERE sku = ?');
  const emptyRow = db.prepare('UPDATE stock SET available = 0 WHERE sku = ?');
  let stolen = 0;

  /** Takes `units` from wherever they are, beginning at `first`; they must be there. */
  function gather(sku: string, units: number, first: number): void {
    const found = (rows.all(sku) as [number, number][]).sort(
      ([a], [b]) => ((a - first + count) % count) - ((b - first + count) % count),
    );
    let missing = units;
    for (const [bucket, available] of found) {
      const taken = Math.min(available, missing);
      if (taken > 0) takeAll.run(taken, sku, bucket, taken);
      if (bucket !== first) stolen += taken;
      missing -= taken;
    }
    assert(missing === 0, `the buckets of ${sku} hold less than their sum`);
  }

  function add(sku: string, units: number): void {
    if (units < 0) {
      const free = (sum.get(sku) as number | null) ?? 0;
      assert(free >= -units, `${sku} has less than ${-units} units left`);
      gather(sku, -units, 0);
      return;
    }
    for (let bucket = 0; bucket < count; bucket++) {
      const share = Math.floor(units / count) + (bucket < units % count ? 1 : 0);
      put.run(sku, bucket, share);
    }
  }

  return {
    form: `buckets ${count}`,
    stolen: () => stolen,
    freeOf: (sku) => (sum.get(sku) as number | null) ?? undefined,
    take(sku, units, checkout) {
      const home = homeBucket(checkout, count);
      if (takeAll.run(units, sku, home, units).changes === 1) return true;
      if (!stealing || ((sum.get(sku) as number | null) ?? 0) < units) return false;
      gather(sku, units, home);
      return true;
    },
    add,
    giveBack: (sku, units, checkout) => {
      put.run(sku, homeBucket(checkout, count), units);
    },
    reset(sku, free) {
      emptyRow.run(sku);
      clear.run(sku);
      add(sku, free);
    },
  };
}
