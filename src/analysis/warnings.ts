/** The closed list of reasons to doubt a number, each with what to do about it. */
import { formatCount, formatDuration, formatMs, formatPerSec, formatRatio } from '../base/units.ts';
import type { RunResult, WarningResult } from '../contract/run-result.ts';
import { applicable } from './audit-view.ts';
import { sentence } from './conclusion.ts';
import { enoughFor } from './latency.ts';
import { isLatencyExpression } from './metric-unit.ts';
import { mser5 } from './mser.ts';
import type { AboveCalibration, ResultParts } from './result-parts.ts';

type Measured = Pick<
  RunResult,
  'run' | 'load' | 'totals' | 'operations' | 'business' | 'capacity' | 'thresholds' | 'timeline'
>;

interface Doubt {
  readonly message: string;
  readonly advice: string;
}

type Check = (parts: ResultParts, measured: Measured) => Doubt | undefined;

/** In the order in which they are printed: what spoils most comes first. */
const CHECKS = {
  'step-not-done': stepNotDone,
  'history-lost': historyLost,
  'generator-near-limit': generatorNearLimit,
  'above-calibration': aboveCalibrated,
  'closed-model': closedModel,
  'cut-off-operations': cutOffOperations,
  'high-unknown-rate': highUnknownRate,
  'logins-failed': loginsFailed,
  'egress-refused': egressRefused,
  'slow-answers': slowAnswers,
  'connections-saturated': connectionsSaturated,
  'shared-cores': sharedCores,
  'no-steady-state': noSteadyState,
  'short-run': shortRun,
  'few-samples': fewSamples,
  'single-run': singleRun,
  'capacity-extrapolated': capacityExtrapolated,
  'audit-not-exercised': auditNotExercised,
  'audit-not-judged': auditNotJudged,
  'emulated-strategy': emulatedStrategy,
} as const satisfies Record<string, Check>;

export type WarningCode = keyof typeof CHECKS;

export const WARNING_CODES: readonly WarningCode[] = Object.keys(CHECKS) as WarningCode[];

export function warningsOf(parts: ResultParts, measured: Measured): WarningResult[] {
  return WARNING_CODES.flatMap((code) => {
    const doubt = CHECKS[code](parts, measured);
    return doubt === undefined ? [] : [{ code, ...doubt }];
  });
}

const UNKNOWN_RATE_LIMIT = 0.001;
const SHORT_RUN_MS = 8000;
const CLOSE_CALL = 0.1;
const DRIFT = 0.05;
const EXTRAPOLATION_LIMIT = 3;
/** Share of all cores in use by target and generator together from which they hinder each other. */
const CORES_BUSY = 0.85;

function stepNotDone({ auditProblems }: ResultParts): Doubt | undefined {
  const first = auditProblems[0];
  if (first === undefined) return undefined;
  const more = auditProblems.length > 1 ? ` (and ${auditProblems.length - 1} more)` : '';
  return {
    message: `Not everything could be done: ${sentence(first)}${more}`,
    advice: 'What could not be read or written is missing from the verdict and the files.',
  };
}

function historyLost({ load }: ResultParts): Doubt | undefined {
  if (load.historyLost === 0) return undefined;
  return {
    message: `${formatCount(load.historyLost)} operations are missing from the recorded history.`,
    advice: 'Free disk space and run again; the audit cannot see what was not recorded.',
  };
}

function loginsFailed(_parts: ResultParts, { operations }: Measured): Doubt | undefined {
  const { login } = operations;
  if (login === undefined || login.ok === login.count) return undefined;
  return {
    message: `${formatCount(login.count - login.ok)} of ${formatCount(login.count)} login requests did not succeed, and those shoppers went no further.`,
    advice: 'Look at the logins alone with `ecomsim validate <target file> --probe`.',
  };
}

/** Half the limit of measurement: P99 of the lag ≤ max(2 ms, 5 % of the tightest threshold). */
function generatorNearLimit({ load, tightestLatencyMs }: ResultParts): Doubt | undefined {
  if (load.health.verdict === 'invalid') return undefined;
  const limitMs = Math.max(2, (tightestLatencyMs ?? 0) * 0.05);
  const lagMs = load.health.lagMs.p99;
  if (lagMs > limitMs / 2) {
    return {
      message: `The generator ran late by ${formatMs(lagMs)} (P99); more than ${formatMs(limitMs)} would have made the run invalid.`,
      advice: `Lower ${loadFlag(load)} or give the generator more cores.`,
    };
  }
  if (load.health.busyRatio <= 0.75) return undefined;
  return {
    message: `The busiest load worker was busy ${formatRatio(load.health.busyRatio)} of the time.`,
    advice: `Lower ${loadFlag(load)} or add --workers.`,
  };
}

function aboveCalibrated({ aboveCalibration, load }: ResultParts): Doubt | undefined {
  return aboveCalibration === null ? undefined : calibrationDoubt(aboveCalibration, load.model);
}

/** Also told before the run starts, when it can still be given up. */
export function calibrationDoubt(
  { plannedPerSec, validPerSec }: AboveCalibration,
  model: 'open' | 'closed',
): Doubt {
  const planned = formatPerSec(roundRate(plannedPerSec));
  const valid = formatPerSec(roundRate(validPerSec));
  const percent = Math.max(1, Math.floor((validPerSec / plannedPerSec) * 100));
  return {
    message: `The plan asks for about ${planned} requests at its peak; calibrated, the generator kept its schedule up to ${valid} on this machine.`,
    advice: `Lower ${loadFlag({ model })} to ${percent}% of what it is, use more --workers if there are idle cores, or calibrate again.`,
  };
}

function closedModel({ load }: ResultParts): Doubt | undefined {
  if (load.model !== 'closed') return undefined;
  return {
    message: `Closed model: ${formatCount(load.virtualUsers)} virtual users wait for their answers, so a slow target was asked less, and no latency shows the wait of those who would have come meanwhile (coordinated omission).`,
    advice:
      'To see what a given traffic meets, run it in the open model: --rate, or stages with /s.',
  };
}

function cutOffOperations({ load }: ResultParts): Doubt | undefined {
  if (load.cutOff === 0) return undefined;
  const operations = load.cutOff === 1 ? 'operation was' : 'operations were';
  return {
    message: `${formatCount(load.cutOff)} ${operations} still unanswered when the drain ended; quantiles they touch read "≥".`,
    advice: 'Give the drain more time, or find out why the target stopped answering.',
  };
}

function highUnknownRate(_: ResultParts, { totals }: Measured): Doubt | undefined {
  const rate = totals.count === 0 ? 0 : totals.unknown / totals.count;
  if (rate <= UNKNOWN_RATE_LIMIT) return undefined;
  return {
    message: `${formatRatio(rate)} of all operations had no clear answer; their latency is in no P99 of successes.`,
    advice: "Look at the target's log for time-outs and server errors.",
  };
}

function egressRefused({ load }: ResultParts): Doubt | undefined {
  const { egressRefused: count } = load.client;
  if (count === 0) return undefined;
  const connections = count === 1 ? 'connection was' : 'connections were';
  return {
    message: `${formatCount(count)} ${connections} not made: the target's name led to an address that may not be put under load.`,
    advice: 'Find out why the name changed where it leads; the requests in question failed unsent.',
  };
}

function slowAnswers({ load }: ResultParts): Doubt | undefined {
  const { slowAnswers: count } = load.client;
  if (count === 0) return undefined;
  return {
    message: `${formatCount(count)} ${count === 1 ? 'answer' : 'answers'} had begun but came too slowly to wait for, and count as timed out.`,
    advice:
      'Look for what stalls the target, or a proxy in front of it, in the middle of an answer.',
  };
}

function connectionsSaturated({ load, maxConnections }: ResultParts): Doubt | undefined {
  const waits = load.client.waits;
  const bound = maxConnections * Math.max(1, load.workers);
  if (waits === 0 || load.client.connectionsMax < bound) return undefined;
  return {
    message: `${formatCount(waits)} requests waited because all ${formatCount(bound)} connections were busy.`,
    advice: 'Raise load.maxConnections, or accept the wait as part of the response time.',
  };
}

function sharedCores({ sharesMachine, load }: ResultParts, measured: Measured): Doubt | undefined {
  if (!sharesMachine) return undefined;
  const { cores } = measured.run.machine;
  const targetPeak = measured.timeline
    .filter((second) => second.atMs >= load.warmupMs)
    .reduce((peak, second) => Math.max(peak, second.targetCpu ?? 0), 0);
  const used = targetPeak + load.health.cpuUtilisation;
  if (cores < 1 || used / cores <= CORES_BUSY) return undefined;
  return {
    message: `Target and generator share ${cores} cores and used up to ${used.toFixed(1)} of them, so each slowed the other.`,
    advice: `Lower ${loadFlag(load)}, or run the target on another machine to see its own limit.`,
  };
}

const STEADY_MIN_SECONDS = 40;
const STEADY_MAX_SECONDS = 20_000;

/** MSER-5 on the P50 of each second, so that a level still drifting at half time shows. */
function noSteadyState({ load }: ResultParts, { timeline }: Measured): Doubt | undefined {
  const series = timeline
    .filter((second) => second.atMs >= load.warmupMs)
    .flatMap((second) => (second.p50Ms === null ? [] : [second.p50Ms]))
    .slice(-STEADY_MAX_SECONDS);
  if (series.length < STEADY_MIN_SECONDS) return undefined;
  const truncation = mser5(series);
  if (truncation === undefined || truncation.steady) return undefined;
  const drift = Math.abs(truncation.meanAll / truncation.meanKept - 1);
  if (!(drift > DRIFT)) return undefined;
  return {
    message: `No steady state: the P50 of each second was still drifting after ${series.length} s (${formatRatio(drift)} between the whole run and its second half).`,
    advice: 'Use a longer warm-up or duration before trusting a single P99.',
  };
}

function shortRun({ load }: ResultParts): Doubt | undefined {
  if (load.measuredMs <= 0 || load.measuredMs >= SHORT_RUN_MS) return undefined;
  return {
    message: `Only ${formatDuration(Math.round(load.measuredMs))} were measured; a stall or a collection pause may be missing from it.`,
    advice: 'Measure for at least 8 s (--duration).',
  };
}

function fewSamples(_: ResultParts, { operations, totals }: Measured): Doubt | undefined {
  if (totals.ok === 0) return undefined;
  const few = Object.entries(operations)
    .filter(([, row]) => !row.probe && row.ok > 0 && !enoughFor(row.ok, 0.99))
    .map(([name, row]) => `${name} (${formatCount(row.ok)})`);
  if (few.length === 0) return undefined;
  return {
    message: `Too few successes to state a P99 (1,000 are needed): ${few.slice(0, 6).join(', ')}${few.length > 6 ? ', …' : ''}.`,
    advice: 'Run longer or at a higher rate if these operations matter.',
  };
}

/** A threshold that held or broke by less than a tenth may fall the other way in the next run. */
function singleRun(_: ResultParts, { thresholds }: Measured): Doubt | undefined {
  const close = thresholds.filter((threshold) => {
    if (threshold.ok === null || threshold.observed === null) return false;
    if (!isLatencyExpression(threshold.expression)) return false;
    const limitMs = limitMsOf(threshold.expression);
    return limitMs !== undefined && Math.abs(threshold.observed / limitMs - 1) < CLOSE_CALL;
  });
  const first = close[0];
  if (first === undefined) return undefined;
  return {
    message: `A close call in a single run: ${first.expression} was ${first.ok === true ? 'met' : 'missed'} by less than 10%.`,
    advice: 'Run it several times: separate runs settle at different values.',
  };
}

const LIMIT = /(?:<=?|>=?)\s*(\d+(?:\.\d+)?)\s*(us|µs|ms|s)?\s*(?:over\s.*)?$/;
const MS_PER: Readonly<Record<string, number>> = { us: 1e-3, µs: 1e-3, s: 1000 };

function limitMsOf(expression: string): number | undefined {
  const match = LIMIT.exec(expression.trim());
  if (match === null) return undefined;
  const limitMs = Number(match[1]) * (MS_PER[match[2] ?? ''] ?? 1);
  return limitMs > 0 ? limitMs : undefined;
}

function capacityExtrapolated(_: ResultParts, { capacity, load }: Measured): Doubt | undefined {
  const estimate = capacity.estimatePerSec;
  if (estimate === null || load.offeredPerSec <= 0) return undefined;
  const factor = estimate / load.offeredPerSec;
  if (factor <= EXTRAPOLATION_LIMIT) return undefined;
  return {
    message: `The capacity estimate is ${factor.toFixed(1)} times the highest rate that was measured.`,
    advice: `Run nearer to it: ${nearer(load, estimate)} (this run peaked at ${formatPerSec(load.offeredPerSec)}).`,
  };
}

/** The flag that says how much load there is. */
function loadFlag({ model }: Pick<RunResult['load'], 'model'>): '--rate' | '--vus' {
  return model === 'closed' ? '--vus' : '--rate';
}

/** Half of the estimate; users are taken to come in proportion to it. */
function nearer(load: RunResult['load'], estimatePerSec: number): string {
  if (load.model !== 'closed') return `--rate ${roundRate(estimatePerSec / 2)}/s`;
  const users = ((load.virtualUsers ?? 1) * estimatePerSec) / 2 / load.offeredPerSec;
  return `--vus ${roundRate(users)}`;
}

/** Two significant digits: a rate a person would type. */
export function roundRate(perSec: number): number {
  if (!(perSec > 1)) return 1;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(perSec)) - 1);
  return Math.round(perSec / step) * step;
}

function auditNotExercised({ audit }: ResultParts): Doubt | undefined {
  const applied = applicable(audit);
  const judged = applied.filter((invariant) => invariant.judged !== false);
  const idle = judged.filter(({ checked }) => checked === 0);
  // Without any check at all the audit itself says why.
  if (idle.length === 0 || idle.length === judged.length) return undefined;
  const names = idle.slice(0, 4).map((invariant) => invariant.id);
  return {
    message: `${idle.length} of ${applied.length} invariants had nothing to check: ${names.join(', ')}${idle.length > 4 ? ', …' : ''}.`,
    advice: 'Run longer, or do not count them as proven.',
  };
}

/** Why each was not, the page of `ecomsim audit` says. */
function auditNotJudged({ audit }: ResultParts): Doubt | undefined {
  const applied = applicable(audit);
  const beyond = applied.filter((invariant) => invariant.judged === false);
  if (beyond.length === 0) return undefined;
  const names = beyond.slice(0, 8).map(({ id }) => id);
  const more = beyond.length > names.length ? ', …' : '';
  return {
    message: `${beyond.length} of ${applied.length} invariants have no part in the verdict: the target shows no evidence for ${names.join(', ')}${more}.`,
    advice: '`ecomsim audit <run folder>` says what each would need in the target file.',
  };
}

function emulatedStrategy(parts: ResultParts): Doubt | undefined {
  if (parts.emulatedStrategy === '') return undefined;
  const strategy = parts.run.system['strategy'] ?? 'The inventory strategy';
  return {
    message: `${strategy} is emulated: ${parts.emulatedStrategy}.`,
    advice: 'Compare its figures with other emulated strategies only.',
  };
}
