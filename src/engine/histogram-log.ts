/** Writes the measured histograms in HdrHistogram's log format, for its standard tools. */
import { build, HistogramLogWriter } from 'hdr-histogram-js';
import type { Scenario } from '../contract/scenario.ts';
import type { DenseHistogram } from './dense-histogram.ts';
import type { MeasuredMetrics } from './metric-source.ts';
import { phaseStartsUs } from './phases.ts';
import { lowestValueAt, VALUE_MAX_US } from './value-index.ts';

/** Tags must not hold what separates fields or lines. */
function safeTag(text: string): string {
  return text.replace(/[\s,"=]/g, '_');
}

function toHdr(histogram: DenseHistogram) {
  const hdr = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: VALUE_MAX_US,
    numberOfSignificantValueDigits: 3,
  });
  for (let index = 0; index <= histogram.top; index++) {
    const count = histogram.counts[index] as number;
    if (count > 0) hdr.recordValueWithCount(lowestValueAt(index, histogram.bits), count);
  }
  return hdr;
}

/**
 * One line per operation × outcome × population × phase, response and service time apart, tagged
 * `order.ok@shopper#drop` and `order.ok@shopper#drop:service`. Values are microseconds; the
 * interval's maximum is in milliseconds, as the log's readers expect.
 */
export function writeHistogramLog(options: {
  readonly scenario: Scenario;
  readonly metrics: MeasuredMetrics;
  /** Wall-clock milliseconds since 1970 of the start of the load. */
  readonly startWallMs: number;
}): string {
  const parts: string[] = [];
  const writer = new HistogramLogWriter((text) => parts.push(text));
  const startsSec = phaseStartsUs(options.scenario.phases).map((us) => us / 1e6);
  writer.outputComment('[Latency in microseconds; tags: operation.outcome@population#phase]');
  writer.outputLogFormatVersion();
  writer.outputStartTime(options.startWallMs);
  writer.outputLegend();
  for (const { tag, phase, histogram } of options.metrics.histograms()) {
    const hdr = toHdr(histogram);
    hdr.tag = safeTag(tag);
    const startSec = startsSec[phase] ?? 0;
    const endSec = startSec + (options.scenario.phases[phase]?.durationMs ?? 0) / 1000;
    writer.outputIntervalHistogram(hdr, startSec, endSec, 1000);
  }
  return parts.join('');
}
