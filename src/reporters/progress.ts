/** What is shown while a run lasts: a live line on a terminal, a plain line now and then elsewhere. */
import { formatCount, formatMs } from '../base/units.ts';
import type { TimelineSample } from '../contract/load.ts';
import { emptyOutcomeCounts, OUTCOMES, type OutcomeCounts } from '../contract/outcome.ts';
import type { TargetObservation } from '../contract/target.ts';
import { escapeText } from './escape-text.ts';
import { forgivingWrite, type TextSink } from './sink.ts';
import { createPaint } from './terminal-paint.ts';
import { displayWidth, truncateText } from './text-width.ts';

export interface ProgressOptions {
  /** Planned length of the load with its warm-up. */
  readonly totalMs: number;
  readonly color: boolean;
  /** Virtual users at an instant of the load; absent in the open model. */
  readonly usersAt?: (atMs: number) => number;
  /** Between two plain lines where there is no terminal; 5 s when absent. */
  readonly plainEveryMs?: number;
}

export interface Progress {
  /** The second that just ended, and the latest reading of the target. */
  update(sample: TimelineSample, observed: TargetObservation | undefined): void;
  /** What is being done now, before or after the load. */
  step(text: string): void;
  /** Removes the live line; nothing is drawn afterwards. */
  end(): void;
}

const PLAIN_EVERY_MS = 5000;
const SECOND_MS = 1000;
const BAR_CELLS = 12;
const DEFAULT_COLUMNS = 80;
const MIN_COLUMNS = 10;
const CLEAR_LINE = '\r\u001b[2K';

export function createProgress(sink: TextSink, options: ProgressOptions): Progress {
  const totals = emptyOutcomeCounts();
  let due = 0;
  let started = 0;
  let ended = false;
  const line = sink.isTTY ? liveLine(sink, options.color) : plainLines(sink, options);
  return {
    update(sample, observed) {
      if (ended) return;
      for (const outcome of OUTCOMES) totals[outcome] += sample.counts[outcome];
      due += sample.due;
      started += sample.started;
      line.show({ sample, observed, totals, due, started, ...options });
    },
    step(text) {
      if (!ended) line.say(escapeText(text));
    },
    end() {
      if (!ended) line.clear();
      ended = true;
    },
  };
}

interface Moment {
  readonly sample: TimelineSample;
  readonly observed: TargetObservation | undefined;
  readonly totals: OutcomeCounts;
  readonly due: number;
  readonly started: number;
  readonly totalMs: number;
  readonly usersAt?: (atMs: number) => number;
}

interface Line {
  show(moment: Moment): void;
  say(text: string): void;
  clear(): void;
}

/** One line redrawn in place, one column short of the width so that no terminal wraps it. */
function liveLine(sink: TextSink, color: boolean): Line {
  const paint = createPaint(color);
  const write = forgivingWrite(sink);
  const draw = (text: string): void => write(`${CLEAR_LINE}${text}`);
  const width = (): number => Math.max(MIN_COLUMNS, (sink.columns ?? DEFAULT_COLUMNS) - 1);
  return {
    show: (moment) => {
      const bar = barOf(elapsedMs(moment) / Math.max(1, moment.totalMs));
      const text = fitted([bar, ...factsOf(moment)], width());
      draw(text.startsWith(bar) ? `${paint.pass(bar)}${text.slice(bar.length)}` : text);
    },
    say: (text) => draw(paint.dim(truncateText(text, width()))),
    clear: () => draw(''),
  };
}

function plainLines(sink: TextSink, options: ProgressOptions): Line {
  const write = forgivingWrite(sink);
  const everyMs = options.plainEveryMs ?? PLAIN_EVERY_MS;
  let nextMs = everyMs;
  return {
    show: (moment) => {
      if (elapsedMs(moment) < nextMs) return;
      nextMs = (Math.floor(elapsedMs(moment) / everyMs) + 1) * everyMs;
      write(`${factsOf(moment).join('  ')}\n`);
    },
    say: (text) => write(`${text}\n`),
    clear: () => {
      // Plain lines stay.
    },
  };
}

function elapsedMs({ sample }: Moment): number {
  return sample.atMs + SECOND_MS;
}

function barOf(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  return `[${'='.repeat(full)}${' '.repeat(BAR_CELLS - full)}]`;
}

/** In order of importance: what does not fit is left out from the end. */
function factsOf(moment: Moment): string[] {
  const { sample, observed, totals, due, started, totalMs, usersAt } = moment;
  const seconds = (ms: number): string => `${Math.round(ms / SECOND_MS)}s`;
  const ms = (value: number): string => (Number.isFinite(value) ? formatMs(value) : '–');
  return [
    `${seconds(Math.min(elapsedMs(moment), Math.max(totalMs, sample.atMs)))}/${seconds(totalMs)}`,
    ...(usersAt === undefined ? [] : [`users ${formatCount(usersAt(sample.atMs))}`]),
    `P99 ${ms(sample.p99Ms)}`,
    `ok ${formatCount(totals.ok)}`,
    `refused ${formatCount(totals.refused)}`,
    `failed ${formatCount(totals.failed)}`,
    ...(totals.unknown === 0 ? [] : [`unknown ${formatCount(totals.unknown)}`]),
    ...(observed === undefined ? [] : [`stock ${formatCount(observed.hotAvailable)}`]),
    started === due
      ? `${formatCount(sample.started)}/s`
      : `started ${formatCount(started)} of ${formatCount(due)}`,
    ...(observed === undefined ? [] : [`held ${formatCount(observed.hotHeld)}`]),
    `lag ${ms(sample.lagP99Ms)}`,
  ];
}

/** As many parts as fit, two spaces between them; the first alone is cut if it must be. */
function fitted(parts: readonly string[], columns: number): string {
  let text = '';
  for (const part of parts) {
    const longer = text === '' ? part : `${text}  ${part}`;
    if (displayWidth(longer) > columns) break;
    text = longer;
  }
  return text === '' ? truncateText(parts[0] ?? '', columns) : text;
}
