/** result.json, schema version 1: the product's public format. Names are never renamed. */
import type { ExitCode } from '../base/exit-codes.ts';
import type { AuditReport } from './audit.ts';

/** Milliseconds; null where too few samples were taken (count · (1 − q) < 10). */
export interface LatencyResult {
  mean: number | null;
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
  p999: number | null;
  max: number | null;
  count: number;
  /** 95 % interval of the P99, or null. */
  p99Interval: [number, number] | null;
  /** True when operations cut off at the end lie above the P99: read it as "at least". */
  p99AtLeast: boolean;
}

export interface ByOutcomeResult {
  refused: { responseTimeMs: LatencyResult };
  failed: { responseTimeMs: LatencyResult };
  unknown: { responseTimeMs: LatencyResult };
}

export interface OperationResultRow {
  count: number;
  ok: number;
  refused: number;
  failed: number;
  unknown: number;
  perSec: number;
  attempts: number;
  /** Probe operations are listed but never part of the totals. */
  probe: boolean;
  /** Outcome `ok`. */
  responseTimeMs: LatencyResult;
  serviceTimeMs: LatencyResult;
  byOutcome: ByOutcomeResult;
}

export interface TotalsResult {
  count: number;
  ok: number;
  refused: number;
  failed: number;
  unknown: number;
  perSec: number;
  responseTimeMs: LatencyResult;
  serviceTimeMs: LatencyResult;
  byOutcome: ByOutcomeResult;
}

export interface ThresholdResult {
  expression: string;
  /** In the unit of the expression's metric; null when it could not be observed. */
  observed: number | null;
  /** null: could not be judged. */
  ok: boolean | null;
  reason: string;
}

export interface WarningResult {
  code: string;
  message: string;
  advice: string;
}

export interface TimelineResult {
  atMs: number;
  due: number;
  started: number;
  ok: number;
  refused: number;
  failed: number;
  unknown: number;
  p50Ms: number | null;
  p99Ms: number | null;
  stockLeft: number | null;
  heldUnits: number | null;
  /** CPU of the target's processes, 1 = one core. */
  targetCpu: number | null;
  generatorLagP99Ms: number | null;
  faults: string[];
}

export interface CapacityResult {
  method: 'utilisation-law' | 'none';
  unit: 'journeys/s';
  estimatePerSec: number | null;
  interval: [number, number] | null;
  claimPerSec: number | null;
  /** The same estimate in other units, for the measured mix. */
  requestsPerSec: number | null;
  ordersPerSec: number | null;
  limitingResource: string | null;
  bindingThreshold: string | null;
  /** Why there is no estimate; '' otherwise. */
  reason: string;
}

export interface RunResult {
  schemaVersion: 1;
  verdict: 'pass' | 'fail' | 'inconclusive' | 'invalid' | 'interrupted' | 'error';
  exitCode: ExitCode;
  /** One plain sentence. */
  reason: string;
  otherCodes: ExitCode[];
  run: {
    id: string;
    scenario: string;
    profile: string;
    seed: number;
    planDigest: string;
    /** ISO 8601, UTC. */
    startedAt: string;
    durationMs: number;
    /** The command line that reproduces it. */
    command: string;
    tool: { version: string; commit: string };
    machine: { cpuModel: string; cores: number; memoryBytes: number; node: string; os: string };
    target: { kind: string; name: string; url: string };
    /** Strategy and other settings of the bundled shop that readers ask for first. */
    system: Record<string, string>;
  };
  artefacts: { name: string; path: string; sha256: string }[];
  load: {
    /** `open`: journeys arrive at a rate. `closed`: virtual users, each after its last journey. */
    model?: 'open' | 'closed';
    /** Most virtual users at a time; null in the open model. */
    virtualUsers?: number | null;
    journeysDue: number;
    journeysStarted: number;
    journeysDropped: number;
    offeredPerSec: number;
    requestsPerSec: number;
    workers: number;
    connections: number;
    warmupMs: number;
    measuredMs: number;
    scheduleLagMs: { p50: number; p99: number; max: number };
    generator: {
      verdict: 'valid' | 'invalid';
      reasons: string[];
      cpuUtilisation: number;
      busyRatio: number;
    };
  };
  totals: TotalsResult;
  operations: Record<string, OperationResultRow>;
  business: {
    unitsForSale: number;
    unitsSold: number;
    /** Null, as all that only the history can tell, when none was kept. */
    ordersConfirmed: number | null;
    /** From T0 to the first sold-out answer for a hot item; null when it did not sell out. */
    timeToSellOutMs: number | null;
    goodputPerSec: number | null;
    revenueMinor: number | null;
    currency: string;
    unitsByPopulation: Record<string, number>;
  };
  audit: AuditReport;
  capacity: CapacityResult;
  thresholds: ThresholdResult[];
  warnings: WarningResult[];
  timeline: TimelineResult[];
}
