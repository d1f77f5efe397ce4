/** One pass over the history: attempts grouped by idempotency key and checkout, reads by item. */
import type { History, OperationRecord } from '../contract/history.ts';

/** A copy of one record, with its place in the history. */
export interface Attempt extends Readonly<OperationRecord> {
  readonly index: number;
}

/** Everything that was sent under one idempotency key of one customer. */
export interface KeyUse {
  readonly key: string;
  readonly customer: number;
  /** Orders and the contract probes that repeat or change them. */
  readonly orders: Attempt[];
  readonly reads: Attempt[];
  readonly tombstones: Attempt[];
}

export interface CheckoutUse {
  readonly id: string;
  /** The checkout that was answered with this id; undefined when no record shows it. */
  opened: Attempt | undefined;
  readonly orders: Attempt[];
}

/** Stock reads are most of a history, so they are kept as columns. */
export interface StockReads {
  readonly journey: number[];
  readonly item: number[];
  readonly stock: number[];
  readonly invokedUs: number[];
  readonly doneUs: number[];
  readonly index: number[];
}

export interface Evidence {
  readonly keys: ReadonlyMap<string, KeyUse>;
  readonly checkouts: ReadonlyMap<string, CheckoutUse>;
  readonly checkoutAttempts: readonly Attempt[];
  /** By order id. */
  readonly cancels: ReadonlyMap<string, readonly Attempt[]>;
  readonly stockReads: StockReads;
  /** What was put into carts, taken out (0 units) or looked at, where that may have had an effect. */
  readonly cartEdits: readonly Attempt[];
  /** Spans of all requests that got an answer. */
  readonly answered: { readonly invokedUs: number[]; readonly doneUs: number[] };
  /** Latest instant of the history. */
  readonly lastUs: number;
}

/** Keys are the customer's own: two customers may use the same one. */
export function keyOf(customer: number | string, key: string): string {
  return `${customer} ${key}`;
}

class EvidenceGatherer {
  readonly keys = new Map<string, KeyUse>();
  readonly checkouts = new Map<string, CheckoutUse>();
  readonly checkoutAttempts: Attempt[] = [];
  readonly cancels = new Map<string, Attempt[]>();
  readonly stockReads: StockReads = {
    journey: [],
    item: [],
    stock: [],
    invokedUs: [],
    doneUs: [],
    index: [],
  };
  readonly cartEdits: Attempt[] = [];
  readonly answered = { invokedUs: [] as number[], doneUs: [] as number[] };
  lastUs = 0;

  add(record: OperationRecord, index: number): void {
    this.lastUs = Math.max(this.lastUs, record.doneUs);
    if (record.status > 0) {
      this.answered.invokedUs.push(record.invokedUs);
      this.answered.doneUs.push(record.doneUs);
    }
    switch (record.operation) {
      case 'viewStock':
        if (record.outcome === 'ok') this.#addStockRead(record, index);
        break;
      case 'addToCart':
      case 'viewCart':
        this.#addCartEdit(record, index);
        break;
      case 'checkout':
        this.#addCheckout({ ...record, index });
        break;
      case 'order':
      case 'orderDuplicate':
      case 'orderReplay':
      case 'orderChanged':
        this.#addOrder({ ...record, index });
        break;
      case 'orderStatus':
        this.#keyUse(record).reads.push({ ...record, index });
        break;
      case 'tombstoneKey':
        this.#keyUse(record).tombstones.push({ ...record, index });
        break;
      case 'cancelOrder':
        this.#addCancel({ ...record, index });
        break;
      default:
        break;
    }
  }

  #addStockRead(record: OperationRecord, index: number): void {
    const reads = this.stockReads;
    reads.journey.push(record.journey);
    reads.item.push(record.item);
    reads.stock.push(record.stock);
    reads.invokedUs.push(record.invokedUs);
    reads.doneUs.push(record.doneUs);
    reads.index.push(index);
  }

  #addCartEdit(record: OperationRecord, index: number): void {
    const { outcome, operation } = record;
    if (outcome !== 'ok' && (outcome !== 'unknown' || operation === 'viewCart')) return;
    this.cartEdits.push({ ...record, index });
  }

  #addCheckout(attempt: Attempt): void {
    this.checkoutAttempts.push(attempt);
    if (attempt.outcome !== 'ok' || attempt.checkoutId === '') return;
    const use = this.#checkoutUse(attempt.checkoutId);
    use.opened ??= attempt;
  }

  #addOrder(attempt: Attempt): void {
    this.#keyUse(attempt).orders.push(attempt);
    if (attempt.checkoutId !== '') this.#checkoutUse(attempt.checkoutId).orders.push(attempt);
  }

  #addCancel(attempt: Attempt): void {
    const known = this.cancels.get(attempt.orderId);
    if (known === undefined) this.cancels.set(attempt.orderId, [attempt]);
    else known.push(attempt);
  }

  #checkoutUse(id: string): CheckoutUse {
    let use = this.checkouts.get(id);
    if (use === undefined) {
      use = { id, opened: undefined, orders: [] };
      this.checkouts.set(id, use);
    }
    return use;
  }

  #keyUse({ customer, key }: OperationRecord): KeyUse {
    const name = keyOf(customer, key);
    let use = this.keys.get(name);
    if (use === undefined) {
      use = { key, customer, orders: [], reads: [], tombstones: [] };
      this.keys.set(name, use);
    }
    return use;
  }
}

const byTime = (a: Attempt, b: Attempt): number => a.invokedUs - b.invokedUs || a.index - b.index;

/** Lists come out in order of invocation. */
export function gatherEvidence(history: History): Evidence {
  const gatherer = new EvidenceGatherer();
  history.forEach((record, index) => {
    gatherer.add(record, index);
  });
  for (const use of gatherer.keys.values()) {
    use.orders.sort(byTime);
    use.reads.sort(byTime);
    use.tombstones.sort(byTime);
  }
  for (const use of gatherer.checkouts.values()) use.orders.sort(byTime);
  return gatherer;
}
