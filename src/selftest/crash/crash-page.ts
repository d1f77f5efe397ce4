/** The results of the crash selftest as a table to read, and as one exit code. */
import { EXIT, type ExitCode, worstExitCode } from '../../base/exit-codes.ts';
import { formatCount, formatMs } from '../../base/units.ts';
import type { AuditReport } from '../../contract/audit.ts';
import { CRASH_POINTS, type CrashPoint } from '../../reference-system/crash-points.ts';
import type { Paint } from '../../reporters/terminal-paint.ts';
import type { CycleResult } from './crash-selftest.ts';
import { type CrashPass, type Cycle, NAMED_CYCLES } from './cycles.ts';

const POINT_COLUMNS = 26;
const CELL_COLUMNS = 17;
const WITNESSES_SHOWN = 3;
const PASSES: readonly CrashPass[] = ['first', 'second'];

interface Totals {
  readonly cycles: number;
  readonly named: number;
  readonly kills: number;
  readonly notReached: number;
  /** Cycles after which the audit of everything so far was not conclusive. */
  readonly unknown: number;
  readonly violated: number;
  readonly acknowledged: number;
  readonly inDoubt: number;
  readonly unresolved: number;
  readonly lost: number;
  readonly oversold: number;
  readonly money: number;
}

/** Counts of a folder are told by its last audit, which looks at everything since it was made. */
function totalsOf(results: readonly CycleResult[]): Totals {
  const sum = (count: (result: CycleResult) => number): number =>
    results.reduce((total, result) => total + count(result), 0);
  const worst = (count: (audit: AuditReport) => number): number =>
    results.reduce((most, { audit }) => Math.max(most, count(audit)), 0);
  return {
    cycles: results.length,
    named: results.filter(({ cycle }) => cycle.kind === 'point').length,
    kills: sum(({ diedRecovering }) => (diedRecovering ? 2 : 1)),
    notReached: results.filter(({ died }) => !died).length,
    unknown: results.filter(({ audit }) => audit.verdict === 'unknown').length,
    violated: results.filter(({ audit }) => audit.verdict === 'fail').length,
    acknowledged: sum(({ acknowledged }) => acknowledged),
    inDoubt: sum(({ inDoubt }) => inDoubt),
    unresolved: worst((audit) => audit.inDoubt.stillUnknown),
    lost: worst((audit) => audit.lostOrders),
    oversold: worst((audit) => audit.oversoldUnits),
    money: worst(moneyMismatches),
  };
}

function moneyMismatches(audit: AuditReport): number {
  const conserved = audit.invariants.find(({ id }) => id === 'P5')?.violationCount ?? 0;
  const { doubleCharges, chargesWithoutOrder, ordersWithoutCharge } = audit;
  return doubleCharges + chargesWithoutOrder + ordersWithoutCharge + conserved;
}

/** A violation is one whatever else happened; what was not tried or judged proves nothing. */
export function crashExitCodes(
  results: readonly CycleResult[],
  interrupted: boolean,
): { code: ExitCode; others: ExitCode[] } {
  const { violated, unknown, notReached, cycles } = totalsOf(results);
  const codes: ExitCode[] = [];
  if (violated > 0) codes.push(EXIT.invariantViolated);
  if (interrupted) codes.push(EXIT.interrupted);
  if (unknown > 0 || notReached > 0 || cycles === 0) codes.push(EXIT.inconclusive);
  return worstExitCode(codes);
}

export function describeCycle(cycle: Cycle): string {
  if (cycle.kind === 'point') return `"${cycle.point}", ${cycle.pass} pass`;
  const again =
    cycle.againAfterMs === null ? '' : `, again ${cycle.againAfterMs} ms into the start`;
  return `${cycle.afterMs} ms into the load${again}`;
}

/** One word, or what went wrong. */
export function cycleVerdict({ died, audit }: CycleResult): string {
  if (audit.verdict === 'fail') return 'VIOLATED';
  if (!died) return 'not reached';
  return audit.verdict === 'pass' ? 'ok' : 'not judged';
}

function cellOf(results: readonly CycleResult[]): string {
  if (results.length === 0) return '–';
  const bad = results.find((result) => cycleVerdict(result) !== 'ok');
  if (bad !== undefined) return `✗ ${cycleVerdict(bad)}`;
  const again = results.filter(({ diedRecovering }) => diedRecovering).length;
  return `✓ ${results.length}${again > 0 ? ` (${again} again)` : ''}`;
}

function pointLines(results: readonly CycleResult[], paint: Paint): string[] {
  const of = (point: CrashPoint, pass: CrashPass): CycleResult[] =>
    results.filter(
      ({ cycle }) => cycle.kind === 'point' && cycle.point === point && cycle.pass === pass,
    );
  const titles = ['first pass', 'second pass'].map((title) => title.padEnd(CELL_COLUMNS));
  const head = `${'killed at'.padEnd(POINT_COLUMNS)}${titles.join('').trimEnd()}`;
  const lines = CRASH_POINTS.map((point) => {
    const cells = PASSES.map((pass) => cellOf(of(point, pass)).padEnd(CELL_COLUMNS));
    const line = `${point.padEnd(POINT_COLUMNS)}${cells.join('')}`.trimEnd();
    return line.includes('✗') ? paint.fail(line) : line;
  });
  const random = results.filter(({ cycle }) => cycle.kind === 'random');
  const randomLine = `${'random instants'.padEnd(POINT_COLUMNS)}${cellOf(random)}`;
  return [paint.bold(head), ...lines, randomLine];
}

function violationLines(results: readonly CycleResult[], paint: Paint): string[] {
  const lines: string[] = [];
  const guilty = results.filter(({ audit }) => audit.verdict === 'fail');
  for (const { cycle, layout, audit } of guilty.slice(0, WITNESSES_SHOWN)) {
    lines.push('', paint.fail(`After ${describeCycle(cycle)} (${layout}): ${audit.reason}`));
    const first = audit.invariants.find(({ verdict }) => verdict === 'fail')?.violations[0];
    if (first === undefined) continue;
    lines.push(`  ${first.summary}`, ...first.witness.map((line) => `    ${line}`));
  }
  const open = results.find(
    ({ audit, died }) => audit.verdict === 'unknown' || (!died && audit.verdict === 'pass'),
  );
  if (open !== undefined) {
    const why = open.died ? open.audit.reason : 'the shop never came there';
    lines.push('', paint.fail(`Not judged after ${describeCycle(open.cycle)}: ${why}`));
  }
  return lines;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

export function crashPage(
  results: readonly CycleResult[],
  options: { readonly paint: Paint; readonly interrupted: boolean },
): string {
  const { paint, interrupted } = options;
  const totals = totalsOf(results);
  const restart = formatMs(median(results.map(({ restartMs }) => restartMs)));
  const cycle = formatMs(median(results.map(({ cycleMs }) => cycleMs)));
  const { code } = crashExitCodes(results, interrupted);
  const lines = [
    ...pointLines(results, paint),
    ...violationLines(results, paint),
    '',
    `${formatCount(totals.cycles)} cycles, ${formatCount(totals.kills)} × kill -9, on the same data in turn; ` +
      `${formatCount(totals.named)} of ${NAMED_CYCLES} named ones`,
    `${formatCount(totals.acknowledged)} orders acknowledged, ${formatCount(totals.inDoubt)} in doubt, ` +
      `${formatCount(totals.unresolved)} of those unresolved`,
    `median restart ${restart} (recovery included), median cycle ${cycle}`,
    '',
    `${totals.lost} lost acknowledged orders · ${totals.oversold} oversold · ${totals.money} money mismatches`,
    code === EXIT.pass
      ? paint.pass('After every kill the whole audit passed.')
      : paint.fail(`${interrupted ? 'Interrupted. ' : ''}Exit ${code}.`),
  ];
  return `${lines.join('\n')}\n`;
}
