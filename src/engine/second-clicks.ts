/**
 * Second clicks that wait for their instant: whole requests of their own, because the session they
 * came from may have gone on or ended by then. Objects come from the deck and go back to it.
 */
import { assert } from '../base/assert.ts';
import type { Flight, FlightDeck } from './flight.ts';

/** Numbers in the queue of due instants: below it session slots, from it on second clicks. */
const FIRST_ID = 2 ** 31;

export function isSecondClick(id: number): boolean {
  return id >= FIRST_ID;
}

export class SecondClicks {
  readonly #deck: FlightDeck;
  readonly #waiting: (Flight | undefined)[] = [];
  readonly #free: number[] = [];

  constructor(deck: FlightDeck) {
    this.#deck = deck;
  }

  /** The same order once more, under `key`; the number by which it is found when it is due. */
  park(order: Flight, key: string): number {
    const click = this.#deck.spare();
    copyRequest(click, order);
    click.key = key;
    click.secondClick = true;
    click.timeoutMs = order.timeoutMs;
    const at = this.#free.pop() ?? this.#waiting.length;
    this.#waiting[at] = click;
    return FIRST_ID + at;
  }

  /** Once for each number that `park` gave. */
  take(id: number): Flight {
    const at = id - FIRST_ID;
    const click = this.#waiting[at];
    assert(click !== undefined, 'a second click is taken once');
    this.#waiting[at] = undefined;
    this.#free.push(at);
    return click;
  }
}

/** Asks the same once more as a request of no session: its answer steers nothing. */
export function copyRequest(copy: Flight, original: Flight): void {
  copy.operation = original.operation;
  copy.ordinal = original.ordinal;
  copy.population = original.population;
  copy.customer = original.customer;
  copy.item = original.item;
  copy.quantity = original.quantity;
  copy.direct = original.direct;
  copy.key = original.key;
  copy.checkoutId = original.checkoutId;
  copy.orderId = original.orderId;
  copy.variate = original.variate;
  copy.values = original.values;
  copy.loginStep = original.loginStep;
  copy.instantPayment = false;
  copy.timeoutMs = 0;
  copy.attempt = 1;
  copy.secondClick = false;
  copy.clickGapUs = -1;
  copy.followUp = '';
  copy.slot = -1;
}
