/** What clients do when an operation does not work out, from well-behaved to harmful. */
import type { Reason } from '../contract/outcome.ts';
import type { RetryPolicy } from '../contract/retry.ts';

/** "Not now", or no answer at all: what may be different the next time. */
const PASSING: readonly Reason[] = [
  'rate_limited',
  'shed',
  'contention',
  'connect_failed',
  'key_in_progress',
  'timeout',
  'connection_lost',
  'server_error',
];

/** After this nobody believes any more that an answer will come. */
const IMPATIENT_MS = 1000;
const AT_ONCE = { kind: 'constant', baseMs: 0, maxMs: 0, jitter: 'none' } as const;

export interface RetryPreset {
  readonly name: string;
  /** One line, with what it rests on. */
  readonly description: string;
  /** Absent: the journey alone decides. */
  readonly policy?: RetryPolicy;
}

export const RETRY_PRESETS = {
  none: { name: 'none', description: 'never by itself; the journey says what people do' },
  /**
   * Three attempts and 20 s at most: the AWS SDKs' standard mode. Full jitter: M. Brooker,
   * "Exponential Backoff And Jitter", 2015. A tenth of a retry earned per first attempt, ten kept:
   * the example of gRPC's retry throttling (proposal A6).
   */
  polite: {
    name: 'polite',
    description: 'three attempts, exponential back-off with full jitter, a budget of one in ten',
    policy: {
      attempts: 3,
      timeoutMs: 0,
      backoff: { kind: 'exponential', baseMs: 200, maxMs: 20_000, jitter: 'full' },
      outcomes: ['refused', 'failed', 'unknown'],
      reasons: PASSING,
      key: 'same',
      budget: { ratio: 0.1, burst: 10 },
    },
  },
  /** Retries without pause or limit keep an overload going after its cause has ended (Bronson et
   * al., "Metastable Failures in Distributed Systems", HotOS 2021). */
  stubborn: {
    name: 'stubborn',
    description: 'gives up waiting after 1 s and tries five times without a pause, same key',
    policy: {
      attempts: 5,
      timeoutMs: IMPATIENT_MS,
      backoff: AT_ONCE,
      outcomes: ['refused', 'failed', 'unknown'],
      reasons: PASSING,
      key: 'same',
      budget: null,
    },
  },
  naive: {
    name: 'naive',
    description: 'three attempts at once, each order under a new key: the mistake that buys twice',
    policy: {
      attempts: 3,
      timeoutMs: IMPATIENT_MS,
      backoff: AT_ONCE,
      outcomes: ['refused', 'failed', 'unknown'],
      reasons: PASSING,
      key: 'new',
      budget: null,
    },
  },
} as const satisfies Readonly<Record<string, RetryPreset>>;
