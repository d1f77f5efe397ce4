/**
 * How many units of an item were in use at any instant: surely (counted from acknowledgements
 * only) and possibly (everything that may have taken effect, for as long as it may have lasted).
 */
import type { AuditInput } from '../contract/audit.ts';
import type { AcknowledgedOrder } from './acknowledged-orders.ts';
import { isSingleLine } from './acknowledged-orders.ts';
import type { AnswerPace } from './answer-pace.ts';
import type { Attempt } from './attempt.ts';
import { type CartLine, type Carts, unitsIn } from './carts.ts';
import { conclusionOf } from './conclusion.ts';
import type { CheckoutUse, Evidence } from './evidence.ts';
import type { FaultTimes } from './fault-times.ts';
import type { LedgerIndex } from './ledger-index.ts';
import { Intervals, StepFunction } from './step-function.ts';
import type { Supply } from './supply.ts';
import { TextTable } from './text-table.ts';

const FOREVER = Number.POSITIVE_INFINITY;

export interface OccupancySources {
  readonly input: AuditInput;
  readonly evidence: Evidence;
  readonly carts: Carts;
  readonly acknowledged: readonly AcknowledgedOrder[];
  readonly last: LedgerIndex | undefined;
  readonly pace: AnswerPace;
  readonly faultTimes: FaultTimes;
  readonly wholeHistory: boolean;
  readonly supply: Supply;
  mayBeCancelled(orderId: string): boolean;
}

type ByItem = Map<number, Intervals>;

function intervalsOf(byItem: ByItem, item: number): Intervals {
  let intervals = byItem.get(item);
  if (intervals === undefined) {
    intervals = new Intervals();
    byItem.set(item, intervals);
  }
  return intervals;
}

class StepFunctions {
  readonly #intervals: ByItem;
  readonly #built = new Map<number, StepFunction>();

  constructor(intervals: ByItem) {
    this.#intervals = intervals;
  }

  of(item: number): StepFunction {
    let steps = this.#built.get(item);
    if (steps === undefined) {
      steps = new StepFunction(this.#intervals.get(item) ?? new Intervals());
      this.#built.set(item, steps);
      // Never needed again, and as large as what was made of them.
      this.#intervals.delete(item);
    }
    return steps;
  }
}

export class Occupancy {
  /** Held or sold, without any doubt. */
  readonly sure: StepFunctions;
  /** The same less what restocks may have brought by then: never more than was seeded. */
  readonly sureLessRestocks: StepFunctions;
  /** Held and not yet ordered, without any doubt. */
  readonly sureHolds: StepFunctions;
  /** The most that can have been in use. */
  readonly possible: StepFunctions;
  /** A checkout held several items, and no record shows how they came into the cart. */
  readonly mixedCarts: boolean;
  readonly #sources: OccupancySources;
  readonly #sure: ByItem = new Map();
  readonly #holds: ByItem = new Map();
  readonly #possible: ByItem = new Map();
  readonly #cancelsUs: ReadonlyMap<string, number>;

  constructor(sources: OccupancySources) {
    this.#sources = sources;
    this.#cancelsUs = firstCancels(sources.evidence);
    this.#addSureHolds();
    this.#addSureOrders();
    this.#addPossible();
    this.mixedCarts = this.#findMixedCarts();
    this.sure = new StepFunctions(this.#sure);
    this.sureLessRestocks = new StepFunctions(this.#withoutRestocks());
    this.sureHolds = new StepFunctions(this.#holds);
    this.possible = new StepFunctions(this.#possible);
  }

  /**
   * From the answer to the checkout until somebody may have used it or it may have expired. The
   * order that ended it may be among missing records, so without all of them no hold is sure.
   */
  #addSureHolds(): void {
    const { evidence, wholeHistory, faultTimes } = this.#sources;
    if (!wholeHistory) return;
    for (const { opened, orders } of evidence.checkouts.values()) {
      if (opened === undefined || !this.#isSingle(opened)) continue;
      const firstUseUs = orders[0]?.invokedUs ?? FOREVER;
      const aheadUs = faultTimes.aheadUs(opened.doneUs, opened.expiresUs);
      const expiresUs = Math.max(opened.doneUs, opened.expiresUs - aheadUs);
      const endUs = Math.min(expiresUs, firstUseUs);
      intervalsOf(this.#sure, opened.item).add(opened.doneUs, endUs, opened.units);
      intervalsOf(this.#holds, opened.item).add(opened.doneUs, endUs, opened.units);
    }
  }

  /** From the acknowledgement until somebody may have cancelled. */
  #addSureOrders(): void {
    const counted = new TextTable();
    for (const order of this.#sources.acknowledged) {
      if (!order.singleLine) continue;
      const { orderId } = order;
      // One order under two keys is a fault of its own kind, not two units.
      const { opened } = this.#sources.evidence.checkouts.get(order.checkoutId) ?? {};
      if (opened !== undefined && !this.#isSingle(opened)) continue;
      if (orderId !== '' && !counted.addNew(orderId)) continue;
      const cancelUs = this.#cancelsUs.get(orderId);
      if (cancelUs === undefined && this.#sources.mayBeCancelled(orderId)) continue;
      const endUs = cancelUs ?? FOREVER;
      intervalsOf(this.#sure, order.item).add(order.ackedUs, endUs, order.units);
    }
  }

  #withoutRestocks(): ByItem {
    const all: ByItem = new Map();
    for (const [item, intervals] of this.#sure) {
      const restocks = this.#sources.supply.restocksOf(item);
      if (restocks.length === 0) {
        all.set(item, intervals);
        continue;
      }
      const less = intervals.copy();
      for (const { sentUs, units } of restocks) less.add(sentUs, FOREVER, -units);
      all.set(item, less);
    }
    return all;
  }

  #addPossible(): void {
    const { evidence, input, faultTimes } = this.#sources;
    const { serverDeadlineMs, holdTtlMs } = input.promises;
    const graceUs = this.#graceUs();
    const ttlUs = holdTtlMs * 1000;
    for (const attempt of evidence.heldAttempts) {
      const use = evidence.checkouts.of(attempt);
      const isKnown = attempt.outcome === 'ok' && use !== undefined;
      // Without an answer it may have held until the deadline, and nobody knows its id to buy it.
      const dueUs = attempt.invokedUs + serverDeadlineMs * 1000 + ttlUs;
      const expiredUs = faultTimes.latestUs(attempt.invokedUs, dueUs, graceUs);
      const endUs = isKnown ? this.#possibleEndUs(use, ttlUs, graceUs) : expiredUs;
      for (const [item, units] of this.#possibleLines(attempt)) {
        intervalsOf(this.#possible, item).add(attempt.invokedUs, endUs + 1, Math.max(0, units));
      }
    }
    // An order for a checkout that no record shows may occupy its units as well.
    for (const use of evidence.checkouts.values()) {
      const [first] = use.orders;
      if (use.opened !== undefined || first === undefined || !this.#mayBeBought(use)) continue;
      const intervals = intervalsOf(this.#possible, first.item);
      intervals.add(first.invokedUs, FOREVER, Math.max(0, first.units));
    }
  }

  /** What a checkout may have held: the item it names, and whatever else may be in the cart. */
  #possibleLines(attempt: Attempt): Map<number, number> {
    const lines = new Map([[attempt.item, attempt.units]]);
    const isKnown = attempt.outcome === 'ok';
    if (isKnown && this.#isSingle(attempt)) return lines;
    for (const [item, { most }] of this.#cartOf(attempt)) {
      // It may as well have been bought directly, whatever the cart holds.
      const named = lines.get(item) ?? 0;
      lines.set(item, Math.max(named, isKnown ? Math.min(most, attempt.units) : most));
    }
    return lines;
  }

  #possibleEndUs(use: CheckoutUse, ttlUs: number, graceUs: number): number {
    const opened = use.opened;
    if (opened === undefined || this.#mayBeBought(use)) return FOREVER;
    const expiresUs = opened.expiresUs >= 0 ? opened.expiresUs : opened.doneUs + ttlUs;
    // A failed order releases its units at latest when the hold would have expired.
    const lastUs = use.orders.reduce((latest, order) => Math.max(latest, order.doneUs), 0);
    const dueUs = Math.max(expiresUs, lastUs);
    return this.#sources.faultTimes.latestUs(opened.invokedUs, dueUs, graceUs);
  }

  /** Cancelled orders count as bought: to assume their units in use can only excuse the shop. */
  #mayBeBought(use: CheckoutUse): boolean {
    return use.orders.some((order) => {
      const keyUse = this.#sources.evidence.keys.of(order);
      const conclusion = keyUse === undefined ? 'open' : conclusionOf(keyUse);
      return conclusion === 'confirmed' || conclusion === 'open';
    });
  }

  /**
   * The promised lateness of the sweep and, when the shop stood still, as much as that delayed it.
   * A shop that was late while it answered others gets no such credit.
   */
  #graceUs(): number {
    const { input, last, pace, faultTimes } = this.#sources;
    const { startUs } = input;
    const graceUs = input.promises.sweepGraceMs * 1000;
    let excusedUs = 0;
    for (const hold of last?.ledger.holds ?? []) {
      if (hold.state !== 'expired') continue;
      const sinceUs = hold.createdAtUs - startUs;
      const dueUs = startUs + faultTimes.latestUs(sinceUs, hold.expiresAtUs - startUs, graceUs);
      if (hold.resolvedAtUs <= dueUs) continue;
      if (pace.workedBetween(dueUs - startUs, hold.resolvedAtUs - startUs)) continue;
      excusedUs = Math.max(excusedUs, hold.resolvedAtUs - dueUs);
    }
    return Math.ceil(graceUs + excusedUs);
  }

  #findMixedCarts(): boolean {
    const { evidence, input, last } = this.#sources;
    for (const { opened } of evidence.checkouts.values()) {
      if (opened === undefined || isSingleLine(opened, input.catalogue)) continue;
      if (!isExplained(opened, this.#cartOf(opened))) return true;
    }
    const unanswered = evidence.heldAttempts.filter(({ outcome }) => outcome === 'unknown');
    for (const [id, holds] of last?.holdsByCheckout ?? []) {
      if (!holds.some((hold) => hold.sku !== holds[0]?.sku)) continue;
      if (evidence.checkouts.get(id)?.opened !== undefined) continue;
      const skus = holds.map((hold) => hold.sku);
      if (!unanswered.some((attempt) => this.#mayHold(attempt, skus))) return true;
    }
    return false;
  }

  /** Two items of one price look like two units of one, so what is in the cart counts as well. */
  #isSingle(attempt: Attempt): boolean {
    if (!isSingleLine(attempt, this.#sources.input.catalogue)) return false;
    return ![...this.#cartOf(attempt)].some(
      ([item, { most }]) => item !== attempt.item && most > 0,
    );
  }

  #cartOf({ customer, invokedUs, doneUs }: Attempt): ReadonlyMap<number, CartLine> {
    return this.#sources.carts.contentOver(customer, invokedUs, doneUs);
  }

  #mayHold(attempt: Attempt, skus: readonly string[]): boolean {
    const cart = this.#cartOf(attempt);
    const { catalogue } = this.#sources.input;
    return skus.every((sku) => [...cart.keys()].some((item) => catalogue[item]?.sku === sku));
  }
}

/** The units that were held can be those of the cart. */
function isExplained({ units }: Attempt, cart: ReadonlyMap<number, CartLine>): boolean {
  const { least, most } = unitsIn(cart);
  return cart.size > 0 && units >= least && units <= most;
}

/** By order id, the instant from which each order may have been cancelled. */
function firstCancels(evidence: Evidence): Map<string, number> {
  const firstUs = new Map<string, number>();
  for (const [orderId, attempts] of evidence.cancels) {
    for (const { outcome, invokedUs } of attempts) {
      if (outcome !== 'ok' && outcome !== 'unknown') continue;
      firstUs.set(orderId, Math.min(firstUs.get(orderId) ?? FOREVER, invokedUs));
    }
  }
  return firstUs;
}
