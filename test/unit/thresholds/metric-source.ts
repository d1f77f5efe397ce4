/** A MetricSource of stated numbers that remembers what it was asked: the product's own fake. */
import type {
  LatencySummary,
  MetricSelector,
  MetricSource,
  QuantileReading,
} from '../../../src/contract/metrics.ts';
import { emptyOutcomeCounts, type OutcomeCounts } from '../../../src/contract/outcome.ts';

export interface StatedNumbers {
  readonly counts?: Partial<OutcomeCounts>;
  readonly attempts?: number;
  readonly measuredMs?: number;
  readonly latency?: Partial<LatencySummary>;
  readonly quantile?: QuantileReading;
}

export interface StatedSource extends MetricSource {
  readonly asked: MetricSelector[];
}

export function statedSource(numbers: StatedNumbers): StatedSource {
  const asked: MetricSelector[] = [];
  const latency: LatencySummary = {
    count: 0,
    mean: Number.NaN,
    max: Number.NaN,
    p50: Number.NaN,
    p90: Number.NaN,
    p95: Number.NaN,
    p99: Number.NaN,
    p999: Number.NaN,
    p99Interval: null,
    p99AtLeast: false,
    ...numbers.latency,
  };
  const note = <T>(selector: MetricSelector, answer: T): T => {
    asked.push(selector);
    return answer;
  };
  return {
    asked,
    operations: ['home', 'order', 'checkout'],
    populations: ['shopper', 'bot'],
    phases: ['warmup', 'drop', 'tail'],
    measuredMs: numbers.measuredMs ?? 20_000,
    counts: (selector) => note(selector, { ...emptyOutcomeCounts(), ...numbers.counts }),
    attempts: (selector) => note(selector, numbers.attempts ?? 0),
    latency: (selector) => note(selector, latency),
    quantile: (selector) => note(selector, numbers.quantile),
  };
}
