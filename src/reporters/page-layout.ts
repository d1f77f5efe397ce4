/** How pages for a terminal are laid out: labels, hanging lines, sections, never a line too long. */
import type { Figure, Mark } from '../analysis/figure.ts';
import type { ReporterOptions } from './reporter.ts';
import { createPaint, type Paint } from './terminal-paint.ts';
import { displayWidth, padEnd, wrapText } from './text-width.ts';

const MIN_COLUMNS = 20;
const DEFAULT_COLUMNS = 80;
/** Lines longer than this are hard to read, however wide the terminal. */
const MAX_COLUMNS = 120;
const LABEL_COLUMNS = 13;
/** Below this labels stand above their values instead of beside them. */
const NARROW_COLUMNS = 56;
export const INDENT = '  ';

export interface Page {
  readonly columns: number;
  readonly paint: Paint;
}

/** Below 20 columns nothing sensible can be shown; lines are then longer than asked. */
export function createPage({ columns, color }: ReporterOptions): Page {
  const asked = Math.floor(columns) || DEFAULT_COLUMNS;
  return {
    columns: Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, asked)),
    paint: createPaint(color),
  };
}

/** Sections with an empty line between them, empty ones left out, ending in a line feed. */
export function joinSections(sections: readonly (readonly string[])[]): string {
  const filled = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${filled.join('\n\n')}\n`;
}

export const SYMBOL: Readonly<Record<Mark, string>> = { pass: '✓', fail: '✗', unknown: '?' };

export function wrapped(text: string, { columns }: Page, indent = ''): string[] {
  return wrapText(text, columns - indent.length).map((line) => `${indent}${line}`);
}

/** Wraps behind a prefix; further lines are indented to stand under the first. */
export function hanging(prefix: string, text: string, { columns }: Page): string[] {
  const width = displayWidth(prefix);
  const lines = wrapText(text, columns - width);
  return lines.map((line, index) => `${index === 0 ? prefix : ' '.repeat(width)}${line}`);
}

export function titled(title: string, lines: readonly string[], { paint }: Page): string[] {
  return lines.length === 0 ? [] : [paint.title(title), ...lines];
}

/** Parts with ` · ` between them, broken only between parts while they fit. */
export function joined(parts: readonly string[], page: Page): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line} · ${part}`;
    if (displayWidth(longer) <= page.columns - INDENT.length) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(...wrapped(line, page, INDENT));
    line = part;
  }
  return [...lines, ...wrapped(line, page, INDENT)];
}

export function figures(list: readonly Figure[], page: Page): string[] {
  return list.flatMap((figure) => figureLines(figure, page));
}

function figureLines({ label, mark, value, details }: Figure, page: Page): string[] {
  const { paint } = page;
  const symbol = mark === null ? '' : `${SYMBOL[mark]} `;
  const painted = mark === null ? paint.bold : paint[mark];
  if (page.columns < NARROW_COLUMNS) {
    return [
      ...hanging(`${label}: `, `${symbol}${value}`, page).map((line, index) =>
        index === 0
          ? `${paint.dim(line.slice(0, label.length + 1))}${painted(line.slice(label.length + 1))}`
          : painted(line),
      ),
      ...details.flatMap((detail) => wrapped(detail, page, INDENT)).map(paint.dim),
    ];
  }
  const indent = ' '.repeat(LABEL_COLUMNS);
  const room = page.columns - LABEL_COLUMNS;
  const [first = '', ...further] = details;
  const start = `${symbol}${value}`;
  const beside = displayWidth(`${start}  ${first}`) <= room && first !== '';
  const lines = wrapText(start, room).map(
    (line, index) =>
      `${index === 0 ? paint.dim(padEnd(label, LABEL_COLUMNS)) : indent}${painted(line)}`,
  );
  if (beside) lines[0] = `${lines[0]}  ${paint.dim(first)}`;
  const below = beside ? further : details;
  return [...lines, ...below.flatMap((detail) => wrapped(detail, page, indent)).map(paint.dim)];
}
