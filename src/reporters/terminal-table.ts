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

const GAP_COLUMNS = 2;
const MIN_NAME_COLUMNS = 9;
/** cli-table3 draws a frame unless every piece of it is taken away. */
const NO_FRAME = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((piece) => [piece, '']),
);

export function renderOperationTable(
  table: OperationTable,
  columns: number,
  paint: Paint,
): FittedTable {
  const kept = keptColumns(table, columns);
  const widths = kept.map((index) => columnWidth(table, index));
  const others = widths.slice(1).reduce((sum, width) => sum + width + GAP_COLUMNS, 0);
  const nameColumns = Math.max(MIN_NAME_COLUMNS, Math.min(widths[0] ?? 0, columns - others));
  const body = new Table({
    chars: NO_FRAME,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: kept.map((_, position) => (position === 0 ? 'left' : 'right')),
    colWidths: widths.map((width, position) => (position === 0 ? nameColumns : width + GAP_COLUMNS)),
  });
  body.push(kept.map((index) => table.columns[index]?.title ?? ''));
  for (const row of table.rows) {
    body.push(
      kept.map((index) => {
        const cell = row[index] ?? '';
        return index === 0 ? truncateText(cell, nameColumns) : cell;
      }),
    );
  }
  const [header = '', ...rows] = body.toString().split('\n');
  return {
    lines: [
      paint.dim(truncateText(header.trimEnd(), columns)),
      ...rows.map((row) => truncateText(row.trimEnd(), columns)),
    ],
    dropped: table.columns.filter((_, index) => !kept.includes(index)).map(({ title }) => title),
  };
}

/** Leaves out the most dispensable column until the rest fits (or nothing dispensable is left). */
function keptColumns(table: OperationTable, columns: number): number[] {
  let kept = table.columns.map((_, index) => index);
  while (totalWidth(table, kept) > columns) {
    const victim = mostDispensable(table, kept);
    if (victim === undefined) break;
    kept = kept.filter((index) => index !== victim);
  }
  return kept;
}

function mostDispensable(table: OperationTable, kept: readonly number[]): number | undefined {
  const rank = (index: number): number => table.columns[index]?.dropRank ?? 0;
  const victim = kept.reduce((worst, index) => (rank(index) > rank(worst) ? index : worst), 0);
  return rank(victim) > 0 ? victim : undefined;
}

function totalWidth(table: OperationTable, kept: readonly number[]): number {
  return kept.reduce((sum, index) => sum + columnWidth(table, index) + GAP_COLUMNS, -GAP_COLUMNS);
}

function columnWidth(table: OperationTable, index: number): number {
  const cells = table.rows.map((row) => displayWidth(row[index] ?? ''));
  return Math.max(displayWidth(table.columns[index]?.title ?? ''), ...cells);
}
