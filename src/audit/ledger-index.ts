/** One reading of the ledgers with its rows found by id, key, checkout and order. */
import type { ChargeRow, HoldRow, Ledger, OrderRow, StockRow } from '../contract/ledger.ts';
import { boundedText } from '../history/history-format.ts';
import { keyOf } from './attempt.ts';
import { withArchive } from './whole-ledger.ts';

export interface LedgerIndex {
  /** Its `orders` are those of the archive as well; what is live alone says `live`. */
  readonly ledger: Ledger;
  readonly live: readonly OrderRow[];
  readonly orderById: ReadonlyMap<string, OrderRow>;
  /** By customer and idempotency key. */
  readonly orderByKey: ReadonlyMap<string, OrderRow>;
  readonly ordersByCheckout: ReadonlyMap<string, readonly OrderRow[]>;
  readonly chargesByOrder: ReadonlyMap<string, readonly ChargeRow[]>;
  readonly holdsByCheckout: ReadonlyMap<string, readonly HoldRow[]>;
  readonly stockBySku: ReadonlyMap<string, StockRow>;
  /** Host-wide µs at which it was read, or the latest instant that it names. */
  readonly readAtUs: number;
}

function grouped<T>(rows: readonly T[], idOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const id = boundedText(idOf(row));
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  return groups;
}

/** A ledger was read at the latest instant in it at the earliest. */
function latestInstant({ holds, orders, archived = [], charges }: Ledger): number {
  let latestUs = 0;
  for (const hold of holds) latestUs = Math.max(latestUs, hold.createdAtUs, hold.resolvedAtUs);
  for (const order of archived) latestUs = Math.max(latestUs, order.createdAtUs);
  for (const order of orders) latestUs = Math.max(latestUs, order.createdAtUs);
  for (const charge of charges) latestUs = Math.max(latestUs, charge.atUs);
  return latestUs;
}

class IndexedLedger implements LedgerIndex {
  readonly ledger: Ledger;
  readonly live: readonly OrderRow[];
  readonly readAtUs: number;
  readonly orderById = new Map<string, OrderRow>();
  readonly orderByKey = new Map<string, OrderRow>();
  readonly stockBySku: ReadonlyMap<string, StockRow>;
  // Grouped when first asked for: a reading is rarely looked at from every side.
  #ordersByCheckout: ReadonlyMap<string, readonly OrderRow[]> | undefined;
  #chargesByOrder: ReadonlyMap<string, readonly ChargeRow[]> | undefined;
  #holdsByCheckout: ReadonlyMap<string, readonly HoldRow[]> | undefined;

  constructor(ledger: Ledger, readAtUs: number) {
    this.live = ledger.orders;
    this.ledger = withArchive(ledger);
    this.readAtUs = readAtUs;
    this.stockBySku = new Map(ledger.stock.map((row) => [row.sku, row]));
    for (const row of this.ledger.orders) {
      this.orderById.set(boundedText(row.id), row);
      if (row.key !== '') this.orderByKey.set(keyOf(row.customer, boundedText(row.key)), row);
    }
  }

  get ordersByCheckout(): ReadonlyMap<string, readonly OrderRow[]> {
    this.#ordersByCheckout ??= grouped(this.ledger.orders, (row) => row.checkoutId);
    return this.#ordersByCheckout;
  }

  get chargesByOrder(): ReadonlyMap<string, readonly ChargeRow[]> {
    this.#chargesByOrder ??= grouped(this.ledger.charges, (row) => row.orderId);
    return this.#chargesByOrder;
  }

  get holdsByCheckout(): ReadonlyMap<string, readonly HoldRow[]> {
    this.#holdsByCheckout ??= grouped(this.ledger.holds, (row) => row.checkoutId);
    return this.#holdsByCheckout;
  }
}

export function indexLedger(ledger: Ledger, readAtUs: number | undefined): LedgerIndex {
  return new IndexedLedger(ledger, readAtUs ?? latestInstant(ledger));
}

/** A ledger without a single row is no evidence of anything: it was not really read. */
export function isUnreadable({ stock, holds, orders, archived = [], charges }: Ledger): boolean {
  const rows = [stock, holds, orders, archived, charges];
  return rows.every((list) => list.length === 0);
}
