/** What a shopper's client does when an attempt of an operation did not work out. */
import type { Outcome, Reason } from './outcome.ts';

export interface Backoff {
  /** Wait before the n-th retry: `constant` baseMs, `exponential` baseMs · 2^(n − 1); at most maxMs. */
  readonly kind: 'constant' | 'exponential';
  readonly baseMs: number;
  readonly maxMs: number;
  /**
   * `none`: exactly that wait. `full`: uniform from 0 to it. `equal`: half of it and a uniform half.
   * (M. Brooker, "Exponential Backoff And Jitter", 2015.)
   */
  readonly jitter: 'none' | 'full' | 'equal';
}

export interface RetryPolicy {
  /** Tries of one operation, the first included: 1 never tries again. */
  readonly attempts: number;
  /** Time-out of one attempt; 0: the client's own. */
  readonly timeoutMs: number;
  readonly backoff: Backoff;
  /** Outcomes that are tried again, and among them only these reasons when they are given. */
  readonly outcomes: readonly Outcome[];
  readonly reasons?: readonly Reason[];
  /** Idempotency key of a retried order. `new` is the mistake that buys twice. */
  readonly key: 'same' | 'new';
  /**
   * Retries that may be under way in proportion to first attempts: every first attempt earns
   * `ratio` of a token, every retry costs one, at most `burst` are kept, and one in any case. The
   * bucket is full at the start; workers share it. Null: no limit.
   */
  readonly budget: { readonly ratio: number; readonly burst: number } | null;
}
