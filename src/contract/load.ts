/** What the coordinator orders from the engine and what it gets back. */
import type { ClientSpec, ClientStats } from './call.ts';
import type { MetricSource } from './metrics.ts';
import type { OutcomeCounts } from './outcome.ts';
import type { Scenario } from './scenario.ts';

/**
 * What the history keeps: nothing · every write and the reads that an invariant needs · every
 * operation.
 */
export type HistoryScope = 'off' | 'writes' | 'all';

/** Sessions that may be live at once unless a caller asks for another cap; virtual users included. */
export const DEFAULT_MAX_SESSIONS = 200_000;

/** Serialisable: sent to each worker with its shard. */
export interface LoadOrder {
  readonly scenario: Scenario;
  readonly client: ClientSpec;
  /** Host-wide µs at which intended time 0 lies. */
  readonly startUs: number;
  readonly drainMs: number;
  readonly history: HistoryScope;
  /** Folder into which each worker writes its history segment. */
  readonly historyDir: string;
  /** Prefix of idempotency keys: makes keys of two runs differ. */
  readonly keyPrefix: string;
}

/** What can be known of a plan before it is run. */
export interface PlanSummary {
  /** In the closed model the first journey of every user: how many follow, the target decides. */
  readonly journeys: number;
  /** Most virtual users at a time; 0 in the open model. */
  readonly virtualUsers: number;
  readonly customers: number;
  /** Sessions that come for a hot item, by population. */
  readonly hotSessions: Readonly<Record<string, number>>;
  /**
   * SHA-256 (hex) over every arrival, population, item and key, whatever the worker count; in the
   * closed model over every user's start and the draws of its first journey.
   */
  readonly digest: string;
}

/** One second of the run, merged over workers. Latency is bucketed by intended second. */
export interface TimelineSample {
  readonly atMs: number;
  readonly due: number;
  readonly started: number;
  readonly counts: OutcomeCounts;
  /** Response time of `ok` operations; NaN when there were none. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lagP99Ms: number;
  /** Busy share of the busiest worker, empty polls not counted. */
  readonly busyRatio: number;
  readonly inFlight: number;
}

export interface GeneratorHealth {
  readonly verdict: 'valid' | 'invalid';
  /** Which rule, when, and what to do; empty when valid. */
  readonly reasons: readonly string[];
  readonly lagMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** CPU time of the whole generator process ÷ wall time (1 = one core). */
  readonly cpuUtilisation: number;
  /** Mean busy share of the busiest worker. */
  readonly busyRatio: number;
}

export interface LoadReport {
  readonly model: 'open' | 'closed';
  /** Most virtual users at a time; 0 in the open model. */
  readonly virtualUsers: number;
  /** In the closed model those begun: nothing is due before the journey before it has ended. */
  readonly journeysDue: number;
  readonly journeysStarted: number;
  readonly journeysDropped: number;
  readonly journeysCompleted: number;
  /** Peak of journeys due per second over any whole second. */
  readonly offeredPerSec: number;
  readonly measuredMs: number;
  readonly warmupMs: number;
  readonly workers: number;
  readonly client: ClientStats;
  readonly metrics: MetricSource;
  readonly timeline: readonly TimelineSample[];
  readonly health: GeneratorHealth;
  /** Units of hot items confirmed, by population name. */
  readonly unitsByPopulation: Readonly<Record<string, number>>;
  readonly historyFiles: readonly string[];
  readonly historyLost: number;
  /** Operations cut off at the end of the drain. */
  readonly cutOff: number;
  readonly stopped: 'finished' | 'interrupted' | 'target-died';
  /** `histograms.hlog` content. */
  readonly histogramLog: string;
}
