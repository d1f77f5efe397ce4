/** What the calibration found, as lines to read. */
import { formatCount } from '../../base/units.ts';
import { type GeneratorCalibration, medianOf } from '../../calibration/generator-calibration.ts';

const LABEL_COLUMNS = 36;
const FIGURE_COLUMNS = 10;

/** Three significant digits are more than a rate repeats. */
export function roundedPerSec(perSec: number): number {
  if (!(perSec > 0)) return 0;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(perSec)) - 2);
  return Math.round(perSec / step) * step;
}

const shown = (perSec: number): string => formatCount(roundedPerSec(perSec));

function line(label: string, figure: string, note: string): string {
  const text = `${label.padEnd(LABEL_COLUMNS)}${figure.padStart(FIGURE_COLUMNS)}  ${note}`;
  return text.trimEnd();
}

function spreadOf(values: readonly number[]): string {
  if (values.length < 2) return 'one run';
  return `${shown(Math.min(...values))} to ${shown(Math.max(...values))}`;
}

/** A table of four lines; requests per second of one load worker. */
export function calibrationPage(
  found: GeneratorCalibration,
  machine: { readonly cpuModel: string; readonly cores: number; readonly node: string },
): string {
  const { ceilingsPerSec, yardsticksPerSec, valid } = found;
  const ratios = ceilingsPerSec.map((ours, pair) => ours / (yardsticksPerSec[pair] ?? Number.NaN));
  const ratio = medianOf(ratios);
  const cores = machine.cores === 1 ? '1 core' : `${machine.cores} cores`;
  return [
    `One load worker on ${machine.cpuModel}, ${cores}, Node ${machine.node}`,
    '',
    line('', 'requests/s', ''),
    line('as fast as it goes', shown(medianOf(ceilingsPerSec)), spreadOf(ceilingsPerSec)),
    line(
      'autocannon, bodies unread',
      shown(medianOf(yardsticksPerSec)),
      spreadOf(yardsticksPerSec),
    ),
    line('  ours ÷ autocannon', ratio.toFixed(2), `median of ${ratios.length}`),
    line(
      'highest rate on schedule',
      valid.perSec > 0 ? shown(valid.perSec) : 'none',
      `in steps of ${shown(valid.resolutionPerSec)}`,
    ),
    '',
  ].join('\n');
}
