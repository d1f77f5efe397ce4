/** The page at the end of a run: the answer first, then what it rests on, the reason last. */
import type { Figure, Mark, ReportView, ThresholdView, ViolationView } from '../analysis/view.ts';
import { viewOf } from '../analysis/view.ts';
import { escapeDeep } from './escape-text.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { renderOperationTable } from './terminal-table.ts';
import { createPaint, type Paint } from './terminal-paint.ts';
import { displayWidth, padEnd, wrapText } from './text-width.ts';

const MIN_COLUMNS = 20;
/** Lines longer than this are hard to read, however wide the terminal. */
const MAX_COLUMNS = 120;
const LABEL_COLUMNS = 13;
/** Below this labels stand above their values instead of beside them. */
const NARROW_COLUMNS = 56;
const INDENT = '  ';

export function createTerminalReporter(options: ReporterOptions): Reporter {
  const columns = Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, Math.floor(options.columns) || 80));
  const page = { columns, paint: createPaint(options.colour) };
  return {
    render(result) {
      const view = viewOf(escapeDeep(result));
      const sections = [
        [...head(view, page), '', ...violations(view.violations, page)],
        figures(view.figures, page),
        thresholds(view.thresholds, page),
        operations(view, page),
        titled('Sale', figures(view.sale, page), page),
        warnings(view, page),
        files(view, page),
        wrapped(view.exitLine, page).map((line) => page.paint[view.mark](line)),
      ];
      const lines = sections.filter((lines) => lines.length > 0).map(trimmed);
      return `${lines.map((section) => section.join('\n')).join('\n\n')}\n`;
    },
  };
}

interface Page {
  readonly columns: number;
  readonly paint: Paint;
}

const SYMBOL: Readonly<Record<Mark, string>> = { pass: '✓', fail: '✗', unknown: '?' };

function trimmed(lines: readonly string[]): string[] {
  const end = lines.findLastIndex((line) => line !== '');
  return lines.slice(0, end + 1);
}

function wrapped(text: string, { columns }: Page, indent = ''): string[] {
  return wrapText(text, columns - indent.length).map((line) => `${indent}${line}`);
}

/** Wraps behind a prefix; further lines are indented to stand under the first. */
function hanging(prefix: string, text: string, { columns }: Page): string[] {
  const width = displayWidth(prefix);
  const lines = wrapText(text, columns - width);
  return lines.map((line, index) => `${index === 0 ? prefix : ' '.repeat(width)}${line}`);
}

function titled(title: string, lines: readonly string[], { paint }: Page): string[] {
  return lines.length === 0 ? [] : [paint.title(title), ...lines];
}

function head(view: ReportView, page: Page): string[] {
  const [first = '', ...rest] = hanging(
    `${SYMBOL[view.mark]} ${view.verdict}  `,
    view.headline,
    page,
  );
  const { paint } = page;
  return [
    paint[view.mark](paint.bold(first)),
    ...rest.map((line) => paint[view.mark](paint.bold(line))),
    ...joined(view.context, page).map((line) => paint.dim(line)),
  ];
}

/** Parts with ` · ` between them, broken only between parts while they fit. */
function joined(parts: readonly string[], page: Page): string[] {
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

function violations(views: readonly ViolationView[], page: Page): string[] {
  const lines = views.flatMap(({ invariant, summary, witness }) => [
    ...hanging(`${SYMBOL.fail} ${invariant}: `, summary, page).map(page.paint.fail),
    ...witness.flatMap((step) => hanging(`${INDENT}${INDENT}- `, step, page)),
  ]);
  return titled('Violations', lines, page);
}

function figures(list: readonly Figure[], page: Page): string[] {
  return list.flatMap((figure) => figureLines(figure, page));
}

function figureLines({ label, mark, value, details }: Figure, page: Page): string[] {
  const { paint } = page;
  const symbol = mark === null ? '' : `${SYMBOL[mark]} `;
  const painted = mark === null ? paint.bold : paint[mark];
  if (page.columns < NARROW_COLUMNS) {
    return [
      ...hanging(`${label}: `, `${symbol}${value}`, page).map((line, index) =>
        index === 0 ? `${paint.dim(line.slice(0, label.length + 1))}${painted(line.slice(label.length + 1))}` : painted(line),
      ),
      ...details.flatMap((detail) => wrapped(detail, page, INDENT)).map(paint.dim),
    ];
  }
  const indent = ' '.repeat(LABEL_COLUMNS);
  const lines = wrapText(`${symbol}${value}`, page.columns - LABEL_COLUMNS);
  return [
    ...lines.map(
      (line, index) =>
        `${index === 0 ? paint.dim(padEnd(label, LABEL_COLUMNS)) : indent}${painted(line)}`,
    ),
    ...details.flatMap((detail) => wrapped(detail, page, indent)).map(paint.dim),
  ];
}

function thresholds(list: readonly ThresholdView[], page: Page): string[] {
  const { paint } = page;
  const widest = Math.max(0, ...list.map(({ expression }) => displayWidth(expression)));
  const beside = widest + 20 <= page.columns;
  const lines = list.flatMap(({ mark, expression, observed, note }) => {
    const shown = note === '' ? observed : `${observed}  ${note}`;
    const text = beside ? `${padEnd(expression, widest)}  ${shown}` : `${expression}  ${shown}`;
    const prefix = `${SYMBOL[mark]} `;
    const first = `${prefix}${text}`;
    if (displayWidth(first) <= page.columns) return [paint[mark](first)];
    if (!beside) return hanging(prefix, text, page).map(paint[mark]);
    const long = hanging(`${prefix}${padEnd(expression, widest)}  `, shown, page);
    return long.map(paint[mark]);
  });
  return titled('Thresholds', lines, page);
}

function operations(view: ReportView, page: Page): string[] {
  if (view.operations.rows.length === 0) return [];
  const { lines, dropped } = renderOperationTable(view.operations, page.columns, page.paint);
  const notes = ['Response time of ok operations in ms, from the intended instant.'];
  if (view.operations.rows.some(([name]) => name?.endsWith('*') === true)) {
    notes.push('* contract probes, not part of the totals.');
  }
  if (dropped.length > 0) notes.push(`Too narrow to show ${dropped.join(', ')}.`);
  return titled(
    'Operations',
    [...lines, ...wrapped(notes.join(' '), page).map(page.paint.dim)],
    page,
  );
}

function warnings(view: ReportView, page: Page): string[] {
  const lines = view.warnings.flatMap(({ message, advice }) => [
    ...hanging('! ', message, page).map(page.paint.unknown),
    ...wrapped(advice, page, INDENT).map(page.paint.dim),
  ]);
  return titled('Warnings', lines, page);
}

function files(view: ReportView, page: Page): string[] {
  const lines = view.files.flatMap(({ name, path }) => fileLines(name, path, page));
  const next = [
    ...hanging('Next: ', view.next.command, page).map(page.paint.bold),
    ...wrapped(view.next.why, page, '      ').map(page.paint.dim),
  ];
  return [...titled('Files', lines, page), ...(lines.length > 0 ? [''] : []), ...next];
}

function fileLines(name: string, path: string, page: Page): string[] {
  if (page.columns < NARROW_COLUMNS) return wrapped(path, page);
  return hanging(padEnd(name, LABEL_COLUMNS), path, page);
}
