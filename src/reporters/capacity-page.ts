/** A capacity as a page: the claim, what it rests on, the curve, what to know, what to try next. */
import type { OperationTable } from '../analysis/operation-table.ts';
import { EXIT_MEANING } from '../base/exit-codes.ts';
import { formatDuration, formatPerSec, formatRatio } from '../base/units.ts';
import type { CapacityReport, ConstraintCapacity, MeasuredWindow } from '../contract/capacity.ts';
import { escapeDeep } from './escape-text.ts';
import {
  createPage,
  figures,
  hanging,
  joined,
  joinSections,
  type Page,
  SYMBOL,
  titled,
} from './page-layout.ts';
import type { ReporterOptions } from './reporter.ts';
import { renderOperationTable } from './terminal-table.ts';

/** Verdicts less even than in one of twenty searches of a target that only gets worse with rate. */
const UNEVEN_P = 0.05;
const FEW_WINDOWS = 12;

export interface CapacityPageOptions extends ReporterOptions {
  readonly folder: string;
}

export function renderCapacity(given: CapacityReport, options: CapacityPageOptions): string {
  const page = createPage(options);
  const report = escapeDeep(given);
  const { paint } = page;
  const mark = report.exitCode === 0 ? 'pass' : isFailure(report) ? 'fail' : 'unknown';
  return joinSections([
    [
      ...hanging(`${SYMBOL[mark]} `, headline(report), page).map((l) => paint[mark](paint.bold(l))),
      ...joined(contextOf(report), page).map((line) => paint.dim(line)),
    ],
    figureLines(report, page),
    titled('Constraints', constraintLines(report, page), page),
    titled('Windows, by rate', windowLines(report, page), page),
    titled(
      'Notes',
      notesOf(report).flatMap((note) => hanging('· ', note, page)),
      page,
    ),
    titled(
      'Files',
      hanging('', `${options.folder}/capacity.json, and the run of each window`, page),
      page,
    ),
    [...nextOf(report).flatMap((line) => hanging('Next: ', line, page))],
    hanging('', `Exit ${report.exitCode}: ${EXIT_MEANING[report.exitCode]}`, page).map(paint[mark]),
  ]);
}

function isFailure({ exitCode }: CapacityReport): boolean {
  return exitCode === 80 || exitCode === 99;
}

function headline({ claimPerSec, isLowerBound, reason, exitCode }: CapacityReport): string {
  const hasClaim = claimPerSec !== null && !isSpoilt(exitCode);
  if (!hasClaim) return `${reason}.`;
  const atLeast = isLowerBound ? 'at least ' : '';
  return `Carries ${atLeast}${formatPerSec(claimPerSec)} journeys. ${reason}.`;
}

/** What a claim would not be believed after. */
function isSpoilt(exitCode: number): boolean {
  return exitCode === 80 || exitCode === 82 || exitCode === 99;
}

function contextOf({ run, windows }: CapacityReport): string[] {
  return [
    run.scenario,
    `profile ${run.profile}`,
    `seed ${run.seed}`,
    `${windows.length} window${windows.length === 1 ? '' : 's'}`,
    formatDuration(run.durationMs),
  ];
}

function figureLines(report: CapacityReport, page: Page): string[] {
  const { claimPerSec, requestsPerSec, ordersPerSec, q50PerSec, intervalPerSec } = report;
  const plain = (label: string, value: string, details: readonly string[] = []) => ({
    label,
    mark: null,
    value,
    details: [...details],
  });
  const mix = [
    ...(requestsPerSec === null ? [] : [`${formatPerSec(requestsPerSec)} requests`]),
    ...(ordersPerSec === null ? [] : [`${formatPerSec(ordersPerSec)} orders`]),
  ];
  return figures(
    [
      ...(claimPerSec === null
        ? []
        : [
            plain('Claim', `${formatPerSec(claimPerSec)} journeys`, [
              ...(mix.length === 0 ? [] : [`in this mix ${mix.join(', ')}`]),
              'passes at least 80% of windows, with 95% probability',
              report.isSoaked
                ? 'a longer window at this rate passed as well'
                : 'no longer window has tried it',
            ]),
          ]),
      ...(q50PerSec === null || intervalPerSec === null
        ? []
        : [
            plain('Half pass', formatPerSec(q50PerSec), [
              `90% interval ${formatPerSec(intervalPerSec[0])} to ${formatPerSec(intervalPerSec[1])}`,
            ]),
          ]),
      ...(report.bindingConstraint === null
        ? []
        : [plain('Bound by', report.bindingConstraint, ['the constraint that fails first'])]),
      ...(report.limitingResource === null
        ? []
        : [
            plain('Resource', report.limitingResource, [
              'used up first, by the runs near the claim',
            ]),
          ]),
    ],
    page,
  );
}

function constraintLines({ constraints }: CapacityReport, page: Page): readonly string[] {
  const rows = [...constraints]
    .sort((a, b) => a.q50PerSec - b.q50PerSec)
    .map(({ name, q50PerSec, intervalPerSec, claimPerSec, failed, judged }: ConstraintCapacity) => [
      name,
      formatPerSec(q50PerSec),
      intervalPerSec.map(formatPerSec).join(' to '),
      claimPerSec === null ? '–' : formatPerSec(claimPerSec),
      `${failed} of ${judged}`,
    ]);
  return tableLines(['failed', 'half pass', '90% interval', 'claim', 'windows failed'], rows, page);
}

/** The response-throughput curve. */
function windowLines({ windows }: CapacityReport, page: Page): readonly string[] {
  const rows = [...windows]
    .sort((a, b) => a.ratePerSec - b.ratePerSec)
    .map((window: MeasuredWindow) => [
      `${formatPerSec(window.ratePerSec)}${window.kind === 'soak' ? ' soak' : ''}`,
      window.verdict,
      numberText(window.p50Ms),
      numberText(window.p99Ms),
      formatPerSec(window.requestsPerSec),
      window.ordersPerSec === null ? '–' : formatPerSec(window.ordersPerSec),
      window.reason === '' ? '–' : window.reason,
    ]);
  const titles = ['journeys', 'verdict', 'P50', 'P99', 'requests', 'orders', 'why'];
  return tableLines(titles, rows, page);
}

function tableLines(titles: string[], rows: string[][], page: Page): readonly string[] {
  if (rows.length === 0) return [];
  const columns = titles.map((title, index) => ({ title, dropRank: index }));
  const table: OperationTable = { columns, rows, compactRows: rows };
  return renderOperationTable(table, page.columns, page.paint).lines;
}

function numberText(value: number | null): string {
  if (value === null) return '–';
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}

function notesOf({ windows, monotoneP, unjudged, constraints, ending }: CapacityReport): string[] {
  const notes: string[] = [];
  if (unjudged.length > 0) {
    notes.push(
      `Never judged: ${unjudged.join(', ')}. Longer windows have more samples: --window 40s ` +
        '--budget 30m.',
    );
  }
  if (monotoneP !== null && monotoneP < UNEVEN_P) {
    notes.push(
      'Verdicts do not simply get worse with the rate ' +
        `(${formatRatio(monotoneP)} of searches would look so): something else changes as well.`,
    );
  }
  const invalid = windows.filter(({ verdict }) => verdict === 'invalid').length;
  if (invalid > 0) {
    notes.push(
      `${invalid} of ${windows.length} windows were spoilt by the generator or the machine.`,
    );
  }
  if (windows.length < FEW_WINDOWS && ending === 'budget') {
    notes.push(
      `${windows.length} windows are few; a search takes about 25: give it more --budget.`,
    );
  }
  if (constraints.length > 0) {
    notes.push('A constraint that never failed does not bind and is not listed.');
  }
  return notes;
}

function nextOf({ claimPerSec, run, exitCode, windows }: CapacityReport): string[] {
  const failed = windows.find(({ verdict }) => verdict === 'fail');
  if (exitCode === 80 && failed !== undefined) return [`ecomsim audit ${failed.folder}`];
  if (claimPerSec === null) return failed === undefined ? [] : [failed.command];
  const rate = `${Number(claimPerSec.toPrecision(4))}/s`;
  const profile = run.profile === 'laptop' ? '' : ` -p ${run.profile}`;
  return [`ecomsim run ${run.scenario}${profile} -s 1ms:${rate} -s 60s:${rate}`];
}
