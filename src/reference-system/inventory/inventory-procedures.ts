/** Tables of the inventory and the procedures that every locking strategy shares. */
import type { Database } from 'better-sqlite3';
import type { Procedure, ProcedureModule } from '../storage/procedure-module.ts';
import { type HoldArgs, holdTables } from './hold-tables.ts';
import { inventoryReads } from './inventory-reads.ts';
import { resolveProcedures } from './resolve-procedures.ts';
import { plainCells } from './stock-cells.ts';
import { stockForm } from './stock-form.ts';
import { strategyOptions } from './strategy-options.ts';
import { findStrategy, strategySchemas } from './strategy-registry.ts';

/**
 * `holds.state`: 0 held, 1 committed, 2 released, 3 expired. All holds of a checkout move together.
 * `claims` counts the units that a customer holds or bought of a SKU with a purchase limit.
 * `stock.available` is where the free units lie unless the strategy keeps them elsewhere.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS stock (
  sku TEXT PRIMARY KEY,
  seeded INTEGER NOT NULL,
  restocked INTEGER NOT NULL DEFAULT 0,
  available INTEGER NOT NULL CHECK (available >= 0)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS holds (
  checkout TEXT NOT NULL,
  sku TEXT NOT NULL,
  units INTEGER NOT NULL CHECK (units > 0),
  state INTEGER NOT NULL DEFAULT 0,
  customer TEXT NOT NULL,
  limited INTEGER NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  resolved INTEGER NOT NULL DEFAULT 0,
  resolutions INTEGER NOT NULL DEFAULT 0,
  returned INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (checkout, sku)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS holds_open ON holds (expires, sku, units) WHERE state = 0;
CREATE TABLE IF NOT EXISTS claims (
  customer TEXT NOT NULL,
  sku TEXT NOT NULL,
  units INTEGER NOT NULL CHECK (units >= 0),
  PRIMARY KEY (customer, sku)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stock_form (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  form TEXT NOT NULL
);
`;

export const inventoryProcedures: ProcedureModule = {
  name: 'inventory',
  schema: SCHEMA + strategySchemas,
  prepare: (db: Database, { strategy: name, strategyOptions: given }) => {
    const strategy = findStrategy(name);
    const options = strategyOptions(given ?? {});
    const tables = holdTables(db);
    const cells = strategy.cells?.(db, options) ?? plainCells(db);
    const shared: Record<string, Procedure> = {
      ...inventoryReads(db, cells),
      ...resolveProcedures(db, cells),
      ...stockForm(db, cells),
      hold: (args: HoldArgs) => tables.hold(args, (sku, units) => cells.take(sku, units, args[0])),
    };
    return { ...shared, ...strategy.procedures?.({ db, tables, cells, options, shared }) };
  },
};
