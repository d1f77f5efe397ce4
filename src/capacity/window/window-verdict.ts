/** From the result of one run at one rate to what the search makes of it: pass, fail or invalid. */
import type {
  ConstraintReading,
  MeasuredWindow,
  WindowKind,
  WindowVerdict,
} from '../../contract/capacity.ts';
import type { RunResult } from '../../contract/run-result.ts';
import { isBacklog, surelyGrowingPerSec } from './in-flight-growth.ts';

/** Less of what was offered done is a rate that was not served. */
const MIN_COMPLETED = 0.99;

export interface AskedWindow {
  readonly kind: WindowKind;
  /** Journeys due per second. */
  readonly ratePerSec: number;
  readonly lengthMs: number;
  /** By the reference probe; 1: as at the start. */
  readonly machineSpeed: number;
  readonly folder: string;
}

/**
 * Passes if nothing that could be judged failed. A threshold with too few samples is left out of
 * this window. An invalid generator says nothing about the target, whatever else was seen, except
 * that a sale gone wrong has gone wrong.
 */
export function windowOf(result: RunResult, asked: AskedWindow): MeasuredWindow {
  const { load, totals, business, run } = result;
  const constraints = readingsOf(result);
  const failed = constraints.filter(({ ok }) => ok === false);
  const verdict = verdictOf(result, failed);
  return {
    ...asked,
    verdict,
    constraints,
    reason: reasonOf(verdict, failed, result),
    requestsPerSec: load.requestsPerSec,
    ordersPerSec: business.goodputPerSec,
    p50Ms: totals.responseTimeMs.p50,
    p99Ms: totals.responseTimeMs.p99,
    limitingResource: result.capacity.limitingResource,
    command: run.command,
  };
}

function readingsOf(result: RunResult): ConstraintReading[] {
  const thresholds = result.thresholds
    .filter(({ judged }) => judged !== false)
    .map(({ expression, ok, observed }) => ({ name: expression, ok, observed }));
  const { audit, load } = result;
  const correct = audit.verdict === 'unknown' ? null : audit.verdict === 'pass';
  return [
    ...thresholds,
    completedOf(result),
    inFlightOf(result),
    { name: 'correct', ok: correct, observed: null },
    {
      name: 'generator',
      ok: load.generator.verdict === 'valid',
      observed: load.scheduleLagMs.p99,
    },
  ];
}

/** Journeys begun ÷ due, times operations that were answered as they should ÷ all of them. */
function completedOf({ load, totals }: RunResult): ConstraintReading {
  const name = 'completed';
  if (load.journeysDue === 0 || totals.count === 0) return { name, ok: null, observed: null };
  const begun = load.journeysStarted / load.journeysDue;
  const share = (begun * (totals.ok + totals.refused)) / totals.count;
  return { name, ok: share >= MIN_COMPLETED, observed: share };
}

function inFlightOf({ timeline, load }: RunResult): ConstraintReading {
  const untilMs = load.warmupMs + load.measuredMs;
  const seconds = timeline
    .filter(({ atMs }) => atMs >= load.warmupMs && atMs + 1000 <= untilMs)
    .map(({ inFlight }) => inFlight ?? 0);
  const growth = surelyGrowingPerSec(seconds);
  const ok = growth === null ? null : !isBacklog(growth, load.requestsPerSec);
  return { name: 'in-flight', ok, observed: growth };
}

function verdictOf({ load }: RunResult, failed: readonly ConstraintReading[]): WindowVerdict {
  if (load.generator.verdict === 'invalid') return 'invalid';
  return failed.length > 0 ? 'fail' : 'pass';
}

function reasonOf(
  verdict: WindowVerdict,
  failed: readonly ConstraintReading[],
  { load, audit }: RunResult,
): string {
  if (verdict === 'pass') return '';
  if (audit.verdict === 'fail') return `not correct: ${audit.reason}`;
  if (verdict === 'invalid') return load.generator.reasons[0] ?? 'the generator was invalid';
  return failed.map(({ name }) => name).join(', ');
}
