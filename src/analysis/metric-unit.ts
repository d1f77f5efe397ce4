/** How the observed value of a threshold is written: the metric in its expression names the unit. */
import { formatCount, formatMs, formatPerSec, formatRatio } from '../base/units.ts';

const LATENCY = /(?:^|:)\s*(?:p\(|avg|mean|med|min\b|max\b|lag)/;
const RATIO = /(?:failed_rate|unknown_rate|refused_rate|achieved_rate|_ratio|_share)/;
const PER_SECOND = /(?:goodput|throughput|per_sec|_per_s\b)/;

export function isLatencyExpression(expression: string): boolean {
  const metric = metricOf(expression);
  return LATENCY.test(metric) && !RATIO.test(metric) && !PER_SECOND.test(metric);
}

function metricOf(expression: string): string {
  return expression.split(/[<>=!]/, 1)[0] ?? '';
}

/** `observed` is in ms for latencies, a share for rates, per second for throughput, else a count. */
export function formatObserved(expression: string, observed: number): string {
  const metric = metricOf(expression);
  if (RATIO.test(metric)) return formatRatio(observed);
  if (PER_SECOND.test(metric)) return formatPerSec(observed);
  if (LATENCY.test(metric)) return formatMs(observed);
  return formatCount(Math.round(observed * 1000) / 1000);
}
