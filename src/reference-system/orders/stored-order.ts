/** An order as the orders store keeps it, and the views that are made of it. */
import type { OrderLine, OrderRow } from '../../contract/ledger.ts';
import type { OrderView } from '../services.ts';
import type { OrderState } from './order-states.ts';

/** Columns in the order of ORDER_COLUMNS; arrays because every request carries one. */
export type OrderTuple = readonly [
  id: string,
  key: string,
  customer: string,
  checkout: string,
  hold: string,
  status: OrderState,
  refusal: string,
  lines: string,
  totalMinor: number,
  currency: string,
  confirmedSeq: number,
  returnedSeq: number,
  createdUs: number,
  expiresUs: number,
  perCustomer: number,
  version: number,
];

export const ORDER_COLUMNS =
  'id, key, customer, checkout, hold, status, refusal, lines, total, currency, ' +
  'confirmed_seq, returned_seq, created, expires, per_customer, version';

export interface StoredLine extends OrderLine {
  /** Whether the purchase limit applied when it was held. */
  readonly limited: boolean;
}

export interface StoredOrder {
  readonly id: string;
  readonly key: string;
  readonly customer: string;
  readonly checkout: string;
  /** The checkout id under which its units are held: another one after a late capture. */
  readonly hold: string;
  readonly status: OrderState;
  /** Code of the refusal that is its first terminal answer; '' when it is none. */
  readonly refusal: string;
  readonly lines: readonly StoredLine[];
  readonly totalMinor: number;
  readonly currency: string;
  readonly confirmedSeq: number;
  readonly returnedSeq: number;
  readonly createdUs: number;
  readonly expiresUs: number;
  readonly perCustomer: number;
  /** Events told of it so far. */
  readonly version: number;
}

/** sku, units, price, limited (0 | 1), flat. */
export function encodeLines(lines: readonly StoredLine[]): string {
  const flat: (string | number)[] = [];
  for (const { sku, units, priceMinor, limited } of lines) {
    flat.push(sku, units, priceMinor, limited ? 1 : 0);
  }
  return JSON.stringify(flat);
}

function decodeLines(text: string): StoredLine[] {
  const flat = JSON.parse(text) as (string | number)[];
  const lines: StoredLine[] = [];
  for (let i = 0; i < flat.length; i += 4) {
    lines.push({
      sku: flat[i] as string,
      units: flat[i + 1] as number,
      priceMinor: flat[i + 2] as number,
      limited: flat[i + 3] === 1,
    });
  }
  return lines;
}

export function orderOf(tuple: OrderTuple): StoredOrder {
  return {
    id: tuple[0],
    key: tuple[1],
    customer: tuple[2],
    checkout: tuple[3],
    hold: tuple[4],
    status: tuple[5],
    refusal: tuple[6],
    lines: decodeLines(tuple[7]),
    totalMinor: tuple[8],
    currency: tuple[9],
    confirmedSeq: tuple[10],
    returnedSeq: tuple[11],
    createdUs: tuple[12],
    expiresUs: tuple[13],
    perCustomer: tuple[14],
    version: tuple[15],
  };
}

function publicLines(lines: readonly StoredLine[]): OrderLine[] {
  return lines.map(({ sku, units, priceMinor }) => ({ sku, units, priceMinor }));
}

export function viewOf(order: StoredOrder, status: OrderState = order.status): OrderView {
  const { id, key, customer, totalMinor, currency } = order;
  return { id, key, customer, status, lines: publicLines(order.lines), totalMinor, currency };
}

export function rowOf(order: StoredOrder): OrderRow {
  return {
    ...viewOf(order),
    checkoutId: order.checkout,
    confirmedSeq: order.confirmedSeq,
    returnedSeq: order.returnedSeq,
    createdAtUs: order.createdUs,
  };
}
