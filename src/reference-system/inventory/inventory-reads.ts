/** Stock, seeding and the listings for observation and ledger. */
import type { Database } from 'better-sqlite3';
import { assert } from '../../base/assert.ts';
import type { HoldRow, StockRow } from '../../contract/ledger.ts';
import type { Procedure } from '../storage/procedure-module.ts';
import { HOLD_STATES } from './hold-tables.ts';
import type { StockCells } from './stock-cells.ts';

type HoldTuple = [
  checkout: string,
  sku: string,
  units: number,
  state: number,
  created: number,
  expires: number,
  resolved: number,
  resolutions: number,
];

export function inventoryReads(db: Database, cells: StockCells): Record<string, Procedure> {
  const heldOf = db
    .prepare('SELECT coalesce(sum(units), 0) FROM holds WHERE state = 0 AND sku = ?')
    .pluck();
  const seededOf = db.prepare('SELECT seeded FROM stock WHERE sku = ?').pluck();
  const seed = db.prepare(
    `INSERT INTO stock (sku, seeded, available) VALUES (?, ?, 0)
     ON CONFLICT DO UPDATE SET seeded = excluded.seeded`,
  );
  const restock = db.prepare('UPDATE stock SET restocked = restocked + ? WHERE sku = ?');
  return {
    stockOf: (sku: string) => cells.freeOf(sku) ?? null,
    observe: (skus: readonly string[]) => {
      let available = 0;
      let held = 0;
      for (const sku of skus) {
        available += cells.freeOf(sku) ?? 0;
        held += heldOf.get(sku) as number;
      }
      return [available, held];
    },
    seed: (rows: readonly (string | number)[]) => {
      for (let i = 0; i < rows.length; i += 2) {
        const sku = rows[i] as string;
        const units = rows[i + 1] as number;
        const before = (seededOf.get(sku) as number | undefined) ?? 0;
        seed.run(sku, units);
        if (units !== before) cells.add(sku, units - before);
      }
    },
    restock: ([sku, units]: readonly [string, number]) => {
      assert(restock.run(units, sku).changes === 1, `there is no stock of ${sku}`);
      cells.add(sku, units);
    },
    ...ledgerReads(db, cells),
  };
}

function ledgerReads(db: Database, cells: StockCells): Record<string, Procedure> {
  const stock = db.prepare('SELECT sku, seeded, restocked FROM stock ORDER BY sku');
  // The ledger counts the hold rows themselves, not a counter that could err with the stock.
  const sums = db
    .prepare(
      `SELECT sku, sum(CASE state WHEN 0 THEN units ELSE 0 END),
              sum(CASE WHEN state = 1 AND returned = 0 THEN units ELSE 0 END)
       FROM holds GROUP BY sku`,
    )
    .raw();
  const holds = db
    .prepare(
      `SELECT checkout, sku, units, state, created, expires, resolved, resolutions FROM holds
       WHERE (checkout, sku) > (?, ?) ORDER BY checkout, sku LIMIT ?`,
    )
    .raw();
  return {
    stockRows: (): StockRow[] => {
      const bySku = new Map<string, [number, number]>();
      for (const [sku, held, committed] of sums.all() as [string, number, number][]) {
        bySku.set(sku, [held, committed]);
      }
      const rows = stock.all() as Omit<StockRow, 'available' | 'held' | 'committed'>[];
      return rows.map((row) => {
        const [held, committed] = bySku.get(row.sku) ?? [0, 0];
        return { ...row, available: cells.freeOf(row.sku) ?? 0, held, committed };
      });
    },
    holdRows: ([checkout, sku, limit]: readonly [string, string, number]): HoldRow[] =>
      (holds.all(checkout, sku, limit) as HoldTuple[]).map(holdRow),
  };
}

function holdRow(tuple: HoldTuple): HoldRow {
  const [checkoutId, sku, units, state, createdAtUs, expiresAtUs, resolvedAtUs, resolutions] =
    tuple;
  return {
    id: `${checkoutId}/${sku}`,
    checkoutId,
    sku,
    units,
    state: HOLD_STATES[state] ?? 'held',
    createdAtUs,
    expiresAtUs,
    resolvedAtUs,
    resolutions,
  };
}
