/** Thresholds on what a target does not have or does not show: said so, and kept apart. */
import type { AuditReport } from '../../contract/audit.ts';
import type { ThresholdResult } from '../../contract/run-result.ts';
import type { Scenario } from '../../contract/scenario.ts';
import { operationsOf } from '../../scenarios/pass-over.ts';
import type { MetricName } from '../../thresholds/metric.ts';
import type { Threshold } from '../../thresholds/threshold.ts';

/** The invariant that finds what a metric counts. */
const FOUND_BY: Readonly<Partial<Record<MetricName, string>>> = {
  oversold_units: 'I1',
  undersold_units: 'I2',
  stranded_holds: 'I2',
  double_charges: 'P1',
  charges_without_order: 'P2',
  orders_without_charge: 'P3',
  lost_orders: 'O1',
};

export interface ThresholdEvidence {
  readonly audit: AuditReport;
  readonly scenario: Scenario;
  /** Expressions of this run's own flags: what was asked for and cannot be judged stays open. */
  readonly asked: readonly string[];
}

/** The result as it is, or why this target offers nothing to judge the threshold by. */
export function withinEvidence(
  threshold: Threshold,
  result: ThresholdResult,
  { audit, scenario, asked }: ThresholdEvidence,
): ThresholdResult {
  const reason = whyBeyond(threshold, audit, scenario);
  if (reason === '') return result;
  const isAsked = asked.includes(threshold.expression);
  const open = { ...result, observed: null, ok: null, reason };
  return isAsked ? open : { ...open, judged: false };
}

function whyBeyond({ metric, selector }: Threshold, audit: AuditReport, scenario: Scenario) {
  const id = typeof metric === 'string' ? FOUND_BY[metric] : undefined;
  const invariant = audit.invariants.find((one) => one.id === id);
  if (invariant?.judged === false) return `not judged: ${invariant.reason}`;
  if (selector.operation === '*') return '';
  const isThere = [...operationsOf(scenario)].some((name) => name === selector.operation);
  const isShoppers = scenario.journeys.length > 0 && !PROBES.has(selector.operation);
  return isThere || !isShoppers ? '' : `not judged: no shopper asks for ${selector.operation} here`;
}

const PROBES: ReadonlySet<string> = new Set([
  'orderDuplicate',
  'orderReplay',
  'orderChanged',
  'tombstoneKey',
  'login',
]);
