/** The table of operations: one row each, probes last, latency of successes in milliseconds. */
import { formatCount } from '../base/units.ts';
import type { OperationResultRow } from '../contract/run-result.ts';

export interface OperationTable {
  readonly columns: readonly OperationColumn[];
  readonly rows: readonly (readonly string[])[];
  /** The same with counts as `12.5k` and `1.23M`, for when the full ones do not fit. */
  readonly compactRows: readonly (readonly string[])[];
}

export interface OperationColumn {
  readonly title: string;
  /** Narrow terminals give up the columns with the highest number first; 0 always stays. */
  readonly dropRank: number;
}

const COLUMNS: readonly OperationColumn[] = [
  { title: 'operation', dropRank: 0 },
  { title: 'count', dropRank: 4 },
  { title: 'ok', dropRank: 0 },
  { title: 'refused', dropRank: 1 },
  { title: 'failed', dropRank: 0 },
  { title: 'unknown', dropRank: 3 },
  { title: 'P50', dropRank: 2 },
  { title: 'P90', dropRank: 6 },
  { title: 'P99', dropRank: 0 },
  { title: 'max', dropRank: 5 },
];

const ATTEMPTS: OperationColumn = { title: 'attempts', dropRank: 3 };

export function operationTable(
  operations: Readonly<Record<string, OperationResultRow>>,
): OperationTable {
  const entries = Object.entries(operations);
  const shoppers = entries.filter(([, row]) => !row.probe);
  const probes = entries.filter(([, row]) => row.probe);
  const ordered = [...shoppers, ...probes];
  // Where nobody tries again, attempts would only repeat the counts.
  const withAttempts = ordered.some(([, row]) => row.attempts > row.count);
  const rowsWith = (formatted: (count: number) => string): string[][] =>
    ordered.map(([name, row]) => {
      const [title = '', count = '', ...rest] = cells(name, row, formatted);
      const attempts = withAttempts ? [formatted(row.attempts)] : [];
      return [title, count, ...attempts, ...rest];
    });
  return {
    columns: withAttempts ? COLUMNS.toSpliced(2, 0, ATTEMPTS) : COLUMNS,
    rows: rowsWith(formatCount),
    compactRows: rowsWith(compactCount),
  };
}

function cells(
  name: string,
  row: OperationResultRow,
  formatted: (count: number) => string,
): string[] {
  const { p50, p90, p99, max, p99AtLeast } = row.responseTimeMs;
  return [
    row.probe ? `${name}*` : name,
    ...[row.count, row.ok, row.refused, row.failed, row.unknown].map(formatted),
    ...[p50, p90].map(plainMs),
    `${p99AtLeast && p99 !== null ? '≥' : ''}${plainMs(p99)}`,
    plainMs(max),
  ];
}

/** Milliseconds without the unit, three significant digits: `0.81`, `4.21`, `38.4`, `1,250`. */
export function plainMs(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 9.995) return ms.toFixed(2);
  if (ms < 99.95) return ms.toFixed(1);
  return formatCount(Math.round(ms));
}

/** `999`, `12.5k`, `1.23M`. */
export function compactCount(count: number): string {
  if (count < 10_000) return formatCount(count);
  const [value, suffix] = count < 999_500 ? [count / 1e3, 'k'] : [count / 1e6, 'M'];
  return `${value >= 99.95 ? formatCount(Math.round(value)) : value.toPrecision(3)}${suffix}`;
}
