/** The metrics that a threshold can name: what kind of value each is and what may select it. */

/** Decides the unit of the limit: milliseconds, a share, events per second, a whole count. */
export type MetricKind = 'latency' | 'ratio' | 'rate' | 'count';

export interface MetricTraits {
  readonly kind: MetricKind;
  /**
   * `outcome`: `operation.outcome@population#phase` may stand before it · `operation`: the same
   * without an outcome · `none`: it describes the run as a whole.
   */
  readonly selectable: 'outcome' | 'operation' | 'none';
  /** In a sentence: "<title> below 250 ms". */
  readonly title: string;
}

/** `p(q)` is not in the table: it is written with its quantile. */
export const QUANTILE_TRAITS: MetricTraits = {
  kind: 'latency',
  selectable: 'outcome',
  title: 'response time quantile',
};

const wholeRunCount = (title: string): MetricTraits => ({
  kind: 'count',
  selectable: 'none',
  title,
});

export const METRICS = {
  mean: { kind: 'latency', selectable: 'outcome', title: 'mean response time' },
  max: { kind: 'latency', selectable: 'outcome', title: 'longest response time' },
  failed_rate: { kind: 'ratio', selectable: 'operation', title: 'share failed' },
  unknown_rate: { kind: 'ratio', selectable: 'operation', title: 'share without a clear answer' },
  refused_rate: { kind: 'ratio', selectable: 'operation', title: 'share refused' },
  ok_rate: { kind: 'ratio', selectable: 'operation', title: 'share ok' },
  requests_per_sec: { kind: 'rate', selectable: 'operation', title: 'requests per second' },
  count: { kind: 'count', selectable: 'outcome', title: 'number of operations' },
  goodput: { kind: 'rate', selectable: 'none', title: 'confirmed orders per second' },
  achieved_rate: { kind: 'ratio', selectable: 'none', title: 'journeys started of those due' },
  oversold_units: wholeRunCount('oversold units'),
  undersold_units: wholeRunCount('undersold units'),
  stranded_holds: wholeRunCount('stranded holds'),
  double_charges: wholeRunCount('double charges'),
  charges_without_order: wholeRunCount('charges without an order'),
  orders_without_charge: wholeRunCount('orders without a charge'),
  lost_orders: wholeRunCount('lost orders'),
} as const satisfies Record<string, MetricTraits>;

export type MetricName = keyof typeof METRICS;

/** Other spellings that people bring along: k6 says `avg` and `med`. */
export const METRIC_ALIASES: Readonly<Record<string, MetricName>> = { avg: 'mean' };

/** Metrics whose value is a fact of the run that `evaluateThreshold` is handed in `scalars`. */
export const SCALAR_METRICS: readonly MetricName[] = (Object.keys(METRICS) as MetricName[]).filter(
  (name) => METRICS[name].selectable === 'none',
);
