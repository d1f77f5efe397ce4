/** A token bucket per name: so many requests per second, and a second's worth at once. */
import type { Clock } from '../../base/clock.ts';

/** Names that were not seen for the longest are forgotten beyond this. */
const MAX_NAMES = 262_144;

interface Bucket {
  tokens: number;
  atUs: number;
}

export class RateLimit {
  readonly #perSec: number;
  readonly #burst: number;
  readonly #clock: Clock;
  readonly #maxNames: number;
  /** Seen lately; when it holds half of what is allowed it becomes the older half. */
  #recent = new Map<string, Bucket>();
  #older = new Map<string, Bucket>();
  /** Requests that were refused. */
  refused = 0;

  constructor(perSec: number, clock: Clock, maxNames = MAX_NAMES) {
    this.#perSec = perSec;
    this.#burst = Math.max(1, perSec);
    this.#clock = clock;
    this.#maxNames = maxNames;
  }

  get names(): number {
    return this.#recent.size + this.#older.size;
  }

  /** False when the name has used up what it may. */
  take(name: string): boolean {
    const nowUs = this.#clock.nowUs();
    const bucket = this.#recent.get(name) ?? this.#recall(name, nowUs);
    const earned = ((nowUs - bucket.atUs) * this.#perSec) / 1_000_000;
    bucket.tokens = Math.min(this.#burst, bucket.tokens + earned);
    bucket.atUs = nowUs;
    if (bucket.tokens < 1) {
      this.refused++;
      return false;
    }
    bucket.tokens--;
    return true;
  }

  #recall(name: string, nowUs: number): Bucket {
    const bucket = this.#older.get(name) ?? { tokens: this.#burst, atUs: nowUs };
    this.#older.delete(name);
    if (this.#recent.size >= this.#maxNames / 2) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(name, bucket);
    return bucket;
  }
}
