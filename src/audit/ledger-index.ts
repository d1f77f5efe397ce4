/** One reading of the ledgers with its rows found by id, key, checkout and order. */
import type {
  ChargeRow,
  EventRow,
  HoldRow,
  LedgerRows,
  OrderRow,
  Rows,
  StockRow,
} from '../contract/ledger.ts';
import { keyOf } from './attempt.ts';
import type { LedgerTable } from './ledger-table.ts';
import { namedAs, namedBy, RowByName, RowsByName } from './row-lookup.ts';
import { withArchive } from './whole-ledger.ts';

/** A ledger was read at the latest instant in it at the earliest. */
function latestInstant({ holds, orders, archived = [], charges }: LedgerRows): number {
  let latestUs = 0;
  for (const hold of holds) latestUs = Math.max(latestUs, hold.createdAtUs, hold.resolvedAtUs);
  for (const order of archived) latestUs = Math.max(latestUs, order.createdAtUs);
  for (const order of orders) latestUs = Math.max(latestUs, order.createdAtUs);
  for (const charge of charges) latestUs = Math.max(latestUs, charge.atUs);
  return latestUs;
}

export class LedgerIndex {
  /** Its `orders` are those of the archive as well; what is live alone says `live`. */
  readonly ledger: LedgerTable;
  readonly live: Rows<OrderRow>;
  /** Host-wide µs at which it was read, or the latest instant that it names. */
  readonly readAtUs: number;
  readonly stockBySku: ReadonlyMap<string, StockRow>;
  // Made when first asked for: a reading is rarely looked at from every side.
  #orderById: RowByName<OrderRow> | undefined;
  #orderByKey: RowByName<OrderRow> | undefined;
  #ordersByCheckout: RowsByName<OrderRow> | undefined;
  #chargesByOrder: RowsByName<ChargeRow> | undefined;
  #eventsByOrder: RowsByName<EventRow> | undefined;
  #holdsByCheckout: RowsByName<HoldRow> | undefined;

  constructor(ledger: LedgerTable, readAtUs: number | undefined) {
    this.live = ledger.orders;
    this.ledger = withArchive(ledger);
    this.readAtUs = readAtUs ?? latestInstant(ledger);
    this.stockBySku = new Map(ledger.stock.map((row) => [row.sku, row]));
  }

  get orderById(): RowByName<OrderRow> {
    const { orders, texts } = this.ledger;
    this.#orderById ??= new RowByName(namedBy(orders, texts.order, 'id'));
    return this.#orderById;
  }

  /** By `keyOf` of customer and idempotency key. */
  get orderByKey(): RowByName<OrderRow> {
    this.#orderByKey ??= new RowByName(
      namedAs(this.ledger.orders, ({ customer, key }) => (key === '' ? '' : keyOf(customer, key))),
    );
    return this.#orderByKey;
  }

  get ordersByCheckout(): RowsByName<OrderRow> {
    const { orders, texts } = this.ledger;
    this.#ordersByCheckout ??= new RowsByName(namedBy(orders, texts.checkout, 'checkoutId'));
    return this.#ordersByCheckout;
  }

  get chargesByOrder(): RowsByName<ChargeRow> {
    const { charges, texts } = this.ledger;
    this.#chargesByOrder ??= new RowsByName(namedBy(charges, texts.order, 'orderId'));
    return this.#chargesByOrder;
  }

  get eventsByOrder(): RowsByName<EventRow> {
    const { events, texts } = this.ledger;
    this.#eventsByOrder ??= new RowsByName(namedBy(events, texts.order, 'orderId'));
    return this.#eventsByOrder;
  }

  get holdsByCheckout(): RowsByName<HoldRow> {
    const { holds, texts } = this.ledger;
    this.#holdsByCheckout ??= new RowsByName(namedBy(holds, texts.checkout, 'checkoutId'));
    return this.#holdsByCheckout;
  }
}

/** A ledger without a single row is no evidence of anything: it was not really read. */
export function isUnreadable({
  stock,
  holds,
  orders,
  archived = [],
  charges,
}: LedgerRows): boolean {
  const lists: readonly Rows<unknown>[] = [stock, holds, orders, archived, charges];
  return lists.every((list) => list.length === 0);
}
