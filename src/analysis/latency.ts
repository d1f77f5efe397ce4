/** Measured latencies in the form of the result: rounded, and null where samples are too few. */
import type { LatencySummary, MetricSelector, MetricSource } from '../contract/metrics.ts';
import type { ByOutcomeResult, LatencyResult, TotalsResult } from '../contract/run-result.ts';

/** A quantile q is stated only when count · (1 − q) reaches this. */
const MIN_SAMPLES_ABOVE = 10;

/** Three decimals: a result stays readable and is the same on every machine. */
export function rounded(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : 0;
}

export function roundedOrNull(value: number): number | null {
  return Number.isFinite(value) ? rounded(value) : null;
}

export function latencyResult(summary: LatencySummary): LatencyResult {
  const { count } = summary;
  const quantile = (value: number, q: number): number | null =>
    enoughFor(count, q) ? roundedOrNull(value) : null;
  const p99 = quantile(summary.p99, 0.99);
  const interval = summary.p99Interval;
  return {
    mean: count > 0 ? roundedOrNull(summary.mean) : null,
    p50: quantile(summary.p50, 0.5),
    p90: quantile(summary.p90, 0.9),
    p95: quantile(summary.p95, 0.95),
    p99,
    p999: quantile(summary.p999, 0.999),
    max: count > 0 ? roundedOrNull(summary.max) : null,
    count,
    p99Interval:
      p99 === null || interval === null ? null : [rounded(interval[0]), rounded(interval[1])],
    p99AtLeast: summary.p99AtLeast,
  };
}

/** With a tolerance for 1 − q not being exact in binary. */
export function enoughFor(count: number, q: number): boolean {
  return count * (1 - q) >= MIN_SAMPLES_ABOVE - 1e-6;
}

/** The counts and latencies that totals and operations share. */
export function outcomeFigures(metrics: MetricSource, selector: MetricSelector): TotalsResult {
  const counts = metrics.counts(selector);
  const count = counts.ok + counts.refused + counts.failed + counts.unknown;
  return {
    count,
    ...{ ok: counts.ok, refused: counts.refused, failed: counts.failed, unknown: counts.unknown },
    perSec: rounded(perSecond(count, metrics.measuredMs)),
    responseTimeMs: latencyResult(metrics.latency({ ...selector, outcome: 'ok' }, 'response')),
    serviceTimeMs: latencyResult(metrics.latency({ ...selector, outcome: 'ok' }, 'service')),
    timeToFirstByteMs: latencyResult(metrics.latency({ ...selector, outcome: 'ok' }, 'firstByte')),
    byOutcome: byOutcome(metrics, selector),
  };
}

function byOutcome(metrics: MetricSource, selector: MetricSelector): ByOutcomeResult {
  const of = (outcome: 'refused' | 'failed' | 'unknown') => ({
    responseTimeMs: latencyResult(metrics.latency({ ...selector, outcome }, 'response')),
  });
  return { refused: of('refused'), failed: of('failed'), unknown: of('unknown') };
}

/** 0 when no time was measured. */
export function perSecond(count: number, measuredMs: number): number {
  return measuredMs > 0 ? (count * 1000) / measuredMs : 0;
}
