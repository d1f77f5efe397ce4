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
  /** Requests sent for it: operations, retries and second clicks. */
  attempts: number;
  /** Probe operations are listed but never part of the totals. */
  probe: boolean;
  /** Outcome `ok`. */
  responseTimeMs: LatencyResult;
  serviceTimeMs: LatencyResult;
  /** From the first byte sent to the first byte of the answer. */
  timeToFirstByteMs?: LatencyResult;
  /** Of single attempts with outcome `ok`, each from its own intended instant. */
  attemptTimeMs?: LatencyResult;
  byOutcome: ByOutcomeResult;
}

/** Over the measured phases; contract probes left out. */
export interface RetriesResult {
  operations: number;
  attempts: number;
  /** attempts ÷ operations; null without operations. */
  attemptsPerIntent: number | null;
  /** Attempts after the first of their operation: those that were `ok`, and the others. */
  retries: number;
  helped: number;
  inVain: number;
  /** Operations that ended although another attempt was wanted: none was left … */
  givenUp: number;
  /** … the budget of retries was used up … */
  deniedByBudget: number;
  /** … the load ended first. */
  cutShort: number;
  /** Orders that an impatient hand sent twice. */
  doubleClicks: number;
}

/** How hard units were fought for in the shop's inventory, over the whole load. */
export interface InventoryResult {
  /** Holds that were asked for, whatever came of them. */
  requests: number;
  /** Tries to take units. */
  attempts: number;
  attemptsPerRequest: number | null;
  /** Tries that another made in vain, and waits for a lock that were given up. */
  conflicts: number;
  /** Mean wait for locks per request, and all of it. */
  lockWaitMsPerRequest: number | null;
  lockWaitMs: number;
  /** Units taken from another bucket than the shopper's own. */
  steals: number;
  /** Units by which reconciliations found a counter wrong. */
  repairedUnits: number;
}

export interface RecoveryResult {
  /** From the end of the spike of the offered load; null where it cannot be told. */
  timeMs: number | null;
  /** Why it cannot be told; '' otherwise. */
  reason: string;
  /** The spike, ms since the start of the load; null without one. */
  spikeFromMs: number | null;
  spikeUntilMs: number | null;
  /** Median of the P99 of the seconds before it. */
  baselineP99Ms: number | null;
}

/** Milliseconds; null where too few samples were taken (count · (1 − q) < 10). */
export interface WaitResult {
  /** Waits that ended with an admission; the others are not among the figures. */
  count: number;
  mean: number | null;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  max: number | null;
}

export interface WaitingRoomResult {
  /** From the shop's own book: places taken, those admitted, and those who never were. */
  places: number;
  admitted: number;
  neverAdmitted: number;
  /** Admitted, and never held anything with it. */
  unusedTokens: number;
  /** Of all pairs of admitted places, the share admitted in the other order than taken. */
  inversionShare: number | null;
  /** Places between somebody's turn by arrival and by admission. */
  displacementP99: number | null;
  displacementMax: number | null;
  /** The same as visitors saw it: who asked first and was told later. */
  seenInversionShare: number | null;
  /** As visitors saw it, from first asking to being told that it is their turn. */
  waitMs: WaitResult;
  byPopulation: Record<string, { waits: number; waitMs: WaitResult }>;
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
  timeToFirstByteMs?: LatencyResult;
  byOutcome: ByOutcomeResult;
}

export interface ThresholdResult {
  expression: string;
  /** In the unit of the expression's metric; null when it could not be observed. */
  observed: number | null;
  /** null: could not be judged. */
  ok: boolean | null;
  reason: string;
  /** False for one of the profile's own that this target offers no evidence for: it has no part. */
  judged?: boolean;
}

export interface WarningResult {
  code: string;
  message: string;
  advice: string;
}

/** Ms of the load, from its first arrival, warm-up included. */
export interface FaultResult {
  name: string;
  fromMs: number;
  /** Healed: a shop that was ended serves again. Null: it never was. */
  toMs: number | null;
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
  /** In the waiting room; null where there is none. */
  waiting?: number | null;
  /** Operations begun and not ended at the end of the second. */
  inFlight?: number;
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
    target: {
      kind: string;
      name: string;
      /** Without user, password or anything from the environment. */
      url: string;
      /** True when its certificates were not verified. */
      insecure?: boolean;
    };
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
    /** Most that were open at a time. */
    connections: number;
    /** Made anew, those of the clients' warm-up included. */
    connectionsOpened?: number;
    /** Requests that found every connection busy. */
    connectionWaits?: number;
    /** Of connections that an operation of the measured time waited for. */
    connectTimeMs?: LatencyResult;
    /** On the connections, heads included, from the first request of the load. */
    bytesReceived?: number;
    bytesSent?: number;
    /** Answers cut off because they came slower than the client's minimum rate. */
    slowAnswers?: number;
    /** Connections refused because of the address they led to. */
    egressRefused?: number;
    warmupMs: number;
    measuredMs: number;
    scheduleLagMs: { p50: number; p99: number; max: number };
    /** Requests that the target refused before it did anything for them; null: not known. */
    turnedAway?: {
      shed: number;
      shedByDelay: number;
      perAddress: number;
      perUser: number;
    } | null;
    /** Null where nobody tries again or clicks twice. */
    retries?: RetriesResult | null;
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
    /** Share of the units sold that bots won; null when there are no bots, or nothing was sold. */
    botShareOfUnits?: number | null;
    recovery?: RecoveryResult;
    /** Null where there was none. */
    waitingRoom?: WaitingRoomResult | null;
  };
  /** Null where the target does not count it. */
  inventory?: InventoryResult | null;
  audit: AuditReport;
  capacity: CapacityResult;
  thresholds: ThresholdResult[];
  warnings: WarningResult[];
  /** What was done to the target on purpose, in order of time; absent: nothing. */
  faults?: FaultResult[];
  timeline: TimelineResult[];
}
