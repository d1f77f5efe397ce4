/** Orders that clients were told are theirs: what the shop may never take back or forget. */
import { assert } from '../base/assert.ts';
import type { Resolution } from '../contract/audit.ts';
import { PROBE_JOURNEY } from '../contract/history.ts';
import type { CatalogueItem } from '../contract/scenario.ts';
import type { Attempt } from './attempt.ts';
import { confirms } from './conclusion.ts';
import type { Evidence, KeyUse } from './evidence.ts';
import { isConfirmedStatus } from './order-states.ts';
import { TextTable } from './text-table.ts';

export interface AcknowledgedOrder {
  /** '' when the target names none. */
  readonly orderId: string;
  readonly key: string;
  readonly customer: number;
  readonly checkoutId: string;
  readonly item: number;
  readonly units: number;
  /** -1 when the answer had none. */
  readonly totalMinor: number;
  /** Earliest instant from which it is surely confirmed. */
  readonly ackedUs: number;
  /** Its item, units and total fit each other: it has no other line. */
  readonly singleLine: boolean;
  /** Bought by the drain probe, after the first readings of the ledger. */
  readonly byDrain: boolean;
  /** Answers that acknowledge it; empty when only the resolution by key does. */
  readonly evidence: readonly Attempt[];
}

/** One line's total is its price × units; a cart of several items has another. */
export function isSingleLine(
  { item, units, totalMinor }: Pick<Attempt, 'item' | 'units' | 'totalMinor'>,
  catalogue: readonly CatalogueItem[],
): boolean {
  const entry = catalogue[item];
  if (entry === undefined || units < 0) return false;
  // A price of 0 is one that the target did not tell.
  if (entry.priceMinor === 0) return true;
  return totalMinor < 0 || totalMinor === entry.priceMinor * units;
}

/** Order answers name units and totals most reliably, reads may come from a thinner page. */
function byWeight(a: Attempt, b: Attempt): number {
  return Number(a.operation === 'orderStatus') - Number(b.operation === 'orderStatus');
}

/** Told by answers; what its answers say is looked up in them. */
class AnsweredOrder implements AcknowledgedOrder {
  // Declared only: there may be very many of them.
  declare readonly item: number;
  declare readonly units: number;
  declare readonly ackedUs: number;
  declare readonly singleLine: boolean;
  declare readonly byDrain: boolean;
  declare readonly best: Attempt;
  /** The attempt that names its checkout, if any does. */
  declare readonly named: Attempt | undefined;
  declare readonly keys: Evidence['keys'];

  constructor(
    answers: readonly Attempt[],
    use: KeyUse,
    known: { readonly evidence: Evidence; readonly catalogue: readonly CatalogueItem[] },
  ) {
    const { evidence, catalogue } = known;
    const best = bestOf(answers);
    this.best = best;
    this.keys = evidence.keys;
    // A look-up by key names no checkout, but what was ordered under the key does.
    const isNamed = (attempt: Attempt): boolean => attempt.checkoutId !== '';
    this.named = answers.find(isNamed) ?? use.orders.find(isNamed);
    const opened = this.named === undefined ? undefined : evidence.checkouts.of(this.named)?.opened;
    this.item = best.item >= 0 ? best.item : (opened?.item ?? -1);
    this.units = best.units >= 0 ? best.units : (opened?.units ?? -1);
    this.ackedUs = Math.min(...answers.map((answer) => answer.doneUs));
    const { item, units } = this;
    this.singleLine = isSingleLine({ item, units, totalMinor: best.totalMinor }, catalogue);
    this.byDrain = isByDrain(use, best);
  }

  get orderId(): string {
    return this.best.orderId;
  }
  get key(): string {
    return this.best.key;
  }
  get customer(): number {
    return this.best.customer;
  }
  get checkoutId(): string {
    return this.named?.checkoutId ?? '';
  }
  get totalMinor(): number {
    return this.best.totalMinor;
  }
  get evidence(): readonly Attempt[] {
    const use = this.keys.of(this.best);
    return use === undefined ? [] : (answersByOrder(use).get(this.best.orderId) ?? []);
  }
}

function bestOf(answers: readonly Attempt[]): Attempt {
  const [first] = answers.length > 1 ? [...answers].sort(byWeight) : answers;
  assert(first !== undefined, 'an order was told of by some answer');
  return first;
}

/**
 * The drain probe may learn of its own purchase by a look-up. Others are only looked up by probes,
 * and only when their own attempt is known.
 */
function isByDrain({ orders }: KeyUse, best: Attempt): boolean {
  if (orders.length === 0) return best.journey === PROBE_JOURNEY;
  return orders.every(({ journey }) => journey === PROBE_JOURNEY);
}

/** Under one key there should be one order; a shop that names two has acknowledged both. */
function answersByOrder(use: KeyUse): Map<string, Attempt[]> {
  const byOrder = new Map<string, Attempt[]>();
  for (const attempts of [use.orders, use.reads, use.tombstones]) {
    for (const attempt of attempts) {
      if (!confirms(attempt)) continue;
      const answers = byOrder.get(attempt.orderId);
      if (answers === undefined) byOrder.set(attempt.orderId, [attempt]);
      else answers.push(attempt);
    }
  }
  return byOrder;
}

function fromResolution(
  resolution: Resolution,
  evidence: Evidence,
  catalogue: readonly CatalogueItem[],
): AcknowledgedOrder {
  const { customer, key, item, units } = resolution;
  const sent = evidence.keys.get(customer, key)?.orders[0];
  return {
    orderId: resolution.orderId,
    key,
    customer,
    checkoutId: sent?.checkoutId ?? '',
    item,
    units,
    totalMinor: -1,
    ackedUs: evidence.lastUs,
    singleLine: isSingleLine({ item, units, totalMinor: -1 }, catalogue),
    byDrain: false,
    evidence: [],
  };
}

/** One entry per key and order id, in order of acknowledgement. */
export function acknowledgedOrders(
  evidence: Evidence,
  resolutions: readonly Resolution[],
  catalogue: readonly CatalogueItem[],
): AcknowledgedOrder[] {
  const orders: AcknowledgedOrder[] = [];
  for (const use of evidence.keys.values()) {
    for (const answers of answersByOrder(use).values()) {
      orders.push(new AnsweredOrder(answers, use, { evidence, catalogue }));
    }
  }
  for (const resolution of resolutions) {
    const { result, orderStatus, customer, key } = resolution;
    if (result !== 'applied' || !isConfirmedStatus(orderStatus)) continue;
    const use = evidence.keys.get(customer, key);
    if (use !== undefined && answersByOrder(use).size > 0) continue;
    orders.push(fromResolution(resolution, evidence, catalogue));
  }
  return orders.sort((a, b) => a.ackedUs - b.ackedUs);
}

/** Finds acknowledged orders by their id; of several with one id the last. */
export class AcknowledgedById {
  readonly #ids = new TextTable();
  readonly #last: AcknowledgedOrder[] = [];

  constructor(orders: readonly AcknowledgedOrder[]) {
    for (const order of orders) this.#last[this.#ids.add(order.orderId)] = order;
  }

  get(orderId: string): AcknowledgedOrder | undefined {
    const number = this.#ids.find(orderId);
    return number < 0 ? undefined : this.#last[number];
  }
}
