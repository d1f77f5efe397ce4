/** Where the free units of a SKU lie: what taking them and giving them back means in the tables. */
import type { Database } from 'better-sqlite3';

/** Runs in the store thread, inside the savepoint of the procedure that calls it. */
export interface StockCells {
  /** Names the form in the file: stock that lies in another one is moved over at the start. */
  readonly form: string;
  /** Undefined when there is no stock of the SKU. */
  freeOf(sku: string): number | undefined;
  /** All of `units` (≥ 1) or none. */
  take(sku: string, units: number, checkout: string): boolean;
  /** More supply, or less when `units` is negative; throws when less than nothing would be left. */
  add(sku: string, units: number): void;
  /** Of a hold that was released or expired, or of an order that was returned. */
  giveBack(sku: string, units: number, checkout: string): void;
  /** The units that the checkout holds are sold. */
  sold?(checkout: string): void;
  /** Forgets how the units lay, and lays down `free` of them anew. */
  reset(sku: string, free: number): void;
}

/** One number in the row of the SKU. */
export function plainCells(db: Database): StockCells {
  const free = db.prepare('SELECT available FROM stock WHERE sku = ?').pluck();
  const take = db.prepare(
    'UPDATE stock SET available = available - ? WHERE sku = ? AND available >= ?',
  );
  const add = db.prepare('UPDATE stock SET available = available + ? WHERE sku = ?');
  const reset = db.prepare('UPDATE stock SET available = ? WHERE sku = ?');
  return {
    form: 'plain',
    freeOf: (sku) => free.get(sku) as number | undefined,
    take: (sku, units) => take.run(units, sku, units).changes === 1,
    add: (sku, units) => {
      add.run(units, sku);
    },
    giveBack: (sku, units) => {
      add.run(units, sku);
    },
    reset: (sku, units) => {
      reset.run(units, sku);
    },
  };
}
