/** Tells a shop that was late from a shop that stood still: the latter answered nobody meanwhile. */
import type { Evidence } from './evidence.ts';

/** This many requests, each sent after the answer to the one before, prove a working shop. */
const PROOF_CHAIN = 3;

export class AnswerPace {
  readonly #invokedUs: Float64Array;
  /** Earliest answer among the requests sent at or after the i-th. */
  readonly #earliestDoneUs: Float64Array;

  constructor({ invokedUs, doneUs }: Evidence['answered']) {
    const order = Uint32Array.from(invokedUs.keys()).sort(
      (a, b) => (invokedUs[a] as number) - (invokedUs[b] as number),
    );
    this.#invokedUs = Float64Array.from(order, (index) => invokedUs[index] as number);
    this.#earliestDoneUs = Float64Array.from(order, (index) => doneUs[index] as number);
    for (let i = order.length - 2; i >= 0; i--) {
      this.#earliestDoneUs[i] = Math.min(
        this.#earliestDoneUs[i] as number,
        this.#earliestDoneUs[i + 1] as number,
      );
    }
  }

  /** True when the shop surely worked between the two instants of the history. */
  workedBetween(fromUs: number, toUs: number): boolean {
    let atUs = fromUs;
    for (let link = 0; link < PROOF_CHAIN; link++) {
      atUs = this.#firstAnswerTo(atUs);
      if (!(atUs <= toUs)) return false;
    }
    return true;
  }

  /** When the first of the requests sent at `fromUs` or later was answered. */
  #firstAnswerTo(fromUs: number): number {
    let low = 0;
    let high = this.#invokedUs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#invokedUs[middle] as number) < fromUs) low = middle + 1;
      else high = middle;
    }
    return this.#earliestDoneUs[low] ?? Number.POSITIVE_INFINITY;
  }
}
