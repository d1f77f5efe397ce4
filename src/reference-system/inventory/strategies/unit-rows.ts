/**
 * A row per unit, of which a shopper claims free ones and passes over those of others. A bounded
 * pool of rows lies ready; the rest is a number that refills it, or the table would have a row for
 * every unit in the warehouse.
 */
import type { Database } from 'better-sqlite3';
import { assert } from '../../../base/assert.ts';
import { plainCells, type StockCells } from '../stock-cells.ts';
import { guardedActions } from '../two-phase.ts';
import type { InventoryStrategy } from './strategy.ts';

export const unitRows: InventoryStrategy = {
  name: 'unit-rows',
  explanation: 'a row per unit, claimed past those of others; nothing to wait for until empty',
  declaredBreaches: () => [],
  emulated: () => '',

  schema: `
CREATE TABLE IF NOT EXISTS stock_units (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL,
  checkout TEXT
);
CREATE INDEX IF NOT EXISTS stock_units_free ON stock_units (sku) WHERE checkout IS NULL;
CREATE INDEX IF NOT EXISTS stock_units_claimed ON stock_units (checkout, sku)
  WHERE checkout IS NOT NULL;
`,

  inStore: (db, { poolRows }) => ({ cells: unitCells(db, poolRows) }),
  actions: (context) => guardedActions(context),
};

function unitCells(db: Database, poolRows: number): StockCells {
  const reserve = plainCells(db);
  const freeRows = db
    .prepare('SELECT count(*) FROM stock_units WHERE sku = ? AND checkout IS NULL')
    .pluck();
  const claim = db.prepare(
    `UPDATE stock_units SET checkout = ? WHERE id IN
       (SELECT id FROM stock_units WHERE sku = ? AND checkout IS NULL LIMIT ?)`,
  );
  const unclaim = db.prepare(
    'UPDATE stock_units SET checkout = NULL WHERE checkout = ? AND sku = ?',
  );
  const create = db.prepare(
    `INSERT INTO stock_units (sku)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       SELECT ? FROM n`,
  );
  const removeFree = db.prepare(
    `DELETE FROM stock_units WHERE id IN
       (SELECT id FROM stock_units WHERE sku = ? AND checkout IS NULL LIMIT ?)`,
  );
  const removeSold = db.prepare('DELETE FROM stock_units WHERE checkout = ?');
  const removeAll = db.prepare('DELETE FROM stock_units WHERE sku = ?');

  function refill(sku: string, missing: number): void {
    const rows = Math.min(reserve.freeOf(sku) ?? 0, Math.max(poolRows, missing));
    if (rows > 0 && reserve.take(sku, rows, '')) create.run(rows, sku);
  }

  return {
    form: 'unit rows',
    freeOf(sku) {
      const inReserve = reserve.freeOf(sku);
      return inReserve === undefined ? undefined : inReserve + (freeRows.get(sku) as number);
    },
    take(sku, units, checkout) {
      let claimed = claim.run(checkout, sku, units).changes;
      if (claimed === units) return true;
      refill(sku, units - claimed);
      claimed += claim.run(checkout, sku, units - claimed).changes;
      if (claimed === units) return true;
      if (claimed > 0) unclaim.run(checkout, sku);
      return false;
    },
    add(sku, units) {
      const inReserve = reserve.freeOf(sku) ?? 0;
      const fromRows = Math.max(0, -(inReserve + units));
      reserve.add(sku, units + fromRows);
      if (fromRows === 0) return;
      const removed = removeFree.run(sku, fromRows).changes;
      assert(removed === fromRows, `${sku} has less than ${-units} units left`);
    },
    giveBack(sku, units, checkout) {
      // Sold rows are gone, and so are those of a hold that is older than this form.
      const freed = unclaim.run(checkout, sku).changes;
      if (freed < units) reserve.add(sku, units - freed);
    },
    sold: (checkout) => {
      removeSold.run(checkout);
    },
    reset(sku, free) {
      removeAll.run(sku);
      reserve.reset(sku, free);
    },
  };
}
