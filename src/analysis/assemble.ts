/** Puts the parts of a finished run together into its one result; decides nothing twice. */
import { OPERATIONS, type OperationName, traitsOf } from '../contract/operation.ts';
import type {
  OperationResultRow,
  RunResult,
  ThresholdResult,
  TimelineResult,
} from '../contract/run-result.ts';
import { conclude } from './conclusion.ts';
import { inventoryResult } from './inventory.ts';
import { latencyResult, outcomeFigures, perSecond, rounded } from './latency.ts';
import { recoveryOf } from './recovery.ts';
import type { ResultParts } from './result-parts.ts';
import { retriesResult } from './retries.ts';
import { joinTimeline } from './timeline.ts';
import { warningsOf } from './warnings.ts';

/** Pure: equal parts give an equal result. */
export function assembleResult(parts: ResultParts): RunResult {
  const { load, audit } = parts;
  const totals = outcomeFigures(load.metrics, {});
  const thresholds = judgedThresholds(parts);
  const loadResult = loadSection(parts);
  const timeline = joinTimeline({
    samples: load.timeline,
    observations: parts.observations,
    startUs: parts.startUs,
    faults: parts.faults,
  });
  const measured: Omit<RunResult, 'verdict' | 'exitCode' | 'reason' | 'otherCodes' | 'warnings'> = {
    schemaVersion: 1,
    run: parts.run,
    artefacts: [...parts.artefacts],
    load: loadResult,
    totals,
    operations: operationRows(parts),
    business: businessSection(parts, timeline),
    inventory: inventoryResult(parts.observations),
    audit,
    capacity: parts.capacity,
    thresholds,
    timeline,
  };
  const { verdict, exitCode, reason, otherCodes } = conclude({
    audit,
    thresholds,
    generator: loadResult.generator,
    operationsMeasured: totals.count,
    targetDeath: parts.targetDeath,
    interrupted: parts.interrupted,
    internalError: parts.internalError,
    leftUndone: parts.leftUndone,
    durationMs: parts.run.durationMs,
  });
  const { schemaVersion, run, timeline: _, ...body } = measured;
  const warnings = warningsOf(parts, measured);
  const head = { schemaVersion, verdict, exitCode, reason, otherCodes, run };
  return { ...head, ...body, warnings, timeline };
}

/** An invalid generator's figures judge nothing: `ok` becomes null, the observed value stays. */
function judgedThresholds({ load, thresholds }: ResultParts): ThresholdResult[] {
  if (load.health.verdict === 'valid') return [...thresholds];
  const reason = 'not judged: generator invalid';
  return thresholds.map((threshold) => ({ ...threshold, ok: null, reason }));
}

function loadSection({ load }: ResultParts): RunResult['load'] {
  const { health } = load;
  return {
    model: load.model,
    virtualUsers: load.model === 'closed' ? load.virtualUsers : null,
    journeysDue: load.journeysDue,
    journeysStarted: load.journeysStarted,
    journeysDropped: load.journeysDropped,
    offeredPerSec: rounded(load.offeredPerSec),
    requestsPerSec: rounded(perSecond(load.metrics.attempts({}), load.measuredMs)),
    workers: load.workers,
    ...connectionFigures(load),
    warmupMs: rounded(load.warmupMs),
    measuredMs: rounded(load.measuredMs),
    scheduleLagMs: {
      p50: rounded(health.lagMs.p50),
      p99: rounded(health.lagMs.p99),
      max: rounded(health.lagMs.max),
    },
    retries: retriesResult(load),
    generator: {
      verdict: health.verdict,
      reasons: [...health.reasons],
      cpuUtilisation: rounded(health.cpuUtilisation),
      busyRatio: rounded(health.busyRatio),
    },
  };
}

function connectionFigures({ client, metrics }: ResultParts['load']) {
  return {
    connections: client.connectionsMax,
    connectionsOpened: client.connectionsOpened,
    connectionWaits: client.waits,
    connectTimeMs: latencyResult(metrics.latency({}, 'connect')),
    bytesReceived: client.bytesReceived,
    bytesSent: client.bytesSent,
    slowAnswers: client.slowAnswers,
    egressRefused: client.egressRefused,
  };
}

/** Operations that were sent at least once, in the order in which the metrics name them. */
function operationRows({ load }: ResultParts): Record<string, OperationResultRow> {
  const { metrics } = load;
  const rows: [string, OperationResultRow][] = [];
  for (const operation of metrics.operations) {
    const { count, ok, refused, failed, unknown, perSec, ...latency } = outcomeFigures(metrics, {
      operation,
    });
    const attempts = metrics.attempts({ operation });
    if (count === 0 && attempts === 0) continue;
    const probe = isProbe(operation);
    const counts = { count, ok, refused, failed, unknown, perSec };
    const ofAttempts = metrics.latency({ operation, outcome: 'ok' }, 'attempt');
    const attemptTimeMs = latencyResult(ofAttempts);
    rows.push([operation, { ...counts, attempts, probe, ...latency, attemptTimeMs }]);
  }
  return Object.fromEntries(rows);
}

function isProbe(operation: string): boolean {
  return Object.hasOwn(OPERATIONS, operation) && traitsOf(operation as OperationName).probe;
}

function businessSection(
  { load, business }: ResultParts,
  timeline: readonly TimelineResult[],
): RunResult['business'] {
  const { soldOutAtMs, saleOpensAtMs } = business;
  const { ordersConfirmed } = business;
  const unitsSold = Object.values(load.unitsByPopulation).reduce((sum, units) => sum + units, 0);
  return {
    unitsForSale: business.unitsForSale,
    unitsSold,
    ordersConfirmed,
    timeToSellOutMs: soldOutAtMs === null ? null : rounded(soldOutAtMs - saleOpensAtMs),
    // Business figures cover everything from the first request, so the warm-up counts as time.
    goodputPerSec:
      ordersConfirmed === null
        ? null
        : rounded(perSecond(ordersConfirmed, load.warmupMs + load.measuredMs)),
    revenueMinor: business.revenueMinor,
    currency: business.currency,
    unitsByPopulation: { ...load.unitsByPopulation },
    botShareOfUnits: botShare(load.unitsWonByBots, unitsSold),
    recovery: recoveryOf(timeline, {
      fromMs: load.warmupMs,
      untilMs: load.warmupMs + load.measuredMs,
      saleOpensAtMs,
    }),
  };
}

function botShare(unitsWonByBots: number | null, unitsSold: number): number | null {
  return unitsWonByBots === null || unitsSold === 0 ? null : rounded(unitsWonByBots / unitsSold);
}
