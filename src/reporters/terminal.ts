/** The page at the end of a run: the answer first, then what it rests on, the reason last. */
import { type ReportView, type ThresholdView, viewOf } from '../analysis/view.ts';
import { escapeDeep, escapeText } from './escape-text.ts';
import {
  createPage,
  figures,
  hanging,
  INDENT,
  joined,
  joinSections,
  type Page,
  SYMBOL,
  titled,
  wrapped,
} from './page-layout.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { renderOperationTable } from './terminal-table.ts';
import { displayWidth, padEnd } from './text-width.ts';
import { violationLines } from './violation-lines.ts';

export function createTerminalReporter(options: ReporterOptions): Reporter {
  const page = createPage(options);
  return {
    render(result) {
      const view = viewOf(escapeDeep(result));
      return joinSections([
        head(view, page),
        ...answers(view, page),
        thresholds(view.thresholds, page),
        operations(view, page),
        titled('Sale', figures(view.sale, page), page),
        warnings(view, page),
        files(view, page, options.folder),
        next(view, page),
        // On one line however long, so that `tail -1` gives the whole sentence to a script.
        [page.paint[view.mark](view.exitLine)],
      ]);
    },
  };
}

/** The audit and what it found stand before every other figure. */
function answers(view: ReportView, page: Page): string[][] {
  const [audit, ...others] = view.figures;
  const found = violationLines(view.violations, page);
  if (audit === undefined || found.length === 0) return [figures(view.figures, page)];
  return [figures([audit], page), found, figures(others, page)];
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

function files(view: ReportView, page: Page, folder: string | undefined): string[] {
  const where = folder === undefined ? `in the folder of run ${view.runId}` : escapeText(folder);
  return titled(
    'Files',
    [
      ...wrapped(where, page),
      ...joined(['result.json', ...view.files], page).map((line) => page.paint.dim(line)),
    ],
    page,
  );
}

function next({ next: { command, why } }: ReportView, page: Page): string[] {
  const prefix = 'Next: ';
  return [
    ...hanging(prefix, command, page).map((line) => page.paint.bold(line)),
    ...wrapped(why, page, ' '.repeat(prefix.length)).map((line) => page.paint.dim(line)),
  ];
}
