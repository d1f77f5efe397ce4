/** Questions that thresholds, reports and capacity ask of the measurements. */
import type { Outcome, OutcomeCounts } from './outcome.ts';

/** Undefined fields mean "all". Probe operations are never part of "all". */
export interface MetricSelector {
  readonly operation?: string;
  readonly outcome?: Outcome;
  readonly population?: string;
  readonly phase?: string;
}

export interface QuantileReading {
  readonly valueMs: number;
  readonly count: number;
  /** True when operations cut off at the end lie above: print with ≥. */
  readonly atLeast: boolean;
}

/** Latency of a set of operations in milliseconds; warm-up left out. */
export interface LatencySummary {
  readonly count: number;
  readonly mean: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  /** 95 % interval of the P99 by batches; null when it cannot be given. */
  readonly p99Interval: readonly [number, number] | null;
  readonly p99AtLeast: boolean;
}

export interface MetricSource {
  /** Names that selectors may use. */
  readonly operations: readonly string[];
  readonly populations: readonly string[];
  readonly phases: readonly string[];
  /** Measured seconds, warm-up left out. */
  readonly measuredMs: number;
  /** Logical operations by outcome; warm-up left out. */
  counts(selector: MetricSelector): OutcomeCounts;
  /** Attempts, second clicks and, where selected, probes included. An outcome is the attempt's. */
  attempts(selector: MetricSelector): number;
  /**
   * `response` from the first attempt's intended instant to the last one's end; `service` from the
   * first byte sent of the last attempt; `attempt` of each attempt from its own intended instant.
   */
  latency(selector: MetricSelector, kind: 'response' | 'service' | 'attempt'): LatencySummary;
  /** A quantile q in (0,1); undefined when count·(1−q) < 10. */
  quantile(selector: MetricSelector, q: number): QuantileReading | undefined;
}
