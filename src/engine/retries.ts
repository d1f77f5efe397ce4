/**
 * What shoppers do when an attempt did not work out, compiled by population: which answers are
 * tried again, after which pause, from which budget, and which orders are clicked twice.
 */
import { Prng } from '../base/prng.ts';
import { type Shard, shareOf } from '../base/shard.ts';
import {
  OUTCOME_CODE,
  OUTCOMES,
  type Outcome,
  REASON_CODE,
  REASONS,
  type Reason,
} from '../contract/outcome.ts';
import type { Backoff, RetryPolicy } from '../contract/retry.ts';
import type { DoubleClick, Population, Scenario } from '../contract/scenario.ts';

/** More attempts are never made: a session's counter of them has 16 bits. */
const ATTEMPTS_MAX = 0xffff;
/** Keeps the product finite; the back-off's own limit comes long before. */
const DOUBLINGS_MAX = 60;

/** Why an operation that would be tried again is not; what `Shoppers.retry` answers then. */
export const NO_RETRY = { wanted: -1, givenUp: -2, denied: -3, cutShort: -4 } as const;

interface CompiledPolicy {
  readonly policy: RetryPolicy;
  /** 1 where outcome × reason is tried again. */
  readonly tried: Uint8Array;
  /** Retries that may be sent now, this worker's share. */
  tokens: number;
  readonly tokensMax: number;
}

function triedTable({ outcomes, reasons }: RetryPolicy): Uint8Array {
  const table = new Uint8Array(OUTCOMES.length * REASONS.length);
  for (const outcome of outcomes) {
    for (const reason of reasons ?? REASONS) {
      table[OUTCOME_CODE[outcome] * REASONS.length + REASON_CODE[reason]] = 1;
    }
  }
  return table;
}

/**
 * The shares of all workers start with `burst` tokens in all, so that never more than
 * burst + ratio × first attempts are retried, however many workers there are. A worker may keep one
 * whole token even where its share of the burst is less: it could never retry otherwise.
 */
function compile({ retry }: Population, shard: Shard): CompiledPolicy | undefined {
  if (retry === undefined) return undefined;
  const burst = retry.budget?.burst ?? 0;
  const whole = Math.floor(burst);
  const share = shareOf(whole, shard) + (shard.index === 0 ? burst - whole : 0);
  return {
    policy: retry,
    tried: triedTable(retry),
    tokens: share,
    tokensMax: Math.max(1, share),
  };
}

/** Whether a population's attempts can be more than its operations. */
export function repeatsOperations({ retry, doubleClick }: Population): boolean {
  return (retry?.attempts ?? 1) > 1 || (doubleClick?.share ?? 0) > 0;
}

/**
 * The pause before the n-th retry (1, 2, …) in µs; `unit` in [0,1) decides the jitter. Shapes as
 * in contract/retry.ts.
 */
export function backoffUs(backoff: Backoff, retry: number, unit: number): number {
  const { kind, baseMs, maxMs, jitter } = backoff;
  const doublings = kind === 'constant' ? 0 : Math.min(retry - 1, DOUBLINGS_MAX);
  const wanted = baseMs * 2 ** doublings;
  const pauseUs = Math.min(maxMs, wanted) * 1000;
  if (jitter === 'none') return pauseUs;
  return jitter === 'full' ? pauseUs * unit : (pauseUs / 2) * (1 + unit);
}

export class Retries {
  /** By population: time-out of an attempt; 0: the client's own. */
  readonly timeoutsMs: Float64Array;
  /** 1 where a first attempt earns something, and where there is a policy at all. */
  readonly #earns: Uint8Array;
  readonly #retries: Uint8Array;
  readonly #policies: readonly (CompiledPolicy | undefined)[];
  readonly #clicks: readonly (DoubleClick | undefined)[];
  readonly #clickBase: Prng;
  readonly #draw = new Prng(0);

  constructor(scenario: Pick<Scenario, 'populations' | 'seed'>, shard: Shard) {
    this.#policies = scenario.populations.map((population) => compile(population, shard));
    this.timeoutsMs = Float64Array.from(this.#policies, (one) => one?.policy.timeoutMs ?? 0);
    this.#earns = Uint8Array.from(this.#policies, (one) => ((one?.policy.budget ?? null) ? 1 : 0));
    this.#retries = Uint8Array.from(this.#policies, (one) => (one === undefined ? 0 : 1));
    this.#clicks = scenario.populations.map(({ doubleClick }) => doubleClick);
    this.#clickBase = new Prng(scenario.seed, 'double-clicks');
  }

  /** Whether a retried order gets a key of its own. */
  needsNewKey(population: number): boolean {
    return this.#policies[population]?.policy.key === 'new';
  }

  /** Whether the pause before a retry is drawn. */
  hasJitter(population: number): boolean {
    return this.#policies[population]?.policy.backoff.jitter !== 'none';
  }

  pauseUs(population: number, retry: number, unit: number): number {
    const policy = this.#policies[population]?.policy;
    return policy === undefined ? 0 : backoffUs(policy.backoff, retry, unit);
  }

  /** Whether this answer is one that its shopper tries again. */
  triesAgain(population: number, outcome: Outcome, reason: Reason): boolean {
    if (this.#retries[population] === 0) return false;
    const compiled = this.#policies[population];
    if (compiled === undefined) return false;
    return compiled.tried[OUTCOME_CODE[outcome] * REASONS.length + REASON_CODE[reason]] === 1;
  }

  attemptsMax(population: number): number {
    return Math.min(ATTEMPTS_MAX, this.#policies[population]?.policy.attempts ?? 1);
  }

  /** A first attempt earns its share of a retry. */
  earn(population: number): void {
    if (this.#earns[population] === 0) return;
    const compiled = this.#policies[population];
    if (compiled === undefined || compiled.policy.budget === null) return;
    compiled.tokens = Math.min(compiled.tokensMax, compiled.tokens + compiled.policy.budget.ratio);
  }

  /** Whether the budget has a whole token left. */
  affords(population: number): boolean {
    const compiled = this.#policies[population];
    return compiled === undefined || compiled.policy.budget === null || compiled.tokens >= 1;
  }

  spend(population: number): void {
    const compiled = this.#policies[population];
    if (compiled !== undefined && compiled.policy.budget !== null) compiled.tokens--;
  }

  /** µs between the clicks of the order under a session's n-th key; -1: it is clicked once. */
  clickGapUs(population: number, ordinal: number, keyCount: number): number {
    const click = this.#clicks[population];
    if (click === undefined) return -1;
    this.#draw.seek(this.#clickBase, ordinal, keyCount);
    return this.#draw.chance(click.share) ? click.gapMs * 1000 : -1;
  }

  /** The second click's key. */
  clickKey(population: number, key: string): string {
    return this.#clicks[population]?.key === 'new' ? `${key}b` : key;
  }
}
