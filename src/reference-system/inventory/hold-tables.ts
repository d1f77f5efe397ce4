/** The statements on holds and purchase limits that locking strategies are built from. */
import type { Database } from 'better-sqlite3';
import type { HoldState } from '../../contract/ledger.ts';
import { Undone } from '../storage/procedure-module.ts';

/** Index = number in `holds.state`. */
export const HOLD_STATES: readonly HoldState[] = ['held', 'committed', 'released', 'expired'];
export const HELD = 0;
export const COMMITTED = 1;
export const RELEASED = 2;
export const EXPIRED = 3;

/**
 * checkout, customer, now µs, expires µs, limit per customer, lines as sku, units, limited (0 | 1),
 * flat, in SKU order.
 */
export type HoldArgs = readonly [
  checkout: string,
  customer: string,
  nowUs: number,
  expiresUs: number,
  perCustomer: number,
  lines: readonly (string | number)[],
];

/** The code; when refused, the SKU that was short; units that came from elsewhere, if any did. */
export type HoldReply = readonly [
  code: 'held' | 'sold_out' | 'limit_reached' | 'contention',
  sku: string,
  stolen?: number,
];

/** One line's way to its units: true when they were taken, false when there are too few. */
export type TakeUnits = (sku: string, units: number, lineIndex: number) => boolean;

export interface HoldTables {
  /**
   * Holds all lines in the given order or nothing: takes the units with `take`, claims the purchase
   * limit and writes the holds. A second hold of the same checkout repeats the first answer.
   */
  hold(args: HoldArgs, take: TakeUnits): HoldReply | Undone;
}

const HELD_REPLY: HoldReply = ['held', ''];

export function holdTables(db: Database): HoldTables {
  const insert = db.prepare(
    `INSERT INTO holds (checkout, sku, units, customer, limited, created, expires)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const stateOf = db.prepare('SELECT state FROM holds WHERE checkout = ? LIMIT 1').pluck();
  const claim = db.prepare(
    `INSERT INTO claims (customer, sku, units) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET units = units + excluded.units
     WHERE units + excluded.units <= ?`,
  );

  function claimLimit(customer: string, sku: string, units: number, limit: number): boolean {
    return units <= limit && claim.run(customer, sku, units, limit).changes === 1;
  }

  return {
    hold(args, take) {
      const [checkout, customer, nowUs, expiresUs, perCustomer, lines] = args;
      const earlier = stateOf.get(checkout);
      if (earlier !== undefined) {
        return earlier === HELD || earlier === COMMITTED ? HELD_REPLY : ['sold_out', ''];
      }
      for (let i = 0; i < lines.length; i += 3) {
        const sku = lines[i] as string;
        const units = lines[i + 1] as number;
        const limited = lines[i + 2] as number;
        if (!take(sku, units, i / 3)) {
          // The most frequent answer of a sale: with nothing changed there is nothing to undo.
          return i === 0 ? ['sold_out', sku] : new Undone(['sold_out', sku]);
        }
        insert.run(checkout, sku, units, customer, limited, nowUs, expiresUs);
        if (limited === 1 && !claimLimit(customer, sku, units, perCustomer)) {
          return new Undone(['limit_reached', sku]);
        }
      }
      return HELD_REPLY;
    },
  };
}
