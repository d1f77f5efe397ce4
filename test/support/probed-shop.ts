// A LoadClient that is a tiny shop in memory: stock, holds, orders by key, tombstones, and faults.
import type { Clock } from '../../src/base/clock.ts';
import { type Call, type LoadClient, NO_CLIENT_STATS } from '../../src/contract/call.ts';
import type { Reason } from '../../src/contract/outcome.ts';

interface StoredOrder {
  readonly id: string;
  status: string;
}

export interface ProbedShopOptions {
  readonly stock: number;
  readonly perCustomer?: number;
  /** What the n-th call of an operation answers instead of its effect, if anything. */
  readonly fault?: (call: Call, n: number) => Fault | undefined;
}

export type Fault =
  | { readonly kind: 'refused' | 'failed'; readonly reason: Reason }
  /** Takes effect, but the answer never comes. */
  | { readonly kind: 'lost' };

export class ProbedShop implements LoadClient {
  stock: number;
  readonly openHolds = new Map<string, number>();
  readonly orders = new Map<string, StoredOrder>();
  readonly tombstones = new Set<string>();
  readonly calls: string[] = [];
  concurrent = 0;
  maxConcurrent = 0;
  readonly #clock: Clock;
  readonly #options: ProbedShopOptions;
  readonly #bought = new Map<number, number>();
  readonly #counts = new Map<string, number>();
  #ids = 0;

  constructor(clock: Clock, options: ProbedShopOptions) {
    this.#clock = clock;
    this.#options = options;
    this.stock = options.stock;
  }

  async open(): Promise<void> {}
  async close(): Promise<void> {}

  stats() {
    return { ...NO_CLIENT_STATS };
  }

  execute(call: Call, done: (call: Call) => void): void {
    this.calls.push(`${call.operation} ${call.key}`.trim());
    this.concurrent++;
    this.maxConcurrent = Math.max(this.maxConcurrent, this.concurrent);
    const n = (this.#counts.get(call.operation) ?? 0) + 1;
    this.#counts.set(call.operation, n);
    const fault = this.#options.fault?.(call, n);
    this.#clock.after(2, () => {
      this.concurrent--;
      if (fault === undefined || fault.kind === 'lost') this.#serve(call);
      if (fault?.kind === 'lost') this.#answer(call, 'unknown', 'timeout');
      else if (fault !== undefined) this.#answer(call, fault.kind, fault.reason);
      call.doneAtUs = this.#clock.nowUs();
      done(call);
    });
  }

  #answer(call: Call, outcome: Call['outcome'], reason: Reason): void {
    call.outcome = outcome;
    call.reason = reason;
  }

  #serve(call: Call): void {
    if (call.operation === 'checkout') this.#checkout(call);
    else if (call.operation === 'order') this.#order(call);
    else if (call.operation === 'orderStatus') this.#status(call);
    else if (call.operation === 'tombstoneKey') this.#tombstone(call);
  }

  #checkout(call: Call): void {
    const bought = this.#bought.get(call.customer) ?? 0;
    if (bought >= (this.#options.perCustomer ?? 1)) {
      this.#answer(call, 'refused', 'limit_reached');
      return;
    }
    if (this.stock < call.quantity) {
      this.#answer(call, 'refused', 'sold_out');
      return;
    }
    this.#bought.set(call.customer, bought + call.quantity);
    this.stock -= call.quantity;
    const id = `checkout-${this.#ids++}`;
    this.openHolds.set(id, call.quantity);
    call.gotCheckoutId = id;
    this.#answer(call, 'ok', 'none');
  }

  #order(call: Call): void {
    if (this.tombstones.has(call.key)) {
      this.#answer(call, 'refused', 'tombstoned');
      return;
    }
    let order = this.orders.get(call.key);
    if (order === undefined) {
      this.openHolds.delete(call.checkoutId);
      order = { id: `order-${this.#ids++}`, status: 'confirmed' };
      this.orders.set(call.key, order);
    }
    this.#found(call, order);
  }

  #status(call: Call): void {
    const order = this.orders.get(call.key);
    if (order !== undefined) this.#found(call, order);
    else this.#answer(call, 'refused', this.tombstones.has(call.key) ? 'tombstoned' : 'not_found');
  }

  #tombstone(call: Call): void {
    const order = this.orders.get(call.key);
    if (order !== undefined) {
      this.#found(call, order);
      this.#answer(call, 'refused', 'key_reused');
      return;
    }
    this.tombstones.add(call.key);
    call.gotOrderStatus = 'tombstoned';
    this.#answer(call, 'ok', 'none');
  }

  #found(call: Call, order: StoredOrder): void {
    call.gotOrderId = order.id;
    call.gotOrderStatus = order.status;
    call.gotUnits = 1;
    this.#answer(call, 'ok', 'none');
  }
}
