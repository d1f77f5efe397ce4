/** Who waits, in the order in which they came. */
import { BoundedQueue } from '../../base/bounded-queue.ts';

/** One shopper's place; what `waiting_places` has of it, and what only this process knows. */
export interface Place {
  readonly seq: number;
  readonly customer: string;
  state: 'joining' | 'waiting' | 'admitting' | 'admitted' | 'gone';
  /** How many had taken a place in this line before. */
  before: number;
  /** When its shopper last asked, host-wide µs. */
  askedAtUs: number;
  expiresAtUs: number;
  uses: number;
  /** Checkouts under way. */
  usesBegun: number;
}

export class WaitingLine {
  readonly #queue: BoundedQueue<Place>;
  #taken = 0;
  #left = 0;

  constructor(capacity: number) {
    this.#queue = new BoundedQueue(capacity);
  }

  get size(): number {
    return this.#queue.size;
  }

  /** False when the line is full. */
  push(place: Place): boolean {
    if (!this.#queue.push(place)) return false;
    place.state = 'waiting';
    place.before = this.#taken++;
    return true;
  }

  /** 1 for the next. Those who have gone without a word are passed over only at the front. */
  positionOf(place: Place): number {
    return Math.max(1, place.before - this.#left + 1);
  }

  /** Takes up to `most` from the front who have asked since `askedSinceUs`; `left` are those who have not. */
  take(most: number, askedSinceUs: number): { next: Place[]; left: Place[] } {
    const next: Place[] = [];
    const left: Place[] = [];
    while (next.length < most) {
      const place = this.#queue.shift();
      if (place === undefined) break;
      this.#left++;
      (place.askedAtUs < askedSinceUs ? left : next).push(place);
    }
    return { next, left };
  }
}
