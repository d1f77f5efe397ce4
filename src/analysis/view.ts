/** A result as people read it: the same sentences, rows and formatted numbers for every renderer. */
import { EXIT } from '../base/exit-codes.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMoney,
  formatMs,
  formatPerSec,
  formatRatio,
} from '../base/units.ts';
import type { LatencyResult, RunResult, WarningResult } from '../contract/run-result.ts';
import {
  applicable,
  auditFigure,
  isJudged,
  type ViolationView,
  violationsOf,
} from './audit-view.ts';
import { formatP99, sentence, violationCounts } from './conclusion.ts';
import type { Figure, Mark } from './figure.ts';
import { formatObserved } from './metric-unit.ts';
import { type NextCommand, nextCommand } from './next-command.ts';
import { type OperationTable, operationTable } from './operation-table.ts';
import { retryFigures } from './retries.ts';

export interface ThresholdView {
  readonly mark: Mark;
  readonly expression: string;
  readonly observed: string;
  /** Why it was not judged, or what else is to be known; '' for nothing. */
  readonly note: string;
}

export interface ReportView {
  readonly mark: Mark;
  /** One word in capitals. */
  readonly verdict: string;
  readonly headline: string;
  /** What was run: scenario, profile, target, seed, duration. */
  readonly context: readonly string[];
  readonly figures: readonly Figure[];
  readonly thresholds: readonly ThresholdView[];
  readonly violations: readonly ViolationView[];
  readonly operations: OperationTable;
  readonly sale: readonly Figure[];
  readonly warnings: readonly WarningResult[];
  readonly runId: string;
  /** Beside result.json in the folder of the run. */
  readonly files: readonly string[];
  readonly next: NextCommand;
  readonly exitLine: string;
}

const VERDICT_MARK: Readonly<Record<RunResult['verdict'], Mark>> = {
  pass: 'pass',
  fail: 'fail',
  inconclusive: 'unknown',
  invalid: 'unknown',
  interrupted: 'unknown',
  error: 'fail',
};

export function viewOf(result: RunResult): ReportView {
  return {
    mark: VERDICT_MARK[result.verdict],
    verdict: result.verdict.toUpperCase(),
    headline: headlineOf(result),
    context: contextOf(result),
    figures: [auditFigure(result.audit), ...latencyFigures(result), ...rateFigures(result)],
    thresholds: result.thresholds.map(thresholdView),
    violations: violationsOf(result.audit, 'brief'),
    operations: operationTable(result.operations),
    sale: saleFigures(result),
    warnings: result.warnings,
    runId: result.run.id,
    files: result.artefacts.map(({ path }) => path),
    next: nextCommand(result),
    exitLine: exitLineOf(result),
  };
}

/** What was proven about stock comes first: it is the question a flash sale is run to answer. */
function headlineOf(result: RunResult): string {
  const { audit, thresholds } = result;
  if (result.verdict === 'pass') {
    const met = thresholds.length === 0 ? 'no threshold was set' : `${thresholdsMet(result)} met`;
    return `${stockFinding(audit)}, ${met}.`;
  }
  if (audit.verdict === 'fail') {
    const counts = violationCounts(audit);
    return counts.length > 0 ? `${sentence(counts.join(', '))}` : result.reason;
  }
  if (result.exitCode === EXIT.thresholdFailed) {
    const known = audit.verdict === 'pass' && isJudged(audit, 'I1');
    const stock = known ? 'nothing was oversold' : 'the audit is not conclusive';
    return `${thresholdsMet(result)} met; ${stock}.`;
  }
  if (result.exitCode === EXIT.generatorInvalid) {
    return 'The load generator could not keep its own schedule; nothing is judged by its figures.';
  }
  return result.reason;
}

/** Claims no more than what could be judged. */
function stockFinding(audit: RunResult['audit']): string {
  const applied = applicable(audit);
  const judged = applied.filter((invariant) => invariant.judged !== false).length;
  if (judged === 0) return 'No invariant could be judged';
  const every = judged === applied.length ? 'every invariant held' : 'what could be judged held';
  if (isJudged(audit, 'I1')) return `Nothing was oversold, ${every}`;
  return `${every.charAt(0).toUpperCase()}${every.slice(1)}`;
}

function thresholdsMet({ thresholds: all }: RunResult): string {
  const thresholds = all.filter((threshold) => threshold.judged !== false);
  const met = thresholds.filter((threshold) => threshold.ok === true).length;
  if (met === thresholds.length)
    return met === 1 ? 'the threshold was' : `all ${met} thresholds were`;
  return `Only ${met} of ${thresholds.length} thresholds ${met === 1 ? 'was' : 'were'}`;
}

function contextOf({ run, load }: RunResult): string[] {
  const strategy = run.system['strategy'];
  const named = strategy === undefined || run.target.name.includes(strategy);
  const target = named ? run.target.name : `${run.target.name} (${strategy})`;
  const duration = formatDuration(Math.round(run.durationMs / 100) * 100);
  const { virtualUsers = null } = load;
  const { url, kind, insecure } = run.target;
  return [
    run.scenario,
    ...(virtualUsers === null ? [] : [countOf(virtualUsers, 'virtual user')]),
    `profile ${run.profile}`,
    kind === 'live' ? `${target} at ${url}` : target,
    ...(insecure === true ? ['CERTIFICATES NOT VERIFIED'] : []),
    `seed ${run.seed}`,
    duration,
  ];
}

function latencyFigures({ operations, totals, load }: RunResult): Figure[] {
  const mark = load.generator.verdict === 'valid' ? null : 'unknown';
  const order = Object.hasOwn(operations, 'order') ? operations['order'] : undefined;
  const figures: Figure[] = [];
  if (order !== undefined) figures.push({ ...p99Figure('P99 orders', order.responseTimeMs), mark });
  figures.push({
    ...p99Figure('P99 all', totals.responseTimeMs),
    mark,
    details: [...p99Details(totals.responseTimeMs), serviceNote(totals.serviceTimeMs)].filter(
      (line) => line !== '',
    ),
  });
  return figures;
}

function p99Figure(label: string, latency: LatencyResult): Figure {
  return { label, mark: null, value: p99Value(latency), details: p99Details(latency) };
}

function p99Value(latency: LatencyResult): string {
  if (latency.p99 !== null) return formatP99(latency.p99, latency.p99AtLeast);
  return latency.count === 0 ? 'no successes' : 'too few samples';
}

function p99Details({ p99, p99Interval, count, p90, max }: LatencyResult): string[] {
  const n = `n ${formatCount(count)}`;
  if (p99 !== null) {
    if (p99Interval === null) return [n];
    return [`95% interval ${formatMs(p99Interval[0])} to ${formatMs(p99Interval[1])}, ${n}`];
  }
  if (count === 0) return [];
  const below = p90 === null ? '' : `P90 ${formatMs(p90)}, `;
  return [`${below}max ${msOrDash(max)}, ${n} (a P99 needs 1,000)`];
}

function serviceNote(service: LatencyResult): string {
  return service.p99 === null
    ? ''
    : `service time alone ${formatP99(service.p99, service.p99AtLeast)}`;
}

function msOrDash(ms: number | null): string {
  return ms === null ? '–' : formatMs(ms);
}

/** What only the history can tell, of a run that kept none. */
const NOT_KNOWN = 'not known: no history was read';

function rateFigures(result: RunResult): Figure[] {
  const { load, business, capacity } = result;
  return [
    {
      label: 'Throughput',
      mark: load.generator.verdict === 'valid' ? null : 'unknown',
      value: `${formatPerSec(load.requestsPerSec)} requests`,
      details: [
        `${formatPerSec(load.offeredPerSec)} journeys in the busiest second; ${startedNote(load)}`,
        ...trafficNote(load),
        `schedule lag P99 ${formatMs(load.scheduleLagMs.p99)}, max ${formatMs(load.scheduleLagMs.max)}`,
        ...load.generator.reasons,
      ],
    },
    ...retryFigures(result),
    goodputFigure(business, load),
    ...recoveryFigures(result),
    capacityFigure(capacity),
  ];
}

/** Nothing is said where nothing surged. */
function recoveryFigures({ business: { recovery }, timeline }: RunResult): Figure[] {
  if (recovery === undefined || recovery.spikeUntilMs === null) return [];
  const { timeMs, reason, baselineP99Ms } = recovery;
  const what = timeline.some(({ faults }) => faults.length > 0) ? 'disturbance' : 'spike';
  const before =
    baselineP99Ms === null ? [] : [`P99 before the ${what} ${formatMs(baselineP99Ms)}`];
  if (timeMs === null) {
    return [{ label: 'Recovery', mark: null, value: 'not seen', details: [reason, ...before] }];
  }
  const value = timeMs === 0 ? `as the ${what} ended` : `${formatMs(timeMs)} after the ${what}`;
  return [{ label: 'Recovery', mark: null, value, details: before }];
}

function goodputFigure(business: RunResult['business'], load: RunResult['load']): Figure {
  const { goodputPerSec, ordersConfirmed } = business;
  if (goodputPerSec === null || ordersConfirmed === null) {
    return { label: 'Goodput', mark: null, value: NOT_KNOWN, details: [] };
  }
  const lengthMs = load.warmupMs + load.measuredMs;
  return {
    label: 'Goodput',
    mark: null,
    value: `${formatPerSec(goodputPerSec)} confirmed orders`,
    details:
      load.measuredMs > 0 ? [`${formatCount(ordersConfirmed)} in ${formatMs(lengthMs)}`] : [],
  };
}

function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function startedNote({ model, journeysDue, journeysStarted }: RunResult['load']): string {
  if (model === 'closed') return `${formatCount(journeysStarted)} begun by virtual users`;
  if (journeysStarted === journeysDue) return `all ${formatCount(journeysDue)} due started`;
  const share = formatRatio(journeysStarted / journeysDue);
  return `${formatCount(journeysStarted)} of ${formatCount(journeysDue)} due started (${share})`;
}

/** Nothing in results that were written before it was counted. */
function trafficNote({ connections, bytesReceived, bytesSent }: RunResult['load']): string[] {
  if (bytesReceived === undefined || bytesSent === undefined) return [];
  const open = `${formatCount(connections)} ${connections === 1 ? 'connection' : 'connections'}`;
  return [`${open}; ${formatBytes(bytesReceived)} received, ${formatBytes(bytesSent)} sent`];
}

function capacityFigure(capacity: RunResult['capacity']): Figure {
  const { estimatePerSec, interval, limitingResource } = capacity;
  if (estimatePerSec === null) {
    return {
      label: 'Capacity',
      mark: null,
      value: 'no estimate',
      details: capacity.reason === '' ? [] : [capacity.reason],
    };
  }
  const range =
    interval === null
      ? ''
      : `, 90% interval ${formatCount(Math.round(interval[0]))} to ${formatCount(Math.round(interval[1]))}`;
  const same = [
    ...(capacity.requestsPerSec === null
      ? []
      : [`${formatPerSec(capacity.requestsPerSec)} requests`]),
    ...(capacity.ordersPerSec === null ? [] : [`${formatPerSec(capacity.ordersPerSec)} orders`]),
  ];
  return {
    label: 'Capacity',
    mark: null,
    value: `about ${formatPerSec(estimatePerSec)} journeys (estimate${range})`,
    details: [
      ...(limitingResource === null ? [] : [`limited by the ${limitingResource}`]),
      ...(same.length === 0 ? [] : [`in this mix ${same.join(', ')}`]),
    ],
  };
}

function thresholdView(threshold: RunResult['thresholds'][number]): ThresholdView {
  const { ok, observed, expression, reason } = threshold;
  return {
    mark: ok === null ? 'unknown' : ok ? 'pass' : 'fail',
    expression,
    observed: observed === null ? '–' : formatObserved(expression, observed),
    note: reason,
  };
}

function saleFigures({ business }: RunResult): Figure[] {
  const { unitsForSale, unitsSold } = business;
  const plain = (label: string, value: string): Figure => ({
    label,
    mark: null,
    value,
    details: [],
  });
  const share = unitsForSale > 0 ? ` (${formatRatio(unitsSold / unitsForSale)})` : '';
  return [
    plain('Units sold', `${formatCount(unitsSold)} of ${formatCount(unitsForSale)}${share}`),
    plain('Sold out', soldOutNote(business)),
    plain('Won by', sharesOf(business.unitsByPopulation)),
    ...botFigures(business),
    plain(
      'Revenue',
      business.revenueMinor === null
        ? NOT_KNOWN
        : formatMoney(business.revenueMinor, business.currency),
    ),
  ];
}

function soldOutNote({ timeToSellOutMs, ordersConfirmed }: RunResult['business']): string {
  if (timeToSellOutMs !== null) return `first after ${formatMs(timeToSellOutMs)} of the sale`;
  return ordersConfirmed === null ? NOT_KNOWN : 'never';
}

function botFigures({ botShareOfUnits = null }: RunResult['business']): Figure[] {
  if (botShareOfUnits === null) return [];
  const value = `${formatRatio(botShareOfUnits)} of the units`;
  return [{ label: 'Won by bots', mark: null, value, details: [] }];
}

function sharesOf(units: Readonly<Record<string, number>>): string {
  const entries = Object.entries(units).sort(([, a], [, b]) => b - a);
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return 'nobody';
  return entries.map(([name, count]) => `${name} ${formatRatio(count / total)}`).join(' · ');
}

function exitLineOf({ exitCode, reason, otherCodes }: RunResult): string {
  const others = otherCodes.length === 0 ? '' : ` (also ${otherCodes.join(', ')})`;
  return `Exit ${exitCode}${others}: ${reason}`;
}
