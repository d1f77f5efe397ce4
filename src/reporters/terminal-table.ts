/** The operations table fitted to a width: it gives up columns before it breaks a line. */
import Table from 'cli-table3';
import type { OperationTable } from '../analysis/operation-table.ts';
import type { Paint } from './terminal-paint.ts';
import { displayWidth, truncateText } from './text-width.ts';

export interface FittedTable {
  readonly lines: readonly string[];
  /** Titles of the columns that were given up. */
  readonly dropped: readonly string[];
}

const MIN_NAME_COLUMNS = 9;
/** cli-table3 draws a frame unless every piece of it is taken away. */
const NO_FRAME = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((piece) => [piece, '']),
);

interface Fit {
  readonly rows: readonly (readonly string[])[];
  /** Indexes of the columns that are shown. */
  readonly kept: readonly number[];
  readonly gap: number;
}

export function renderOperationTable(
  table: OperationTable,
  columns: number,
  paint: Paint,
): FittedTable {
  const fit = fitOf(table, columns);
  const [header = '', ...rows] = layOut(table, fit, columns);
  return {
    lines: [paint.dim(header), ...rows],
    dropped: table.columns
      .filter((_, index) => !fit.kept.includes(index))
      .map(({ title }) => title),
  };
}

/** First narrower gaps, then shorter counts, and only then fewer columns. */
function fitOf(table: OperationTable, columns: number): Fit {
  const all = table.columns.map((_, index) => index);
  const fits: Fit[] = [
    { rows: table.rows, kept: all, gap: 2 },
    { rows: table.rows, kept: all, gap: 1 },
    { rows: table.compactRows, kept: all, gap: 1 },
  ];
  for (const fit of fits) if (totalWidth(table, fit) <= columns) return fit;
  let fit: Fit = { rows: table.compactRows, kept: all, gap: 1 };
  while (totalWidth(table, fit) > columns) {
    const victim = mostDispensable(table, fit.kept);
    if (victim === undefined) break;
    fit = { ...fit, kept: fit.kept.filter((index) => index !== victim) };
  }
  return fit;
}

function mostDispensable(table: OperationTable, kept: readonly number[]): number | undefined {
  const rank = (index: number): number => table.columns[index]?.dropRank ?? 0;
  const victim = kept.reduce((worst, index) => (rank(index) > rank(worst) ? index : worst), 0);
  return rank(victim) > 0 ? victim : undefined;
}

function totalWidth(table: OperationTable, { rows, kept, gap }: Fit): number {
  return kept.reduce((sum, index) => sum + columnWidth(table, rows, index) + gap, -gap);
}

function columnWidth(table: OperationTable, rows: Fit['rows'], index: number): number {
  const widest = rows.reduce((width, row) => Math.max(width, displayWidth(row[index] ?? '')), 0);
  return Math.max(displayWidth(table.columns[index]?.title ?? ''), widest);
}

/** Lines of at most `columns`; a name that is too long is cut. */
function layOut(table: OperationTable, fit: Fit, columns: number): string[] {
  const { rows, kept, gap } = fit;
  const widths = kept.map((index) => columnWidth(table, rows, index));
  const figures = widths.slice(1).reduce((sum, width) => sum + width + gap, 0);
  const nameColumns = Math.max(MIN_NAME_COLUMNS, Math.min(widths[0] ?? 0, columns - figures));
  const body = new Table({
    chars: NO_FRAME,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: kept.map((_, position) => (position === 0 ? 'left' : 'right')),
    colWidths: widths.map((width, position) => (position === 0 ? nameColumns : width + gap)),
  });
  body.push(kept.map((index) => table.columns[index]?.title ?? ''));
  for (const row of rows) {
    const cells = kept.map((index) => row[index] ?? '');
    body.push([truncateText(cells[0] ?? '', nameColumns), ...cells.slice(1)]);
  }
  const lines = body.toString().split('\n');
  return lines.map((line) => truncateText(line.trimEnd(), columns));
}
