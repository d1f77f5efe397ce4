/** Locks that end by themselves: who holds one too long may be overtaken without being told. */
import type { Clock, TimerHandle } from '../../base/clock.ts';
import { Refusal } from '../services.ts';

const MAX_WAITING = 4096;

interface Waiter {
  readonly grant: (token: number | undefined) => void;
  timer: TimerHandle;
}

interface Lease {
  token: number;
  expiry: TimerHandle;
  readonly waiting: Waiter[];
}

export class Leases {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #leases = new Map<string, Lease>();
  #lastToken = 0;

  constructor(clock: Clock, ttlMs: number) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
  }

  /** Later tokens are larger than any of an earlier life. */
  startAfter(token: number): void {
    this.#lastToken = Math.max(this.#lastToken, token);
  }

  /**
   * The fencing token of a lease that ends after the time to live; undefined when none was free
   * within `limitMs`. Throws Refusal 503 `overloaded` when too many wait already.
   */
  acquire(key: string, limitMs: number): Promise<number | undefined> {
    const lease = this.#leases.get(key);
    if (lease === undefined) {
      const token = ++this.#lastToken;
      this.#leases.set(key, { token, expiry: this.#expireLater(key, token), waiting: [] });
      return Promise.resolve(token);
    }
    if (lease.waiting.length >= MAX_WAITING) {
      return Promise.reject(new Refusal(503, 'overloaded'));
    }
    if (limitMs <= 0) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        grant: resolve,
        timer: this.#clock.after(limitMs, () => {
          lease.waiting.splice(lease.waiting.indexOf(waiter), 1);
          resolve(undefined);
        }),
      };
      lease.waiting.push(waiter);
    });
  }

  /** Does nothing when the lease has passed to another meanwhile. */
  release(key: string, token: number): void {
    const lease = this.#leases.get(key);
    if (lease?.token !== token) return;
    this.#clock.cancel(lease.expiry);
    const next = lease.waiting.shift();
    if (next === undefined) {
      this.#leases.delete(key);
      return;
    }
    this.#clock.cancel(next.timer);
    lease.token = ++this.#lastToken;
    lease.expiry = this.#expireLater(key, lease.token);
    next.grant(lease.token);
  }

  #expireLater(key: string, token: number): TimerHandle {
    return this.#clock.after(this.#ttlMs, () => this.release(key, token));
  }
}
