/** How the observed value of a threshold is written: the metric in its expression names the unit. */
import { formatCount, formatMs, formatPerSec, formatRatio } from '../base/units.ts';

const LATENCY = /^(?:p\(|avg$|mean$|max$)/;
const RATIO = /_rate$/;
const PER_SECOND = /^goodput$|_per_sec$/;

export function isLatencyExpression(expression: string): boolean {
  return LATENCY.test(metricOf(expression));
}

/** What stands between the selector and the comparison. */
function metricOf(expression: string): string {
  const left = expression.split(/[<>=!]/, 1)[0] ?? '';
  return left.slice(left.lastIndexOf(':') + 1).trim();
}

/** `observed` is in ms for latencies, a share for rates, per second for throughput, else a count. */
export function formatObserved(expression: string, observed: number): string {
  const metric = metricOf(expression);
  if (RATIO.test(metric)) return formatRatio(observed);
  if (PER_SECOND.test(metric)) return formatPerSec(observed);
  if (LATENCY.test(metric)) return formatMs(observed);
  return formatCount(Math.round(observed * 1000) / 1000);
}
