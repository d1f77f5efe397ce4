/** A comparison as a page: the answer, one table, what to know, where the runs are. */
import type { OperationColumn, OperationTable } from '../analysis/operation-table.ts';
import { EXIT, EXIT_MEANING, type ExitCode } from '../base/exit-codes.ts';
import { formatCount } from '../base/units.ts';
import type { ComparedArm, ComparedFigure, Comparison } from '../contract/comparison.ts';
import { escapeDeep } from './escape-text.ts';
import { judgementLines } from './judgement-lines.ts';
import {
  createPage,
  hanging,
  joined,
  joinSections,
  type Page,
  SYMBOL,
  titled,
} from './page-layout.ts';
import type { ReporterOptions } from './reporter.ts';
import { renderOperationTable } from './terminal-table.ts';

const FAILED: readonly ExitCode[] = [EXIT.invariantViolated, EXIT.regression, EXIT.thresholdFailed];

const COLUMNS: readonly OperationColumn[] = [
  { title: 'orders', dropRank: 6 },
  { title: 'P90', dropRank: 5 },
  { title: 'P99', dropRank: 0 },
  { title: '95 % interval', dropRank: 7 },
  { title: 'orders/s', dropRank: 1 },
  { title: 'retries/order', dropRank: 4 },
  { title: 'lock wait', dropRank: 3 },
  { title: 'oversold', dropRank: 0 },
  { title: 'undersold', dropRank: 2 },
  { title: 'verdict', dropRank: 0 },
];

export function renderComparison(comparison: Comparison, options: ReporterOptions): string {
  const page = createPage(options);
  const told = escapeDeep(comparison);
  const { exitCode, reason } = told;
  const mark = exitCode === 0 ? 'pass' : FAILED.includes(exitCode) ? 'fail' : 'unknown';
  const { paint } = page;
  return joinSections([
    [
      ...hanging(`${SYMBOL[mark]} `, reason, page).map((line) => paint[mark](paint.bold(line))),
      ...joined(contextOf(told), page).map((line) => paint.dim(line)),
    ],
    tableLines(told, page),
    judgementLines(told, page),
    titled(
      'Notes',
      told.notes.flatMap((note) => hanging('· ', note, page)),
      page,
    ),
    titled(
      'Runs',
      told.arms.flatMap((arm) => runLines(arm, page)),
      page,
    ),
    [paint[mark](`exit ${exitCode}: ${EXIT_MEANING[exitCode]}`)],
  ]);
}

function contextOf({ scenario, arms, samePlan, varied }: Comparison): string[] {
  const counts = arms.map(({ runs }) => runs.length);
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  const each = least === most ? `${least}` : `${least} to ${most}`;
  return [
    scenario,
    `by ${varied}`,
    `${each} run${most === 1 ? '' : 's'} of each`,
    samePlan ? 'the same plan for all' : 'different plans',
  ];
}

function tableLines(comparison: Comparison, page: Page): string[] {
  const { arms, varied } = comparison;
  const severalRuns = arms.some(({ runs }) => runs.length > 1);
  const columns = [
    { title: shortName(varied), dropRank: 0 },
    ...COLUMNS.map((column) =>
      column.title === '95 % interval' && severalRuns
        ? { ...column, title: 'P99 of runs' }
        : column,
    ),
  ];
  const rows = arms.map((arm) => cellsOf(arm, severalRuns));
  const table: OperationTable = { columns, rows, compactRows: rows };
  const { lines, dropped } = renderOperationTable(table, page.columns, page.paint);
  const about =
    `Orders with outcome ok: response time in ms${severalRuns ? ', medians of the runs' : ''}. ` +
    'Lock wait: mean of a request for units, in ms.';
  const narrow = dropped.length > 0 ? ` Too narrow to show ${dropped.join(', ')}.` : '';
  return [...lines, ...hanging('', `${about}${narrow}`, page).map(page.paint.dim)];
}

/** `system.inventory.strategy · load.rate` → `strategy · rate`: the context says it in full. */
function shortName(varied: string): string {
  return varied
    .split(' · ')
    .map((path) => path.split('.').at(-1) ?? path)
    .join(' · ');
}

function cellsOf(arm: ComparedArm, severalRuns: boolean): string[] {
  const { orderP90Ms, orderP99Ms, orderP99IntervalMs, ordersPerSec } = arm;
  const spread = severalRuns ? rangeText(orderP99Ms) : pairText(orderP99IntervalMs);
  return [
    arm.label,
    formatCount(arm.orders),
    numberText(orderP90Ms.median),
    numberText(orderP99Ms.median),
    spread,
    numberText(ordersPerSec.median),
    numberText(arm.retriesPerOrder.median),
    numberText(arm.lockWaitMs.median),
    countText(arm.oversoldUnits),
    countText(arm.undersoldUnits),
    arm.runs.length === 0 ? 'not run' : verdictText(arm),
  ];
}

function verdictText({ runs, exitCode }: ComparedArm): string {
  return runs.find((run) => run.exitCode === exitCode)?.verdict ?? '–';
}

function numberText(value: number | null): string {
  if (value === null) return '–';
  return value >= 100 ? formatCount(Math.round(value)) : value.toFixed(1);
}

function countText(value: number | null): string {
  return value === null ? '–' : formatCount(value);
}

function pairText(pair: readonly [number, number] | null): string {
  return pair === null ? '–' : `${numberText(pair[0])}–${numberText(pair[1])}`;
}

function rangeText({ min, max }: ComparedFigure): string {
  return min === null || max === null ? '–' : pairText([min, max]);
}

function runLines({ label, runs }: ComparedArm, page: Page): string[] {
  return runs.flatMap(({ folder, verdict, exitCode }) =>
    hanging(`${label}  `, `${folder}  ${verdict} (${exitCode})`, page).map(page.paint.dim),
  );
}
