/** A recorded curve from a CSV file of time and rate, every mistake with its line. */
import {
  formatCount,
  formatDuration,
  parseDurationMs,
  parseIsoTimeMs,
  parseRatePerSec,
} from '../../base/units.ts';
import { MAX_RATE_PER_SEC, MAX_REPLAY_POINTS } from '../../contract/rate-curve/shape-problems.ts';
import type { RatePoint } from '../../contract/scenario.ts';
import { type Problem, quoteValue } from '../problem.ts';

/**
 * What a stretch without rows means: a mistake, the last rate staying, nobody coming, or a straight
 * line to the next row.
 */
export const GAP_RULES = ['error', 'hold', 'zero', 'line'] as const;
export type GapRule = (typeof GAP_RULES)[number];

export interface ReplayFile {
  /** Not to be used when there are problems. */
  readonly points: readonly RatePoint[];
  readonly problems: readonly Problem[];
}

const MAX_TOLD = 20;
/** An interval that is so many times the usual one is a gap. */
const GAP_FACTOR = 1.5;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Never throws for what the text is. */
export function parseReplay(text: string, source: string, gaps: GapRule): ReplayFile {
  return new ReplayReader(source, gaps).read(text);
}

interface Row {
  readonly line: number;
  readonly atMs: number;
  readonly perSec: number;
}

class ReplayReader {
  readonly #source: string;
  readonly #gaps: GapRule;
  readonly #problems: Problem[] = [];
  #problemCount = 0;

  constructor(source: string, gaps: GapRule) {
    this.#source = source;
    this.#gaps = gaps;
  }

  read(text: string): ReplayFile {
    const rows = this.#rows(text.startsWith('\ufeff') ? text.slice(1) : text);
    if (rows.length === 0 && this.#problemCount === 0) {
      this.#report(1, 'has no rows; each holds a time and a rate: 0,120');
    }
    const points = this.#points(rows);
    const more = this.#problemCount - this.#problems.length;
    if (more > 0) {
      this.#problems.push({
        source: this.#source,
        path: '',
        message: `and ${formatCount(more)} more problems like these`,
      });
    }
    return { points: this.#problemCount > 0 ? [] : points, problems: this.#problems };
  }

  #rows(text: string): Row[] {
    const rows: Row[] = [];
    let count = 0;
    let line = 0;
    let lastMs = Number.NEGATIVE_INFINITY;
    for (let from = 0; from < text.length; ) {
      const end = text.indexOf('\n', from);
      const written = text.slice(from, end < 0 ? text.length : end).trim();
      from = end < 0 ? text.length : end + 1;
      line++;
      if (written === '') continue;
      if (count === 0 && isHeader(written)) continue;
      count++;
      if (count > MAX_REPLAY_POINTS) continue;
      const row = this.#row(written, line);
      if (row === undefined) continue;
      if (row.atMs < lastMs) {
        const back = formatDuration(lastMs - row.atMs);
        this.#report(line, `goes back in time, by ${back}; rows come in order of time`);
      } else lastMs = row.atMs;
      rows.push(row);
    }
    if (count > MAX_REPLAY_POINTS) {
      const most = formatCount(MAX_REPLAY_POINTS);
      this.#report(1, `has ${formatCount(count)} rows; at most ${most} are supported`);
    }
    return rows;
  }

  #row(written: string, line: number): Row | undefined {
    const cells = written.split(',').map(bare);
    const [time, rate] = cells;
    if (time === undefined || rate === undefined || cells.length > 2) {
      const separator = /[;\t]/.test(written) ? '; separate them by a comma' : '';
      this.#report(line, `${quoteValue(written)} is not a time and a rate${separator}`);
      return undefined;
    }
    const atMs = readTimeMs(time);
    const perSec = readRate(rate);
    if (atMs === undefined) {
      this.#report(line, `${quoteValue(time)} is not a time in seconds, like 30s, or a date`);
    }
    if (perSec === undefined) {
      this.#report(line, `${quoteValue(rate)} is not a rate like 120 (per second) or 7k/min`);
    } else if (perSec < 0 || perSec > MAX_RATE_PER_SEC) {
      const range = `from 0 to ${formatCount(MAX_RATE_PER_SEC)}/s`;
      this.#report(line, `the rate ${quoteValue(rate)} is out of range; allowed is ${range}`);
      return undefined;
    }
    return atMs === undefined || perSec === undefined ? undefined : { line, atMs, perSec };
  }

  /** Times count from the first row. */
  #points(rows: readonly Row[]): RatePoint[] {
    const startMs = rows[0]?.atMs ?? 0;
    const stepMs = usualStepMs(rows);
    const points: RatePoint[] = [];
    let before: Row | undefined;
    for (const row of rows) {
      const atMs = row.atMs - startMs;
      if (before !== undefined && row.atMs - before.atMs > stepMs * GAP_FACTOR) {
        this.#bridge({ before, row, startMs, stepMs }, points);
      }
      add(points, { atMs, perSec: row.perSec });
      before = row;
    }
    return points;
  }

  #bridge(
    gap: {
      readonly before: Row;
      readonly row: Row;
      readonly startMs: number;
      readonly stepMs: number;
    },
    points: RatePoint[],
  ): void {
    const { before, row, startMs, stepMs } = gap;
    const atMs = row.atMs - startMs;
    if (this.#gaps === 'error') {
      const missing = formatDuration(row.atMs - before.atMs);
      this.#report(
        row.line,
        `comes ${missing} after the row before it, where rows usually come every ` +
          `${formatDuration(stepMs)}; say what a gap means: gaps: hold, zero or line`,
      );
    } else if (this.#gaps === 'hold') {
      add(points, { atMs, perSec: before.perSec });
    } else if (this.#gaps === 'zero') {
      const fellMs = before.atMs - startMs + stepMs;
      add(points, { atMs: fellMs, perSec: before.perSec });
      add(points, { atMs: fellMs, perSec: 0 });
      add(points, { atMs, perSec: 0 });
    }
  }

  #report(line: number, message: string): void {
    this.#problemCount++;
    if (this.#problems.length >= MAX_TOLD) return;
    this.#problems.push({ source: this.#source, line, column: 1, path: '', message });
  }
}

/** A level stretch needs its ends only: the curve stays exactly the same. */
function add(points: RatePoint[], point: RatePoint): void {
  const last = points.at(-1);
  const beforeLast = points.at(-2);
  const isLevel = last?.perSec === point.perSec && beforeLast?.perSec === point.perSec;
  if (isLevel) points.pop();
  points.push(point);
}

function isHeader(written: string): boolean {
  const [time, rate] = written.split(',').map(bare);
  return (
    readTimeMs(time ?? '') === undefined &&
    readRate(rate ?? '') === undefined &&
    /^[A-Za-z_ ]/.test(time ?? '') &&
    !/^(?:nan|inf)/i.test(time ?? '')
  );
}

function bare(cell: string): string {
  const text = cell.trim();
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function readTimeMs(text: string): number | undefined {
  if (NUMBER.test(text)) {
    const ms = Number(text) * 1000;
    return Number.isFinite(ms) ? ms : undefined;
  }
  return parseDurationMs(text) ?? parseIsoTimeMs(text);
}

/** Infinity for 1e400: out of range rather than unreadable. */
function readRate(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : parseRatePerSec(text);
}

/** The median of the intervals that are not jumps. */
function usualStepMs(rows: readonly Row[]): number {
  const steps = new Float64Array(Math.max(0, rows.length - 1));
  let count = 0;
  for (let i = 1; i < rows.length; i++) {
    const step = (rows[i] as Row).atMs - (rows[i - 1] as Row).atMs;
    if (step > 0) steps[count++] = step;
  }
  const sorted = steps.subarray(0, count).sort();
  return sorted[Math.floor((count - 1) / 2)] ?? Number.POSITIVE_INFINITY;
}
