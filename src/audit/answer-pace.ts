/** Tells a shop that was late from a shop that stood still: the latter answered nobody meanwhile. */
import type { Evidence } from './evidence.ts';

/** This many requests, each sent after the answer to the one before, prove a working shop. */
const PROOF_CHAIN = 3;

interface SortedSpans {
  readonly invokedUs: Float64Array;
  /** Earliest answer among the requests sent at or after the i-th. */
  readonly earliestDoneUs: Float64Array;
}

function sortSpans({ invokedUs, doneUs }: Evidence['answered']): SortedSpans {
  const order = Uint32Array.from(invokedUs.keys()).sort(
    (a, b) => (invokedUs[a] as number) - (invokedUs[b] as number),
  );
  const earliestDoneUs = Float64Array.from(order, (index) => doneUs[index] as number);
  for (let i = order.length - 2; i >= 0; i--) {
    const later = earliestDoneUs[i + 1] as number;
    earliestDoneUs[i] = Math.min(earliestDoneUs[i] as number, later);
  }
  return {
    invokedUs: Float64Array.from(order, (index) => invokedUs[index] as number),
    earliestDoneUs,
  };
}

export class AnswerPace {
  readonly #answered: Evidence['answered'];
  /** Sorted when first asked: most runs have no late hold. */
  #spans: SortedSpans | undefined;

  constructor(answered: Evidence['answered']) {
    this.#answered = answered;
  }

  /** True when the shop surely worked between the two instants of the history. */
  workedBetween(fromUs: number, toUs: number): boolean {
    return this.workedBy(fromUs) <= toUs;
  }

  /** By when the shop has surely worked after `fromUs`; Infinity: never again. */
  workedBy(fromUs: number): number {
    let atUs = fromUs;
    for (let link = 0; link < PROOF_CHAIN; link++) atUs = this.#firstAnswerTo(atUs);
    return atUs;
  }

  /** When the first of the requests sent at `fromUs` or later was answered. */
  #firstAnswerTo(fromUs: number): number {
    this.#spans ??= sortSpans(this.#answered);
    const { invokedUs, earliestDoneUs } = this.#spans;
    let low = 0;
    let high = invokedUs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((invokedUs[middle] as number) < fromUs) low = middle + 1;
      else high = middle;
    }
    return earliestDoneUs[low] ?? Number.POSITIVE_INFINITY;
  }
}
