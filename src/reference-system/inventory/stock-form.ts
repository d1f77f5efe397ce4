/** Moves the stock into the form in which the strategy of this start keeps it. */
import type { Database } from 'better-sqlite3';
import type { Procedure } from '../storage/procedure-module.ts';
import { COMMITTED, HELD } from './hold-tables.ts';
import { plainCells, type StockCells } from './stock-cells.ts';

export function stockForm(db: Database, cells: StockCells): Record<string, Procedure> {
  const formOf = db.prepare('SELECT form FROM stock_form').pluck();
  const setForm = db.prepare('INSERT OR REPLACE INTO stock_form (one, form) VALUES (1, ?)');
  const all = db.prepare('SELECT sku, seeded + restocked FROM stock').raw();
  const bound = db
    .prepare(
      `SELECT coalesce(sum(units), 0) FROM holds
       WHERE sku = ? AND (state = ${HELD} OR (state = ${COMMITTED} AND returned = 0))`,
    )
    .pluck();
  const plain = plainCells(db);
  return {
    takeForm: () => {
      // A file without a mark is older than the forms.
      const before = (formOf.get() as string | undefined) ?? plain.form;
      if (before === cells.form) return;
      for (const [sku, supply] of all.all() as [string, number][]) {
        // An oversold SKU has less than nothing left.
        cells.reset(sku, Math.max(0, supply - (bound.get(sku) as number)));
      }
      setForm.run(cells.form);
    },
  };
}
