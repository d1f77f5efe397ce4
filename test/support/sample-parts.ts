// Parts of finished runs with figures of the size that a real one has, for tests of what reads them.
import type { ResultParts } from '../../src/analysis/result-parts.ts';
import type { AuditReport, InvariantResult } from '../../src/contract/audit.ts';
import type { LoadReport, TimelineSample } from '../../src/contract/load.ts';
import type { LatencySummary, MetricSelector, MetricSource } from '../../src/contract/metrics.ts';
import type { OutcomeCounts } from '../../src/contract/outcome.ts';
import type { CapacityResult } from '../../src/contract/run-result.ts';
import type { ProcessUsage, TargetObservation } from '../../src/contract/target.ts';

export const START_US = 5_000_000_000;
const WARMUP_MS = 3000;
const MEASURED_MS = 20_000;

export interface OperationFigures {
  readonly counts: OutcomeCounts;
  readonly attempts: number;
  /** P99 of `ok` operations in ms; the other quantiles follow from it. */
  readonly p99Ms: number;
}

export const FIGURES: Readonly<Record<string, OperationFigures>> = {
  home: operation(3120, 0, 2.4),
  search: operation(1240, 0, 6.2),
  viewProduct: operation(12_480, 0, 3.1),
  viewStock: operation(14_211, 0, 2.7),
  addToCart: operation(2950, 0, 9.4),
  checkout: operation(412, 2480, 38.4),
  order: operation(391, 21, 412.6),
  orderStatus: operation(371, 0, 3.3),
  orderDuplicate: operation(4, 0, 300),
  orderReplay: operation(5, 0, 4),
};
const PROBES: readonly string[] = ['orderDuplicate', 'orderReplay', 'orderChanged', 'tombstoneKey'];

function operation(ok: number, refused: number, p99Ms: number): OperationFigures {
  return { counts: { ok, refused, failed: 0, unknown: 0 }, attempts: ok + refused, p99Ms };
}

/** A metric source over a fixed table: every population and phase reads as all of them. */
export function metricsOf(figures: Readonly<Record<string, OperationFigures>>): MetricSource {
  const chosen = ({ operation }: MetricSelector): OperationFigures[] =>
    Object.entries(figures)
      .filter(([name]) => (operation === undefined ? !PROBES.includes(name) : name === operation))
      .map(([, row]) => row);
  const counts = (selector: MetricSelector): OutcomeCounts => {
    const sum = { ok: 0, refused: 0, failed: 0, unknown: 0 };
    for (const row of chosen(selector)) {
      for (const outcome of ['ok', 'refused', 'failed', 'unknown'] as const) {
        if (selector.outcome !== undefined && selector.outcome !== outcome) continue;
        sum[outcome] += row.counts[outcome];
      }
    }
    return sum;
  };
  return {
    operations: Object.keys(figures),
    populations: ['shopper', 'refresher', 'bot'],
    phases: ['warmup', 'presale', 'drop', 'tail'],
    measuredMs: Object.keys(figures).length === 0 ? 0 : MEASURED_MS,
    counts,
    attempts: (selector) => chosen(selector).reduce((sum, row) => sum + row.attempts, 0),
    latency: (selector, kind) => {
      const { ok, refused, failed, unknown } = counts(selector);
      const p99Ms = Math.max(0, ...chosen(selector).map((row) => row.p99Ms));
      const share = chosen(selector).length > 1 ? 0.3 : 1;
      return summary(
        ok + refused + failed + unknown,
        p99Ms * share * (kind === 'service' ? 0.9 : 1),
      );
    },
    quantile: () => undefined,
  };
}

function summary(count: number, p99Ms: number): LatencySummary {
  const of = (share: number): number => (count === 0 ? Number.NaN : p99Ms * share);
  return {
    count,
    mean: of(0.31),
    max: of(2.2),
    p50: of(0.21),
    p90: of(0.52),
    p95: of(0.7),
    p99: of(1),
    p999: of(1.6),
    p99Interval: count < 1000 ? null : [of(0.94), of(1.07)],
    p99AtLeast: false,
  };
}

function timeline(): TimelineSample[] {
  return Array.from({ length: 23 }, (_, second) => {
    const due = second < 8 ? 120 + second * 4 : Math.round(250 * Math.exp(-(second - 8) / 9)) + 40;
    return {
      atMs: second * 1000,
      due,
      started: due,
      counts: { ok: due * 6, refused: second < 8 ? 0 : due, failed: 0, unknown: 0 },
      p50Ms: 1.4 + (second % 3) * 0.1,
      p99Ms: 22 + (second % 5) * 4,
      lagP99Ms: 0.6 + (second % 4) * 0.1,
      busyRatio: 0.31,
      inFlight: 12,
    };
  });
}

function observations(): TargetObservation[] {
  return Array.from({ length: 23 }, (_, second) => {
    const sold = Math.min(110, Math.max(0, second - 8) * 40);
    return {
      atUs: START_US + (second + 1) * 1_000_000 - 40_000,
      hotAvailable: Math.max(0, 110 - sold),
      hotHeld: sold > 0 && sold < 110 ? 9 : 0,
      ordersConfirmed: Math.max(0, second - 3) * 20,
      queueLength: 2,
      processes: [
        processUsage('shop', 4711, second),
        processUsage('payment gateway', 4712, second),
      ],
    };
  });
}

function processUsage(name: string, pid: number, second: number): ProcessUsage {
  const share = name === 'shop' ? 0.28 : 0.03;
  return {
    name,
    pid,
    cpuMs: 400 + second * 1000 * share,
    rssBytes: 120_000_000,
    loopBusyMs: second * 1000 * share * 0.8,
    storeBusyMs: name === 'shop' ? second * 90 : 0,
  };
}

export function sampleLoad(overrides: Partial<LoadReport> = {}): LoadReport {
  return {
    model: 'open',
    virtualUsers: 0,
    journeysDue: 4012,
    journeysStarted: 4012,
    journeysDropped: 0,
    journeysCompleted: 3998,
    offeredPerSec: 251,
    measuredMs: MEASURED_MS,
    warmupMs: WARMUP_MS,
    workers: 1,
    client: {
      connectionsOpen: 0,
      connectionsMax: 96,
      connectionsOpened: 96,
      connectTimeMsTotal: 31,
      waits: 0,
      bytesReceived: 18_200_000,
      bytesSent: 9_400_000,
      slowAnswers: 0,
      egressRefused: 0,
    },
    metrics: metricsOf(FIGURES),
    timeline: timeline(),
    health: {
      verdict: 'valid',
      reasons: [],
      lagMs: { p50: 0.11, p99: 0.72, max: 3.9 },
      cpuUtilisation: 0.41,
      busyRatio: 0.31,
    },
    unitsByPopulation: { shopper: 31, refresher: 12, bot: 67 },
    unitsWonByBots: 67,
    retries: null,
    historyFiles: [],
    historyLost: 0,
    cutOff: 0,
    stopped: 'finished',
    histogramLog: '',
    ...overrides,
  };
}

export function invariant(overrides: Partial<InvariantResult> = {}): InvariantResult {
  return {
    id: 'no-oversell',
    title: 'No unit is sold that does not exist',
    verdict: 'pass',
    checked: 412,
    violations: [],
    violationCount: 0,
    reason: '',
    ...overrides,
  };
}

export function sampleAudit(overrides: Partial<AuditReport> = {}): AuditReport {
  return {
    verdict: 'pass',
    reason: '',
    oversoldUnits: 0,
    undersoldUnits: 0,
    strandedHolds: 0,
    doubleCharges: 0,
    chargesWithoutOrder: 0,
    ordersWithoutCharge: 0,
    lostOrders: 0,
    inDoubt: { total: 3, resolvedApplied: 2, resolvedAbsent: 1, stillUnknown: 0 },
    goals: { 'sold-out': 2480, 'reused-key': 9, 'expired-hold': 21 },
    invariants: [
      invariant(),
      invariant({
        id: 'no-undersell',
        title: 'Every unit reported free can be bought',
        checked: 12,
      }),
      invariant({
        id: 'one-charge-per-key',
        title: 'One order and one charge per key',
        checked: 412,
      }),
      invariant({ id: 'no-lost-order', title: 'Every acknowledged order is kept', checked: 391 }),
    ],
    ...overrides,
  };
}

export function sampleCapacity(overrides: Partial<CapacityResult> = {}): CapacityResult {
  return {
    method: 'utilisation-law',
    unit: 'journeys/s',
    estimatePerSec: 648,
    interval: [571, 702],
    claimPerSec: null,
    requestsPerSec: 5230,
    ordersPerSec: 66,
    limitingResource: 'event loop of shop',
    bindingThreshold: null,
    reason: '',
    ...overrides,
  };
}

export function sampleParts(overrides: Partial<ResultParts> = {}): ResultParts {
  return {
    run: {
      id: '20260302-101112-flash-sale-42',
      scenario: 'flash-sale',
      profile: 'laptop',
      seed: 42,
      planDigest: 'c0ffee'.padEnd(64, '0'),
      startedAt: '2026-03-02T10:11:12.000Z',
      durationMs: 31_412,
      command: 'ecomsim run flash-sale -p laptop --seed 42',
      tool: { version: '0.1.0', commit: '' },
      machine: {
        cpuModel: 'Example CPU @ 2.60GHz',
        cores: 4,
        memoryBytes: 8_589_934_592,
        node: 'v20.19.0',
        os: 'linux 6.8 x64',
      },
      target: { kind: 'reference', name: 'reference', url: 'http://127.0.0.1:40123' },
      system: { strategy: 'guarded-update', storage: 'embedded', layout: 'shared' },
    },
    load: sampleLoad(),
    audit: sampleAudit(),
    thresholds: [
      { expression: 'p(99)<250ms', observed: 123.78, ok: true, reason: '' },
      { expression: 'order:p(90)<600ms', observed: 214.55, ok: true, reason: '' },
      { expression: 'failed_rate<0.1%', observed: 0, ok: true, reason: '' },
      { expression: 'oversold_units==0', observed: 0, ok: true, reason: '' },
    ],
    capacity: sampleCapacity(),
    business: {
      unitsForSale: 110,
      ordersConfirmed: 391,
      revenueMinor: 7_818_090,
      currency: 'EUR',
      saleOpensAtMs: 8000,
      soldOutAtMs: 10_412,
    },
    observations: observations(),
    startUs: START_US,
    artefacts: [
      {
        name: 'audit-input.json',
        path: 'audit-input.json',
        sha256: 'ab'.repeat(32),
      },
      {
        name: 'histograms.hlog',
        path: 'histograms.hlog',
        sha256: 'cd'.repeat(32),
      },
    ],
    targetDeath: '',
    interrupted: false,
    internalError: '',
    auditProblems: [],
    leftUndone: [],
    faults: [],
    tightestLatencyMs: 250,
    maxConnections: 256,
    aboveCalibration: null,
    sharesMachine: true,
    emulatedStrategy: '',
    ...overrides,
  };
}
