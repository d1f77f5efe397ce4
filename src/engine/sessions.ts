/**
 * State of the live sessions, by slot: numbers in typed arrays, three short strings beside them.
 * 100,000 thinking sessions cost about 10 MB and no work for the garbage collector.
 */
import { assert } from '../base/assert.ts';

export interface SessionStart {
  readonly ordinal: number;
  readonly customer: number;
  readonly item: number;
  readonly population: number;
  readonly step: number;
}

const INITIAL_SLOTS = 1024;

export class SessionTable {
  ordinal = new Uint32Array(INITIAL_SLOTS);
  customer = new Uint32Array(INITIAL_SLOTS);
  item = new Int32Array(INITIAL_SLOTS);
  population = new Uint16Array(INITIAL_SLOTS);
  step = new Int32Array(INITIAL_SLOTS);
  stepsDone = new Uint32Array(INITIAL_SLOTS);
  /** Draws taken from the session's stream so far. */
  draws = new Uint32Array(INITIAL_SLOTS);
  /** Idempotency keys used so far. */
  keys = new Uint32Array(INITIAL_SLOTS);
  /** 1: the next order belongs to a new checkout and gets a new key. */
  keyStale = new Uint8Array(INITIAL_SLOTS);
  /** 1: the units of the current key have been counted. */
  unitsCounted = new Uint8Array(INITIAL_SLOTS);
  /** Attempts of the current step that failed and are to be followed by another; 0 for none. */
  attempts = new Uint16Array(INITIAL_SLOTS);
  /** `draws` when the current step was first asked: a retry asks the same again. */
  askedAt = new Uint32Array(INITIAL_SLOTS);
  /** Of a step that is being retried, µs since the start: first intended, last answered. */
  firstPlannedUs = new Float64Array(INITIAL_SLOTS);
  triedUntilUs = new Float64Array(INITIAL_SLOTS);
  /** Codes of the last answer. */
  triedOutcome = new Uint8Array(INITIAL_SLOTS);
  triedReason = new Uint8Array(INITIAL_SLOTS);
  /** Quantity of the last order: what is confirmed when the answer does not say. */
  quantity = new Uint32Array(INITIAL_SLOTS);
  readonly key: string[] = [];
  readonly checkoutId: string[] = [];
  readonly orderId: string[] = [];
  readonly #limit: number;
  #free = new Uint32Array(INITIAL_SLOTS);
  #freeCount = 0;
  #slots = 0;

  constructor(limit: number) {
    assert(Number.isSafeInteger(limit) && limit >= 1, 'the cap on sessions is at least 1');
    this.#limit = limit;
  }

  get live(): number {
    return this.#slots - this.#freeCount;
  }

  /** The slot, or -1 when the cap on live sessions is reached. */
  open(start: SessionStart): number {
    const slot = this.#takeSlot();
    if (slot < 0) return -1;
    this.ordinal[slot] = start.ordinal;
    this.customer[slot] = start.customer;
    this.item[slot] = start.item;
    this.population[slot] = start.population;
    this.step[slot] = start.step;
    this.stepsDone[slot] = 0;
    this.draws[slot] = 0;
    this.keys[slot] = 0;
    this.keyStale[slot] = 1;
    this.unitsCounted[slot] = 0;
    this.attempts[slot] = 0;
    this.quantity[slot] = 0;
    this.key[slot] = '';
    this.checkoutId[slot] = '';
    this.orderId[slot] = '';
    return slot;
  }

  close(slot: number): void {
    this.#free[this.#freeCount++] = slot;
  }

  #takeSlot(): number {
    if (this.#freeCount > 0) return this.#free[--this.#freeCount] as number;
    if (this.#slots >= this.#limit) return -1;
    if (this.#slots === this.ordinal.length) this.#grow(this.#slots * 2);
    return this.#slots++;
  }

  #grow(slots: number): void {
    this.ordinal = grown32(this.ordinal, slots);
    this.customer = grown32(this.customer, slots);
    this.stepsDone = grown32(this.stepsDone, slots);
    this.draws = grown32(this.draws, slots);
    this.keys = grown32(this.keys, slots);
    this.quantity = grown32(this.quantity, slots);
    this.#free = grown32(this.#free, slots);
    this.item = grownSigned(this.item, slots);
    this.step = grownSigned(this.step, slots);
    this.keyStale = grown8(this.keyStale, slots);
    this.unitsCounted = grown8(this.unitsCounted, slots);
    this.population = grown16(this.population, slots);
    this.attempts = grown16(this.attempts, slots);
    this.askedAt = grown32(this.askedAt, slots);
    this.firstPlannedUs = grownFloat(this.firstPlannedUs, slots);
    this.triedUntilUs = grownFloat(this.triedUntilUs, slots);
    this.triedOutcome = grown8(this.triedOutcome, slots);
    this.triedReason = grown8(this.triedReason, slots);
  }
}

function grown32(column: Uint32Array, slots: number): Uint32Array<ArrayBuffer> {
  const bigger = new Uint32Array(slots);
  bigger.set(column);
  return bigger;
}

function grown16(column: Uint16Array, slots: number): Uint16Array<ArrayBuffer> {
  const bigger = new Uint16Array(slots);
  bigger.set(column);
  return bigger;
}

function grownFloat(column: Float64Array, slots: number): Float64Array<ArrayBuffer> {
  const bigger = new Float64Array(slots);
  bigger.set(column);
  return bigger;
}

function grownSigned(column: Int32Array, slots: number): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(slots);
  bigger.set(column);
  return bigger;
}

function grown8(column: Uint8Array, slots: number): Uint8Array<ArrayBuffer> {
  const bigger = new Uint8Array(slots);
  bigger.set(column);
  return bigger;
}
