/** Truth against report: which cells of the table are right. Shares no code with the engine. */
import type { LatencySummary } from '../contract/metrics.ts';
import { OUTCOMES, type Outcome, type OutcomeCounts } from '../contract/outcome.ts';

/** A reported figure may differ from the true one by the larger of the two. */
export const ALLOWED_RATIO = 0.01;
export const ALLOWED_MS = 0.3;

export const STATISTICS = ['P50', 'P90', 'P99', 'P99.9', 'max'] as const;
export type Statistic = (typeof STATISTICS)[number];

type Figures = Pick<LatencySummary, 'p50' | 'p90' | 'p99' | 'p999' | 'max'>;

const QUANTILE: Readonly<Record<Statistic, number>> = {
  P50: 0.5,
  P90: 0.9,
  P99: 0.99,
  'P99.9': 0.999,
  max: 1,
};
const FIGURE: Readonly<Record<Statistic, keyof Figures>> = {
  P50: 'p50',
  P90: 'p90',
  P99: 'p99',
  'P99.9': 'p999',
  max: 'max',
};
/** A quantile is stated when at least this many samples lie above it. */
const SAMPLES_ABOVE_MIN = 10;

export interface LatencyCell {
  readonly statistic: Statistic;
  /** NaN when the report lacks it. */
  readonly reportedMs: number;
  readonly trueMs: number;
  readonly allowedMs: number;
  readonly ok: boolean;
}

export interface CountCell {
  readonly outcome: Outcome;
  readonly reported: number;
  readonly true: number;
  readonly ok: boolean;
}

/**
 * The smallest sample that at least a share q of all do not exceed; NaN where fewer than ten lie
 * above it, so that nobody is held to a figure that has no ground.
 */
export function trueQuantile(ascending: Float64Array, q: number): number {
  const n = ascending.length;
  if (q < 1 && n * (1 - q) < SAMPLES_ABOVE_MIN - 1e-6) return Number.NaN;
  const rank = Math.max(1, Math.ceil(q * n - 1e-9 * n));
  return ascending[rank - 1] ?? Number.NaN;
}

/** One cell for each figure that the samples can ground; `truthMs` is in ascending order. */
export function compareLatency(reported: Figures, truthMs: Float64Array): LatencyCell[] {
  return STATISTICS.flatMap((statistic) => {
    const trueMs = trueQuantile(truthMs, QUANTILE[statistic]);
    if (Number.isNaN(trueMs)) return [];
    const reportedMs = reported[FIGURE[statistic]];
    const allowedMs = Math.max(ALLOWED_MS, ALLOWED_RATIO * trueMs);
    // A NaN is off: whatever is not within the bound is.
    const ok = Math.abs(reportedMs - trueMs) <= allowedMs;
    return [{ statistic, reportedMs, trueMs, allowedMs, ok }];
  });
}

/** Counts are right when they are equal. */
export function compareCounts(reported: OutcomeCounts, truth: OutcomeCounts): CountCell[] {
  return OUTCOMES.map((outcome) => ({
    outcome,
    reported: reported[outcome],
    true: truth[outcome],
    ok: reported[outcome] === truth[outcome],
  }));
}
