/** What a scenario means, before it is driven: phases, people, and what they come to. */
import { formatCount, formatDuration, formatMs, formatRatio } from '../base/units.ts';
import { createRateCurve } from '../contract/rate-curve/create-curve.ts';
import type { Phase, Scenario } from '../contract/scenario.ts';
import { plannedLoad } from '../scenarios/planned-load.ts';

const SAMPLES = 200;
/** Operations that fewer journeys than this ask for are not worth a line. */
const RARE = 0.0005;

export function scenarioSummary(scenario: Scenario): string {
  const planned = plannedLoad(scenario);
  const isClosed = scenario.model?.kind === 'closed';
  const level = (value: number): string => `${digits(value)}${isClosed ? '' : '/s'}`;
  const people = isClosed ? 'virtual users' : 'journeys due';
  const lines = [
    scenario.title,
    '',
    ...table([
      ['phase', 'length', people, '', 'who'],
      ...scenario.phases.map((phase) => phaseRow(phase, level)),
    ]),
    '',
    `${isClosed ? 'Most at once' : 'Peak'}        ${level(planned.peakPerSec)}`,
    `Journeys    ${isClosed ? 'at most ' : ''}about ${rounded(planned.journeys)}`,
    `Thinking    ${formatMs(planned.meanThinkMs)} per journey on average`,
    `At once     about ${rounded(planned.peakSessions)} sessions, and more while answers are slow`,
    `Customers   about ${rounded(planned.customers)}`,
    `Sale        ${saleText(scenario)}`,
    '',
    'Operations per journey, while nothing is sold out and nothing fails',
    ...table(
      [...planned.operations]
        .filter(([, mean]) => mean >= RARE)
        .sort(([, a], [, b]) => b - a)
        .map(([name, mean]) => [`  ${name}`, mean.toFixed(2)]),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function phaseRow(phase: Phase, level: (value: number) => string): string[] {
  const { name, durationMs, shape, measured, mix } = phase;
  const curve = createRateCurve(shape, durationMs);
  const rates = Array.from({ length: SAMPLES + 1 }, (_, i) =>
    curve.rateAt((i / SAMPLES) * durationMs),
  );
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  const range = low === high ? level(high) : `${level(low)} to ${level(high)}`;
  const sum = Object.values(mix).reduce((total, weight) => total + weight, 0);
  const who = Object.entries(mix)
    .filter(([, weight]) => weight > 0)
    .map(
      ([population, weight]) => `${population} ${formatRatio(weight / sum).replace('.0%', '%')}`,
    );
  return [
    name,
    formatDuration(Math.round(durationMs)),
    range,
    `${shape.kind}${measured ? '' : ', not measured'}`,
    who.join(', '),
  ];
}

function saleText({ sale, catalogue }: Scenario): string {
  const units = sale.hotItems.reduce((sum, item) => sum + (catalogue[item]?.units ?? 0), 0);
  const opens =
    sale.opensAtMs === 0
      ? 'open all the time'
      : `opens at ${formatDuration(Math.round(sale.opensAtMs))}`;
  const items = `${formatCount(sale.hotItems.length)} of ${formatCount(catalogue.length)} products`;
  return `${opens}, ${items} in it with ${formatCount(units)} units in all`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function rounded(value: number): string {
  return formatCount(value < 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

function digits(value: number): string {
  return formatCount(Number(value.toPrecision(3)));
}
