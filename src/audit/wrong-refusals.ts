/** Refused checkouts, which the history shows and nobody remembers: was there really nothing left? */
import type { Attempt } from './attempt.ts';
import type { AuditContext } from './context.ts';
import type { RecordCheck } from './shared-pass.ts';

/** Units of one item that could have been sold and were not. */
export class UnsoldUnits {
  readonly #refused = new Map<number, number>();
  readonly #missing = new Map<number, number>();

  /** Free units at one wrong refusal: the worst one counts. */
  refused(item: number, units: number): void {
    this.#refused.set(item, Math.max(this.#refused.get(item) ?? 0, units));
  }

  /** Units that nobody has and nobody can buy. */
  missing(item: number, units: number): void {
    this.#missing.set(item, (this.#missing.get(item) ?? 0) + units);
  }

  /** A leaked unit causes wrong refusals too, so per item the larger of the two counts. */
  total(): number {
    let total = 0;
    for (const item of new Set([...this.#refused.keys(), ...this.#missing.keys()])) {
      total += Math.max(this.#refused.get(item) ?? 0, this.#missing.get(item) ?? 0);
    }
    return total;
  }
}

const unsoldBy = new WeakMap<AuditContext, UnsoldUnits>();

/** What the visit has found so far; whoever finds more adds it there. */
export function unsoldAtRefusals(context: AuditContext): UnsoldUnits {
  return unsoldBy.get(context) ?? new UnsoldUnits();
}

/**
 * A sold-out answer is justified when at some instant of the request everything that may have
 * been in use leaves too few units, of any item that may have been in the cart. Needs the whole
 * history: a missing checkout may be the excuse, a missing line of the cart too.
 */
export const refusalsOfCheckouts: RecordCheck = (context, findings) => {
  const { evidence, occupancy, describe } = context;
  const unsold = new UnsoldUnits();
  unsoldBy.set(context, unsold);
  if (!context.wholeHistory || occupancy.mixedCarts) return undefined;
  const largest = largestCheckouts(evidence.heldAttempts);
  return (record, index) => {
    const { customer, item, outcome, reason, units, invokedUs, doneUs } = record;
    if (outcome !== 'refused' || reason !== 'sold_out' || item < 0) return;
    findings.check();
    const freeOf = (each: number): number =>
      // A restock that nobody had acknowledged by then may have come later.
      context.supply.sureAt(each, invokedUs) -
      occupancy.possible.of(each).maxOver(invokedUs, doneUs);
    const cart = context.carts.contentOver(customer, invokedUs, doneUs);
    const free = freeOf(item);
    // A cart may hold more than the step that checks it out says.
    const wanted = Math.max(1, units, largest.get(item) ?? 0, cart.get(item)?.most ?? 0);
    const isOtherShort = [...cart].some(([other, { most }]) => most > 0 && freeOf(other) < most);
    if (free < wanted || isOtherShort) return;
    const supply = context.supply.sureAt(item, invokedUs);
    unsold.refused(item, free);
    findings.violation(
      `${describe.item(item)}: told "sold out" while at least ${free} of ${supply} were free`,
      () => {
        const attempt = evidence.attemptAt(index);
        return [describe.attempt(attempt), ...neighbours(context, attempt)];
      },
    );
  };
};

function largestCheckouts(attempts: Iterable<Attempt>): Map<number, number> {
  const largest = new Map<number, number>();
  for (const { item, units, outcome } of attempts) {
    if (outcome === 'ok') largest.set(item, Math.max(largest.get(item) ?? 0, units));
  }
  return largest;
}

/** The last checkouts of the item before a refusal. */
function neighbours(context: AuditContext, refusal: Attempt): string[] {
  return context.evidence.heldAttempts
    .filter(({ item, invokedUs }) => item === refusal.item && invokedUs <= refusal.doneUs)
    .sort((a, b) => a.invokedUs - b.invokedUs)
    .slice(-9)
    .map((attempt) => context.describe.attempt(attempt));
}
