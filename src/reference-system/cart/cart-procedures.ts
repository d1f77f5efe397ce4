/** Tables and procedures of the cart. */
import type { Database } from 'better-sqlite3';
import { type ProcedureModule, Undone } from '../storage/procedure-module.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS cart_lines (
  customer TEXT NOT NULL,
  sku TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  price INTEGER NOT NULL,
  touched INTEGER NOT NULL,
  PRIMARY KEY (customer, sku)
) WITHOUT ROWID;
`;

/** sku, quantity, price; or null when a limit would be exceeded. */
export type CartRows = readonly (readonly [string, number, number])[];

export type PutArgs = readonly [
  customer: string,
  sku: string,
  quantity: number,
  priceMinor: number,
  nowUs: number,
  maxLines: number,
  maxQuantity: number,
];

export const cartProcedures: ProcedureModule = {
  name: 'cart',
  schema: SCHEMA,
  prepare: (db: Database) => {
    const lines = db
      .prepare('SELECT sku, quantity, price FROM cart_lines WHERE customer = ? ORDER BY sku')
      .raw();
    // The price of the first add stays: that is the lock.
    const add = db.prepare(
      `INSERT INTO cart_lines (customer, sku, quantity, price, touched) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity,
         touched = excluded.touched`,
    );
    const remove = db.prepare('DELETE FROM cart_lines WHERE customer = ? AND sku = ?');
    const clear = db.prepare('DELETE FROM cart_lines WHERE customer = ? AND touched <= ?');
    return {
      view: (customer: string) => lines.all(customer),
      put: ([customer, sku, quantity, price, nowUs, maxLines, maxQuantity]: PutArgs) => {
        if (quantity === 0) {
          remove.run(customer, sku);
          return lines.all(customer);
        }
        add.run(customer, sku, quantity, price, nowUs);
        const rows = lines.all(customer) as CartRows;
        const tooMany = rows.length > maxLines || rows.some((row) => row[1] > maxQuantity);
        return tooMany ? new Undone(null) : rows;
      },
      clear: (customers: readonly (readonly [string, number])[]) => {
        for (const [customer, untilUs] of customers) clear.run(customer, untilUs);
      },
    };
  },
};
