/**
 * When units of an item may have come back into the stock: holds that ended, purchases that were
 * given back, restocks, and everything around a fault.
 */
import type { FaultSpan } from '../contract/fault.ts';
import { isSingleLine } from './acknowledged-orders.ts';
import type { Attempt } from './attempt.ts';
import { conclusionOf } from './conclusion.ts';
import type { AuditContext } from './context.ts';
import type { CheckoutUse } from './evidence.ts';
import type { LedgerIndex } from './ledger-index.ts';
import { Intervals, StepFunction } from './step-function.ts';

const FOREVER = Number.POSITIVE_INFINITY;
/** Before everything: an infinite start could not be sorted. */
const ALWAYS = -(2 ** 50);
/** From the instant in the ledger to the commit of a batch and the next read of it. */
const COMMIT_US = 250_000;
/** Both are rounded, and read from one clock. */
const ROUNDING_US = 1000;

export class UnitReturns {
  readonly #context: AuditContext;
  readonly #intervals = new Map<number, Intervals>();
  readonly #anyItem = new Intervals();
  readonly #steps = new Map<number, StepFunction>();
  #anyStep: StepFunction | undefined;

  constructor(context: AuditContext) {
    this.#context = context;
    const ledger = trustedLedger(context);
    if (ledger === undefined) this.#addFromClients();
    else this.#addFromLedger(ledger);
    this.#addCancels();
    this.#addRestocks();
    this.#addFaults();
  }

  /** True when not a single unit of the item can have come back during the closed span. */
  noneDuring(item: number, fromUs: number, toUs: number): boolean {
    this.#anyStep ??= new StepFunction(this.#anyItem);
    if (this.#anyStep.maxOver(fromUs, toUs) > 0) return false;
    const intervals = this.#intervals.get(item);
    if (intervals === undefined) return true;
    const steps = this.#steps.get(item) ?? new StepFunction(intervals);
    this.#steps.set(item, steps);
    return steps.maxOver(fromUs, toUs) === 0;
  }

  /** `item` −1: of an item that nobody can tell. */
  #add(item: number, fromUs: number, toUs: number): void {
    if (item < 0) {
      this.#anyItem.add(fromUs, toUs, 1);
      return;
    }
    let intervals = this.#intervals.get(item);
    if (intervals === undefined) {
      intervals = new Intervals();
      this.#intervals.set(item, intervals);
    }
    intervals.add(fromUs, toUs, 1);
  }

  /** By the shop's own word: every hold that ended has its instant, a commit returns nothing. */
  #addFromLedger({ ledger, holdsByCheckout, orderById }: LedgerIndex): void {
    const { input, itemOf, evidence, pace } = this.#context;
    for (const hold of ledger.holds) {
      const isBack = hold.state === 'released' || hold.state === 'expired';
      if (!isBack && hold.resolutions < 2) continue;
      const atUs = hold.resolvedAtUs - input.startUs;
      // A shop that stands still in the middle of it shows the units when it works again.
      const shownUs = Math.max(atUs, pace.workedBy(atUs)) + COMMIT_US;
      this.#add(itemOf.get(hold.sku) ?? -1, atUs - ROUNDING_US, shownUs);
    }
    // Rows may have been cleared away; then nothing tells when those holds ended.
    let isPruned = false;
    for (const { id, opened } of evidence.checkouts.values()) {
      if (opened !== undefined && !holdsByCheckout.has(id)) isPruned = true;
    }
    if (isPruned) this.#addFromClients();
    for (const row of orderById.values()) {
      if (row.returnedSeq === 0 || evidence.cancels.get(row.id) !== undefined) continue;
      for (const { sku } of row.lines) this.#add(itemOf.get(sku) ?? -1, ALWAYS, FOREVER);
    }
  }

  /** Without ledgers: whatever was not surely bought may come back at any time. */
  #addFromClients(): void {
    const { evidence } = this.#context;
    for (const attempt of evidence.heldAttempts) {
      if (attempt.outcome === 'unknown') this.#add(-1, attempt.invokedUs, FOREVER);
    }
    for (const use of evidence.checkouts.values()) {
      const { opened } = use;
      if (opened === undefined || this.#isBought(use)) continue;
      const item = isSingleLine(opened, this.#context.input.catalogue) ? opened.item : -1;
      this.#add(item, this.#earliestEndUs(use), FOREVER);
    }
  }

  #earliestEndUs({ opened, orders }: CheckoutUse): number {
    const triedUs = orders[0]?.invokedUs ?? FOREVER;
    const expiresUs = opened?.expiresUs ?? -1;
    if (expiresUs < 0) return opened?.invokedUs ?? ALWAYS;
    return Math.min(triedUs, expiresUs - COMMIT_US);
  }

  /** Confirmed, and before its hold can have ended. */
  #isBought({ opened, orders }: CheckoutUse): boolean {
    return orders.some((order) => {
      const use = this.#context.evidence.keys.of(order);
      if (use === undefined || conclusionOf(use) !== 'confirmed') return false;
      return opened !== undefined && order.doneUs < opened.expiresUs;
    });
  }

  #addCancels(): void {
    const { evidence, acknowledgedById } = this.#context;
    for (const [orderId, attempts] of evidence.cancels) {
      const order = acknowledgedById.get(orderId);
      const item = order?.singleLine === true ? order.item : -1;
      for (const attempt of attempts) {
        if (mayHaveEffect(attempt)) this.#add(item, attempt.invokedUs, FOREVER);
      }
    }
  }

  #addRestocks(): void {
    const { input, supply } = this.#context;
    for (const [item, { sku }] of input.catalogue.entries()) {
      const known = supply.restocksOf(item);
      for (const { sentUs, doneUs } of known) {
        this.#add(item, sentUs, doneUs === null ? FOREVER : doneUs + COMMIT_US);
      }
      if (known.length === 0 && (input.restocked[sku] ?? 0) > 0) this.#add(item, ALWAYS, FOREVER);
    }
  }

  /** What a crash left behind is put right at some time after it. */
  #addFaults(): void {
    const { faults = [], promises } = this.#context.input;
    const healedMs = promises.serverDeadlineMs + promises.sweepGraceMs;
    for (const { fromMs, toMs } of faults) {
      this.#add(-1, fromMs * 1000, (endMs(toMs) + healedMs) * 1000);
    }
  }
}

function mayHaveEffect({ outcome }: Attempt): boolean {
  return outcome === 'ok' || outcome === 'unknown';
}

/** The instants of a shop whose clock was moved on purpose say nothing. */
function trustedLedger(context: AuditContext): LedgerIndex | undefined {
  const { last, stable, input } = context;
  const { evidence } = input.promises;
  const isOffered = evidence === undefined || evidence.includes('holds');
  const isMoved = (input.faults ?? []).some(movesClock);
  return stable && isOffered && !isMoved ? last : undefined;
}

export function movesClock({ clockSkewMs = 0 }: FaultSpan): boolean {
  return clockSkewMs !== 0;
}

/** A fault that was never healed ends never: Infinity, which is null in a stored audit. */
export function endMs(toMs: number | null): number {
  return toMs ?? FOREVER;
}
