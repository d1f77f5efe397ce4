/** The verdicts of a comparison: one row for each metric of each arm, against the first arm. */
import { METRIC_NAME } from '../analysis/comparison.ts';
import type { OperationColumn } from '../analysis/operation-table.ts';
import { formatCount } from '../base/units.ts';
import type { Comparison, JudgedMetric } from '../contract/comparison.ts';
import { hanging, type Page } from './page-layout.ts';
import { renderOperationTable } from './terminal-table.ts';

const COLUMNS: readonly OperationColumn[] = [
  { title: 'metric', dropRank: 0 },
  { title: 'baseline', dropRank: 2 },
  { title: 'arm', dropRank: 3 },
  { title: 'ratio', dropRank: 1 },
  { title: '95 % interval', dropRank: 4 },
  { title: 'rank p', dropRank: 5 },
  { title: 'runs', dropRank: 6 },
  { title: 'verdict', dropRank: 0 },
];

export function judgementLines({ judgements, margin }: Comparison, page: Page): string[] {
  const [first] = judgements;
  if (first === undefined) return [];
  const several = judgements.length > 1;
  const rows = judgements.flatMap(({ arm, metrics }) =>
    metrics.map((metric) => cellsOf(metric, several ? `${arm} ` : '')),
  );
  const table = { columns: COLUMNS, rows, compactRows: rows };
  const { lines } = renderOperationTable(table, page.columns, page.paint);
  const against = several ? first.baseline : `${first.arm} against ${first.baseline}`;
  const percent = Number((margin * 100).toPrecision(3));
  const title = `Verdicts: ${several ? 'against ' : ''}${against}, margin ${percent} %`;
  const about =
    'P99 of all operations with outcome ok, ms; goodput, orders/s; capacity, journeys/s. Ratio: ' +
    'arm ÷ baseline, 95 % interval. Verdicts are corrected for their number (Holm). Rank p: exact ' +
    'Mann–Whitney of no difference, a second opinion.';
  return [
    ...hanging('', title, page).map(page.paint.title),
    ...lines,
    ...hanging('', about, page).map(page.paint.dim),
  ];
}

function cellsOf(judged: JudgedMetric, prefix: string): string[] {
  const { metric, counted, medians, ratio, interval, verdict, mannWhitneyP } = judged;
  const [baseline, arm] = medians;
  return [
    `${prefix}${METRIC_NAME[metric]}`,
    figureText(baseline),
    figureText(arm),
    ratio === null ? '–' : `×${ratio.toFixed(3)}`,
    interval === null ? '–' : `${interval[0].toFixed(3)}–${interval[1].toFixed(3)}`,
    mannWhitneyP === null ? '–' : mannWhitneyP.toFixed(3),
    `${counted[0]}/${counted[1]}`,
    verdict,
  ];
}

function figureText(value: number | null): string {
  if (value === null) return '–';
  return value >= 100 ? formatCount(Math.round(value)) : value.toFixed(1);
}
