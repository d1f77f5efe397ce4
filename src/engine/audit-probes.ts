/**
 * The audit's own operations, sent by the coordinator after the load: what became of orders without
 * a clear answer, and whether the stock that is said to be left can really be bought.
 */
import type { DrainProbe, Resolution } from '../contract/audit.ts';
import type { Call } from '../contract/call.ts';
import type { InDoubtOrder } from '../contract/history.ts';
import { ask, inParallel, type ProbeParts, pauseBefore } from './probe-calls.ts';
import { buyCheckout } from './probe-purchase.ts';

export interface ResolveOptions extends ProbeParts {
  readonly orders: readonly InDoubtOrder[];
  readonly concurrency: number;
  /** Host-wide µs; before it a request without an answer may still start to take effect. */
  readonly deadlineUs: number;
  /** The target can be asked by key what became of an order; true when absent. */
  readonly canLookUp?: boolean;
  /** An unused key can be barred for good; without that an absent order may still appear. */
  readonly canTombstone?: boolean;
}

/** Tries until a clear answer: with growing pauses about 15 s in all. */
const RESOLVE_TRIES_MAX = 12;
/** Statuses of an order that is still between two steps. */
const UNFINISHED: ReadonlySet<string> = new Set([
  '',
  'pending',
  'paying',
  'payment_unknown',
  'refunding',
]);

function resolutionOf(
  order: InDoubtOrder,
  result: Resolution['result'],
  answer?: Call,
): Resolution {
  const { key, journey, customer, item, units } = order;
  const known = { key, journey, customer, item, result };
  if (answer === undefined || answer.gotOrderId === '') {
    return { ...known, orderId: '', orderStatus: '', units };
  }
  return {
    ...known,
    orderId: answer.gotOrderId,
    orderStatus: answer.gotOrderStatus,
    units: answer.gotUnits >= 0 ? answer.gotUnits : units,
  };
}

async function resolveOne(options: ResolveOptions, order: InDoubtOrder): Promise<Resolution> {
  const { key, customer, item } = order;
  const { canTombstone = true } = options;
  let last: Call | undefined;
  for (let retry = 0; retry < RESOLVE_TRIES_MAX; retry++) {
    if (retry > 0) await pauseBefore(retry, options.clock);
    const status = await ask(options, { operation: 'orderStatus', customer, item, key });
    if (status.outcome === 'ok' && status.gotOrderId !== '') {
      last = status;
      if (!UNFINISHED.has(status.gotOrderStatus)) return resolutionOf(order, 'applied', status);
    }
    if (status.outcome !== 'refused') continue;
    if (status.reason === 'tombstoned') return resolutionOf(order, 'absent');
    if (status.reason !== 'not_found') continue;
    if (!canTombstone) continue;
    // Absent for now: the tombstone makes sure that it stays so.
    const tombstone = await ask(options, { operation: 'tombstoneKey', customer, item, key });
    if (tombstone.outcome === 'ok') return resolutionOf(order, 'absent');
  }
  return resolutionOf(order, 'unknown', last);
}

/**
 * Asks the target what became of each order; never by ordering again. A key that is absent gets a
 * tombstone, so that a late effect cannot appear. One resolution per order, bounded in time.
 */
export async function resolveInDoubt(options: ResolveOptions): Promise<Resolution[]> {
  if (options.orders.length === 0) return [];
  if (options.canLookUp === false) {
    return options.orders.map((order) => resolutionOf(order, 'unknown'));
  }
  const waitMs = (options.deadlineUs - options.clock.nowUs()) / 1000;
  if (waitMs > 0) await options.clock.sleep(waitMs);
  return inParallel(options.orders, options.concurrency, (order) => resolveOne(options, order));
}

export interface DrainOptions extends ProbeParts {
  readonly items: readonly { readonly item: number; readonly reported: number }[];
  /** Customers firstCustomer … firstCustomer + customers − 1 have never bought anything. */
  readonly firstCustomer: number;
  readonly customers?: number;
  /** Units per customer and SKU. */
  readonly perCustomer: number;
  /** Of the idempotency keys; `drain` when absent. */
  readonly keyPrefix?: string;
}

/** How many fresh customers a caller provides when it does not say otherwise. */
const DEFAULT_CUSTOMERS = 2000;
/** Units beyond the reported stock after which buying on proves nothing more. */
const BEYOND_REPORTED = 50;
const ITEMS_AT_ONCE = 4;
const BUYERS_PER_ITEM = 16;
const PURCHASE_TRIES_MAX = 8;
const RETRIED: ReadonlySet<string> = new Set(['contention', 'shed', 'rate_limited']);

/** What one attempt to buy a unit came to; a problem is a text of its own. */
type Purchase = 'bought' | 'sold_out' | 'limit_reached' | { readonly problem: string };

class ItemDrain {
  readonly #options: DrainOptions;
  readonly #item: number;
  readonly #reported: number;
  #bought = 0;
  #attempts = 0;
  #soldOut = false;
  #problem = '';

  constructor(options: DrainOptions, item: number, reported: number) {
    this.#options = options;
    this.#item = item;
    this.#reported = reported;
  }

  async run(): Promise<DrainProbe> {
    // As many as are said to be there, several at a time; whoever is refused ends that.
    let toBuy = this.#reported;
    const buyer = async (): Promise<void> => {
      while (toBuy > 0 && !this.#soldOut && this.#problem === '') {
        toBuy--;
        await this.#attempt();
      }
    };
    await Promise.all(Array.from({ length: BUYERS_PER_ITEM }, buyer));
    // Only a refusal that nobody else's unfinished purchase can explain is a clear one.
    this.#soldOut = false;
    while (!this.#soldOut && this.#problem === '') await this.#attempt();
    return {
      item: this.#item,
      reported: this.#reported,
      bought: this.#bought,
      refusedAtEnd: this.#soldOut,
      problem: this.#problem,
    };
  }

  async #attempt(): Promise<void> {
    const attempt = this.#attempts++;
    const { firstCustomer, perCustomer, customers = DEFAULT_CUSTOMERS } = this.#options;
    const customer = Math.floor(attempt / perCustomer);
    if (this.#bought >= this.#reported + BEYOND_REPORTED) {
      this.#problem = `still selling ${BEYOND_REPORTED} units beyond the reported stock`;
    } else if (customer >= customers) {
      this.#problem = `the ${customers} fresh customers were not enough`;
    }
    if (this.#problem !== '') return;
    const purchase = await this.#buy(firstCustomer + customer, attempt);
    if (purchase === 'bought') this.#bought++;
    else if (purchase === 'sold_out') this.#soldOut = true;
    else if (purchase !== 'limit_reached') this.#problem ||= purchase.problem;
  }

  async #buy(customer: number, attempt: number): Promise<Purchase> {
    const checkout = await this.#checkout(customer);
    if (checkout.outcome === 'ok') {
      const key = `${this.#options.keyPrefix ?? 'drain'}-${this.#item}-${attempt}`;
      return this.#order(customer, key, checkout.gotCheckoutId);
    }
    if (checkout.outcome === 'refused') {
      if (checkout.reason === 'sold_out' || checkout.reason === 'limit_reached') {
        return checkout.reason;
      }
    }
    return { problem: `checkout ended ${checkout.outcome} (${checkout.reason})` };
  }

  /** Repeats what surely had no effect. */
  async #checkout(customer: number): Promise<Call> {
    for (let retry = 0; ; retry++) {
      const answer = await ask(this.#options, {
        operation: 'checkout',
        customer,
        item: this.#item,
        quantity: 1,
        direct: true,
      });
      const noEffect = answer.outcome === 'failed' || RETRIED.has(answer.reason);
      if (!noEffect || retry === PURCHASE_TRIES_MAX) return answer;
      await pauseBefore(retry, this.#options.clock);
    }
  }

  async #order(customer: number, key: string, checkoutId: string): Promise<Purchase> {
    const purchase = { customer, item: this.#item, key, checkoutId };
    const problem = await buyCheckout(this.#options, purchase);
    return problem === '' ? 'bought' : { problem };
  }
}

/**
 * Sells out what the target says is left: fresh customers, one unit at a time, until it refuses.
 * One probe per item, in their order; bounded in purchases and in time.
 */
export function drainStock(options: DrainOptions): Promise<DrainProbe[]> {
  return inParallel(options.items, ITEMS_AT_ONCE, ({ item, reported }) =>
    new ItemDrain(options, item, Math.max(0, Math.floor(reported))).run(),
  );
}
