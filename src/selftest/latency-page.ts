/** The results of the latency selftest as lines to read, and as one sentence. */
import { EXIT, type ExitCode, worstExitCode } from '../base/exit-codes.ts';
import { formatCount, formatMs, formatPerSec } from '../base/units.ts';
import type { Paint } from '../reporters/terminal-paint.ts';
import {
  ALLOWED_MS,
  ALLOWED_RATIO,
  type LatencyCell,
  STATISTICS,
  type Statistic,
} from './compare.ts';
import type { CaseResult } from './latency-selftest.ts';

const LABEL_COLUMNS = 22;
const FIGURE_COLUMNS = 11;
const BOUND = `${ALLOWED_RATIO * 100} % or ${ALLOWED_MS} ms`;

export interface MachineLoad {
  /** Mean number of runnable processes in the last minute; 0 where it is not known. */
  readonly load1m: number;
  readonly cores: number;
}

interface Summary {
  readonly cells: number;
  readonly off: number;
  readonly invalid: number;
}

function summaryOf(results: readonly CaseResult[]): Summary {
  const cells = results.flatMap(({ counts, response, service }) => [
    ...counts,
    ...response,
    ...service,
  ]);
  return {
    cells: cells.length,
    off: cells.filter(({ ok }) => !ok).length + strays(results),
    invalid: results.filter(({ health }) => health.verdict === 'invalid').length,
  };
}

/** Requests that the server saw and that nobody planned, or saw twice: the run is off by each. */
function strays(results: readonly CaseResult[]): number {
  return results.reduce((sum, { truth }) => sum + truth.unplanned, 0);
}

/** Off cells are a stated bound that was missed; an invalid generator comes before them. */
export function exitCodesOf(
  results: readonly CaseResult[],
  interrupted: boolean,
): { code: ExitCode; others: ExitCode[] } {
  const { off, invalid } = summaryOf(results);
  const codes: ExitCode[] = [];
  if (interrupted) codes.push(EXIT.interrupted);
  if (invalid > 0) codes.push(EXIT.generatorInvalid);
  if (off > 0) codes.push(EXIT.thresholdFailed);
  return worstExitCode(codes);
}

function figureLine(label: string, texts: readonly string[]): string {
  const figures = texts.map((text) => text.padStart(FIGURE_COLUMNS)).join('');
  return `  ${label.padEnd(LABEL_COLUMNS - 2)}${figures}`.trimEnd();
}

/** Milliseconds to the hundredth: the bound is three tenths. */
const inMs = (ms: number): string => (Number.isFinite(ms) ? ms.toFixed(2) : '–');

function cellLines(kind: string, cells: readonly LatencyCell[], paint: Paint): string[] {
  const of = (statistic: Statistic): LatencyCell | undefined =>
    cells.find((cell) => cell.statistic === statistic);
  const reported = STATISTICS.map((statistic) => {
    const cell = of(statistic);
    return cell === undefined ? '–' : `${inMs(cell.reportedMs)} ${cell.ok ? ' ' : '✗'}`;
  });
  const truth = STATISTICS.map((statistic) => {
    const cell = of(statistic);
    return cell === undefined ? '–' : `${inMs(cell.trueMs)}  `;
  });
  const isOff = cells.some(({ ok }) => !ok);
  const reportedLine = figureLine(`${kind} reported`, reported);
  return [isOff ? paint.fail(reportedLine) : reportedLine, figureLine(`${kind} true`, truth)];
}

function countsLine({ counts, truth }: CaseResult, paint: Paint): string {
  const shown = counts.filter((cell) => cell.reported > 0 || cell.true > 0 || !cell.ok);
  const texts = shown.map((cell) => {
    const text = `${formatCount(cell.reported)} ${cell.outcome}`;
    return cell.ok ? text : `${text} (true: ${formatCount(cell.true)}) ✗`;
  });
  if (truth.unplanned > 0) texts.push(`${formatCount(truth.unplanned)} seen that nobody sent ✗`);
  const right = counts.every(({ ok }) => ok) && truth.unplanned === 0;
  return right
    ? `  ${texts.join(' · ')}: as the server counted`
    : paint.fail(`  ${texts.join(' · ')}`);
}

function caseLines(result: CaseResult, paint: Paint): string[] {
  const { latency, response, service, health, timerLatenessMs } = result;
  const title = `${paint.bold(latency.name)}: ${latency.text}`;
  const lines = [
    title,
    countsLine(result, paint),
    paint.dim(
      figureLine(
        latency.users === 0
          ? `ms, at ${formatPerSec(latency.ratePerSec)}`
          : `ms, ${latency.users} users`,
        STATISTICS.map((name) => `${name}  `),
      ),
    ),
    ...cellLines('response', response, paint),
    ...cellLines('service', service, paint),
    paint.dim(
      `  schedule lag P99 ${formatMs(health.lagMs.p99)}, ` +
        `the server’s timers late by P99 ${formatMs(timerLatenessMs)}: both are in the truth`,
    ),
  ];
  for (const reason of health.reasons) lines.push(paint.fail(`  generator invalid: ${reason}`));
  return lines;
}

/** The largest deviation in terms of what is allowed, over all latency cells. */
function worstShare(results: readonly CaseResult[]): number {
  const cells = results.flatMap(({ response, service }) => [...response, ...service]);
  return cells.reduce(
    (worst, { reportedMs, trueMs, allowedMs }) =>
      Math.max(worst, Math.abs(reportedMs - trueMs) / allowedMs),
    0,
  );
}

function offNames(results: readonly CaseResult[]): string {
  const names = results.flatMap(({ latency, counts, response, service }) => [
    ...counts.filter(({ ok }) => !ok).map(({ outcome }) => `${latency.name} ${outcome} count`),
    ...response.filter(({ ok }) => !ok).map((cell) => `${latency.name} response ${cell.statistic}`),
    ...service.filter(({ ok }) => !ok).map((cell) => `${latency.name} service ${cell.statistic}`),
  ]);
  return names.length <= 6
    ? names.join(', ')
    : `${names.slice(0, 6).join(', ')} and ${names.length - 6} more`;
}

/** What to make of it when something is wrong; nothing when all is right. */
function adviceLines(results: readonly CaseResult[], { cores, load1m }: MachineLoad): string[] {
  const { off, invalid } = summaryOf(results);
  const lines: string[] = [];
  if (off > 0) lines.push(`Off by more than ${BOUND}: ${offNames(results)}.`);
  if (off > 0 || invalid > 0) {
    lines.push(
      `This machine has ${cores} cores; on average over the last minute ${load1m.toFixed(1)} ` +
        'processes wanted them. If other work ran, run this again without it.',
    );
  }
  return lines;
}

function reasonFor(results: readonly CaseResult[], code: ExitCode): string {
  const { cells, off, invalid } = summaryOf(results);
  const offText = `${off} of ${cells} cells are off`;
  if (code === EXIT.interrupted) return `interrupted; finished cases: ${results.length}.`;
  if (code === EXIT.generatorInvalid) {
    const others = off > 0 ? `; ${offText}` : '';
    const which = `${invalid} of ${results.length} cases`;
    return `the generator could not keep its own schedule in ${which}${others}.`;
  }
  if (code !== EXIT.pass) return `${offText} by more than ${BOUND}.`;
  const share = Math.round(worstShare(results) * 100);
  return `all ${cells} cells are within ${BOUND}, and took at most ${share} % of that.`;
}

export interface LatencyPageOptions {
  readonly paint: Paint;
  readonly machine: MachineLoad;
  /** Some cases were given up. */
  readonly interrupted: boolean;
}

/** The whole page; its last line says the exit code and why. */
export function latencyPage(results: readonly CaseResult[], options: LatencyPageOptions): string {
  const { paint, machine, interrupted } = options;
  const cases = results.flatMap((result) => [...caseLines(result, paint), '']);
  const { code, others } = exitCodesOf(results, interrupted);
  const also = others.length === 0 ? '' : ` (also ${others.join(', ')})`;
  const last = `Exit ${code}${also}: ${reasonFor(results, code)}`;
  return [...cases, ...adviceLines(results, machine), last, ''].join('\n');
}
