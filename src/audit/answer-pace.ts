/** Tells a shop that was late from a shop that stood still: the latter answered nobody meanwhile. */
import type { History } from '../contract/history.ts';
import { OPERATION_NAMES } from '../contract/operation.ts';
import { orderOf } from './time-order.ts';

/** This many requests, each sent after the answer to the one before, prove a working shop. */
const PROOF_CHAIN = 3;
/** Spans gathered last that a new one is compared with. */
const NEIGHBOURS = 16;
/** Spans gathered before those that cannot matter are let go. */
const FIRST_BATCH = 65_536;

/**
 * Spans of answered requests, sorted, without those that enclose another one: whoever asks for the
 * first answer to anything sent from some instant on never gets one of these.
 */
class InnermostSpans {
  invokedUs = new Float64Array(FIRST_BATCH);
  doneUs = new Float64Array(FIRST_BATCH);
  #length = 0;

  add(invokedUs: number, doneUs: number): void {
    // Most requests enclose a quicker one of about the same time: not even gathered, then.
    const first = Math.max(0, this.#length - NEIGHBOURS);
    for (let i = this.#length - 1; i >= first; i--) {
      if ((this.invokedUs[i] as number) >= invokedUs && (this.doneUs[i] as number) <= doneUs)
        return;
    }
    if (this.#length === this.invokedUs.length) this.#makeRoom();
    this.invokedUs[this.#length] = invokedUs;
    this.doneUs[this.#length++] = doneUs;
  }

  #makeRoom(): void {
    const room = this.invokedUs.length;
    this.finish();
    const needed = this.#length > room / 2 ? 2 * room : room;
    const invokedUs = new Float64Array(needed);
    const doneUs = new Float64Array(needed);
    invokedUs.set(this.invokedUs);
    doneUs.set(this.doneUs);
    this.invokedUs = invokedUs;
    this.doneUs = doneUs;
  }

  /** Both columns then ascend, and are as long as there are spans. */
  finish(): void {
    const order = orderOf(this.invokedUs.subarray(0, this.#length));
    const invokedUs = new Float64Array(order.length);
    const doneUs = new Float64Array(order.length);
    let kept = order.length;
    let earliestUs = Number.POSITIVE_INFINITY;
    for (let i = order.length - 1; i >= 0; i--) {
      const index = order[i] as number;
      if (!((this.doneUs[index] as number) < earliestUs)) continue;
      earliestUs = this.doneUs[index] as number;
      kept--;
      invokedUs[kept] = this.invokedUs[index] as number;
      doneUs[kept] = earliestUs;
    }
    this.invokedUs = invokedUs.slice(kept);
    this.doneUs = doneUs.slice(kept);
    this.#length = this.invokedUs.length;
  }
}

export class AnswerPace {
  readonly #history: History;
  /** Read when first asked for: most runs have no late hold. */
  #spans: InnermostSpans | undefined;

  constructor(history: History) {
    this.#history = history;
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
    this.#spans ??= this.#read();
    const { invokedUs, doneUs } = this.#spans;
    let low = 0;
    let high = invokedUs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((invokedUs[middle] as number) < fromUs) low = middle + 1;
      else high = middle;
    }
    return doneUs[low] ?? Number.POSITIVE_INFINITY;
  }

  #read(): InnermostSpans {
    const spans = new InnermostSpans();
    this.#history.forEach(
      ({ status, invokedUs, doneUs }) => {
        if (status > 0) spans.add(invokedUs, doneUs);
      },
      { operations: OPERATION_NAMES, texts: false },
    );
    spans.finish();
    return spans;
  }
}
