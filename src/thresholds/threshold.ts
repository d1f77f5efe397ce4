/** A threshold as a value, and how it is written back and told in words. */
import { formatCount, formatMs, formatPerSec, formatRatio } from '../base/units.ts';
import type { MetricSelector } from '../contract/metrics.ts';
import { OUTCOMES, type Outcome } from '../contract/outcome.ts';
import {
  METRICS,
  type MetricKind,
  type MetricName,
  type MetricTraits,
  QUANTILE_TRAITS,
} from './metric.ts';

/** Longest first, so that a scanner that tries them in order reads `<=` as one. */
export const OPERATORS = ['<=', '>=', '==', '!=', '<', '>'] as const;
export type Operator = (typeof OPERATORS)[number];

export interface ThresholdSelector {
  /** `*` = all operations. */
  readonly operation: string;
  /** Undefined: the metric's default, which is `ok` for latency and everything otherwise. */
  readonly outcome?: Outcome | 'any';
  readonly population?: string;
  readonly phase?: string;
}

export type ThresholdMetric = MetricName | { readonly quantile: number };

export interface Threshold {
  /** As it was written. */
  readonly expression: string;
  readonly selector: ThresholdSelector;
  readonly metric: ThresholdMetric;
  readonly operator: Operator;
  /** Milliseconds, a ratio, events per second or a count, as the metric's kind says. */
  readonly limit: number;
}

export const OUTCOME_WORDS: readonly string[] = [...OUTCOMES, 'any'];

export function traitsOfMetric(metric: ThresholdMetric): MetricTraits {
  return typeof metric === 'string' ? METRICS[metric] : QUANTILE_TRAITS;
}

/** What to ask a MetricSource for: where a latency names no outcome it means `ok`. */
export function metricSelectorOf(threshold: Threshold): MetricSelector {
  const { operation, outcome, population, phase } = threshold.selector;
  const isLatency = traitsOfMetric(threshold.metric).kind === 'latency';
  const wanted = outcome ?? (isLatency ? 'ok' : 'any');
  return {
    ...(operation === '*' ? {} : { operation }),
    ...(wanted === 'any' ? {} : { outcome: wanted }),
    ...(population === undefined ? {} : { population }),
    ...(phase === undefined ? {} : { phase }),
  };
}

/** One canonical text per threshold; parsing it gives the same threshold again. */
export function printThreshold(threshold: Threshold): string {
  const { selector, metric, operator, limit } = threshold;
  const selected = printSelector(selector);
  const { kind } = traitsOfMetric(metric);
  const name = typeof metric === 'string' ? metric : `p(${plain(metric.quantile * 100)})`;
  const unit = kind === 'latency' ? 'ms' : kind === 'rate' ? '/s' : '';
  return `${selected === '*' ? '' : `${selected}:`}${name}${operator}${plain(limit)}${unit}`;
}

function printSelector(selector: ThresholdSelector): string {
  const { operation, outcome, population, phase } = selector;
  return [
    operation,
    outcome === undefined ? '' : `.${outcome}`,
    population === undefined ? '' : `@${population}`,
    phase === undefined ? '' : `#${phase}`,
  ].join('');
}

/** Decimal without an exponent and without the noise of binary fractions. */
function plain(value: number): string {
  const text = String(Number(value.toPrecision(15)));
  return text.includes('e') ? value.toFixed(12).replace(/\.?0+$/, '') : text;
}

const OPERATOR_WORDS: Readonly<Record<Operator, string>> = {
  '<': 'below',
  '<=': 'at most',
  '>': 'above',
  '>=': 'at least',
  '==': 'exactly',
  '!=': 'other than',
};

/** In words: `P90 of order (shopper, drop) below 600 ms`. */
export function describeThreshold(threshold: Threshold): string {
  const { metric, operator, limit, selector } = threshold;
  const { kind, title, selectable } = traitsOfMetric(metric);
  const name = typeof metric === 'string' ? title : `P${plain(metric.quantile * 100)}`;
  const narrowed = [selector.outcome, selector.population, selector.phase].filter(
    (part) => part !== undefined,
  );
  const details = narrowed.length === 0 ? '' : ` (${narrowed.join(', ')})`;
  const operation = selector.operation === '*' ? 'all operations' : selector.operation;
  const of = selectable === 'none' ? '' : ` of ${operation}${details}`;
  return `${name}${of} ${OPERATOR_WORDS[operator]} ${formatObserved(kind, limit)}`;
}

/** A value of this kind of metric for a person. */
export function formatObserved(kind: MetricKind, value: number): string {
  switch (kind) {
    case 'latency':
      return formatMs(value);
    case 'ratio':
      return formatRatio(value);
    case 'rate':
      return formatPerSec(value);
    case 'count':
      return formatCount(value);
  }
}
