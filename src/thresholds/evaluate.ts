/** Judging thresholds against the measurements: yes, no, or not to be told. */
import { nearestName } from '../base/nearest-name.ts';
import { formatMs } from '../base/units.ts';
import type { MetricSource } from '../contract/metrics.ts';
import type { ThresholdResult } from '../contract/run-result.ts';
import type { MetricName } from './metric.ts';
import { metricSelectorOf, type Operator, type Threshold, traitsOfMetric } from './threshold.ts';

/** A quantile q is judged only when at least this many samples lie beyond it. */
const MIN_BEYOND_QUANTILE = 10;
const MIN_FOR_MEAN = 10;

/** An observation; `atLeast` says that the true value may be larger. */
interface Reading {
  readonly value: number;
  readonly atLeast: boolean;
}

type Observation = Reading | { readonly missing: string };

/** Names that selectors may use: of a MetricSource, or of a scenario before the run. */
export interface SelectableNames {
  readonly operations: readonly string[];
  readonly populations: readonly string[];
  readonly phases: readonly string[];
}

/**
 * Judges one threshold. `scalars` holds the values of the metrics that describe the whole run
 * (`SCALAR_METRICS`), null or absent where a value could not be observed. `ok` is null, with a
 * reason, whenever the measurements do not settle it.
 */
export function evaluateThreshold(
  threshold: Threshold,
  source: MetricSource,
  scalars: Readonly<Record<string, number | null>>,
): ThresholdResult {
  const { expression } = threshold;
  const unknownName = checkThresholdNames(threshold, source);
  if (unknownName !== undefined) {
    return { expression, observed: null, ok: null, reason: unknownName };
  }
  const observation = observe(threshold, source, scalars);
  if ('missing' in observation) {
    return { expression, observed: null, ok: null, reason: observation.missing };
  }
  const holds = compare(observation.value, threshold.operator, threshold.limit);
  if (!observation.atLeast)
    return { expression, observed: observation.value, ok: holds, reason: '' };
  return judgeAtLeast(threshold, observation.value, holds);
}

/** The problem with a selector's names, or undefined when all of them exist. */
export function checkThresholdNames(
  threshold: Threshold,
  names: SelectableNames,
): string | undefined {
  const { operation, population, phase } = threshold.selector;
  return (
    (operation === '*' ? undefined : missingName('operation', operation, names.operations)) ??
    missingName('population', population, names.populations) ??
    missingName('phase', phase, names.phases)
  );
}

function missingName(
  what: string,
  name: string | undefined,
  known: readonly string[],
): string | undefined {
  if (name === undefined || known.includes(name)) return undefined;
  const near = nearestName(name, known);
  const help = near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?`;
  return `there is no ${what} "${name}" (${help})`;
}

/** The strictest upper bound on a latency, in milliseconds: it sets how much lag is allowed. */
export function tightestLatencyMs(thresholds: readonly Threshold[]): number | undefined {
  let tightest: number | undefined;
  for (const { metric, operator, limit } of thresholds) {
    const isUpperBound = operator === '<' || operator === '<=';
    if (!isUpperBound || traitsOfMetric(metric).kind !== 'latency') continue;
    tightest = Math.min(tightest ?? limit, limit);
  }
  return tightest;
}

function observe(
  threshold: Threshold,
  source: MetricSource,
  scalars: Readonly<Record<string, number | null>>,
): Observation {
  const { metric } = threshold;
  if (typeof metric !== 'string') return observeQuantile(threshold, source, metric.quantile);
  const traits = traitsOfMetric(metric);
  if (traits.selectable === 'none') {
    const value = Object.hasOwn(scalars, metric) ? scalars[metric] : undefined;
    if (value === null || value === undefined || !Number.isFinite(value)) {
      return { missing: `${metric} could not be observed in this run` };
    }
    return { value, atLeast: false };
  }
  if (traits.kind === 'latency') return observeLatency(threshold, source, metric);
  return observeCounts(threshold, source, metric);
}

function observeQuantile(threshold: Threshold, source: MetricSource, q: number): Observation {
  const selector = metricSelectorOf(threshold);
  const reading = source.quantile(selector, q);
  if (reading === undefined || reading.count * (1 - q) < MIN_BEYOND_QUANTILE - 1e-6) {
    const count = reading?.count ?? source.latency(selector, 'response').count;
    const needed = Math.ceil(MIN_BEYOND_QUANTILE / (1 - q) - 1e-6);
    return { missing: `too few samples: ${count}, and this quantile needs ${needed}` };
  }
  if (!Number.isFinite(reading.valueMs)) return { missing: 'the quantile is not a number' };
  return { value: reading.valueMs, atLeast: reading.atLeast };
}

function observeLatency(
  threshold: Threshold,
  source: MetricSource,
  metric: MetricName,
): Observation {
  const summary = source.latency(metricSelectorOf(threshold), 'response');
  const needed = metric === 'mean' ? MIN_FOR_MEAN : 1;
  const value = metric === 'mean' ? summary.mean : summary.max;
  if (summary.count < needed || !Number.isFinite(value)) {
    return { missing: `too few samples: ${summary.count}, and ${metric} needs ${needed}` };
  }
  // Operations cut off above the P99 also pull up the mean and the maximum.
  return { value, atLeast: summary.p99AtLeast };
}

function observeCounts(
  threshold: Threshold,
  source: MetricSource,
  metric: MetricName,
): Observation {
  const selector = metricSelectorOf(threshold);
  if (metric === 'requests_per_sec') {
    if (!(source.measuredMs > 0)) return { missing: 'nothing was measured' };
    return { value: source.attempts(selector) / (source.measuredMs / 1000), atLeast: false };
  }
  const counts = source.counts(selector);
  const total = counts.ok + counts.refused + counts.failed + counts.unknown;
  if (metric === 'count') {
    const { outcome } = selector;
    return { value: outcome === undefined ? total : counts[outcome], atLeast: false };
  }
  if (total === 0) return { missing: 'no such operation was measured' };
  const part = {
    failed_rate: counts.failed,
    unknown_rate: counts.unknown,
    refused_rate: counts.refused,
    ok_rate: counts.ok,
  }[metric as 'failed_rate' | 'unknown_rate' | 'refused_rate' | 'ok_rate'];
  return { value: part / total, atLeast: false };
}

function compare(value: number, operator: Operator, limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '==':
      return value === limit;
    case '!=':
      return value !== limit;
  }
}

/** A lower bound settles only what a larger value could not change. */
function judgeAtLeast(threshold: Threshold, value: number, holds: boolean): ThresholdResult {
  const { expression, operator, limit } = threshold;
  const bound = `operations were cut off: the value is at least ${formatMs(value)}`;
  const wantsLess = operator === '<' || operator === '<=';
  const wantsMore = operator === '>' || operator === '>=';
  const settled =
    (wantsLess && !holds) || (wantsMore && holds) || (!wantsLess && !wantsMore && value > limit);
  return { expression, observed: value, ok: settled ? holds : null, reason: bound };
}
