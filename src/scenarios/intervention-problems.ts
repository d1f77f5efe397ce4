/** Sanity of what the coordinator is to do during the run: restocks, prices and disturbances. */
import type { CallbackOptions } from '../contract/profile.ts';
import type { Disturbance, Scenario } from '../contract/scenario.ts';
import type { Report } from './problem-report.ts';

const MAX_INTERVENTIONS = 1000;
const MAX_LATENCY_MS = 3_600_000;
/** What one restock command may carry. */
const MAX_UNITS = 1_000_000_000;
const MAX_FACTOR = 100;

type Interventions = Pick<Scenario, 'phases' | 'disturbances'> & {
  readonly restocks: Scenario['sale']['restocks'];
  readonly priceChanges: Scenario['sale']['priceChanges'];
  /** Of the catalogue. */
  readonly items: number;
};

export function checkInterventions(parts: Interventions, report: Report): void {
  const endMs = parts.phases.reduce((sum, phase) => sum + phase.durationMs, 0);
  checkRestocks(parts, endMs, report);
  checkPriceChanges(parts, endMs, report);
  checkDisturbances(parts.disturbances ?? [], endMs, report);
}

function checkRestocks(
  { restocks = [], items }: Interventions,
  endMs: number,
  report: Report,
): void {
  const list = ['sale', 'restocks'];
  if (restocks.length > MAX_INTERVENTIONS) report(list, `more than ${MAX_INTERVENTIONS}`);
  for (const [index, { atMs, item, units }] of restocks.entries()) {
    const at = [...list, index];
    if (!(atMs >= 0 && atMs < endMs)) {
      report(at, `at ${atMs} ms, which is not within the ${endMs} ms of the load`);
    }
    if (!(item >= 0 && item < items)) report(at, `there is no item ${item}`);
    if (!Number.isSafeInteger(units) || units < 1 || units > MAX_UNITS) {
      report(at, `${units} is not a number of units from 1 to ${MAX_UNITS}`);
    }
  }
}

function checkPriceChanges(
  { priceChanges = [], items }: Interventions,
  endMs: number,
  report: Report,
): void {
  const list = ['sale', 'prices'];
  if (priceChanges.length > MAX_INTERVENTIONS) report(list, `more than ${MAX_INTERVENTIONS}`);
  for (const [index, { atMs, item, factor }] of priceChanges.entries()) {
    const at = [...list, index];
    if (!(atMs >= 0 && atMs < endMs)) {
      report(at, `at ${atMs} ms, which is not within the ${endMs} ms of the load`);
    }
    if (!(item >= 0 && item < items)) report(at, `there is no item ${item}`);
    if (!(factor >= 0 && factor <= MAX_FACTOR)) {
      report(at, `${factor} times the first price is not from 0 to ${MAX_FACTOR} times`);
    }
  }
}

function checkDisturbances(
  disturbances: readonly Disturbance[],
  endMs: number,
  report: Report,
): void {
  if (disturbances.length > MAX_INTERVENTIONS) {
    report(['disturbances'], `more than ${MAX_INTERVENTIONS}`);
  }
  let earlierMs = 0;
  for (const [index, { name, atMs, untilMs, payment }] of disturbances.entries()) {
    const at = ['disturbances', index];
    if (name.trim() === '') report(at, 'has no name');
    if (!(atMs >= 0 && untilMs > atMs && untilMs <= endMs)) {
      report(at, `${atMs} to ${untilMs} ms is no span within the ${endMs} ms of load`);
    } else if (atMs < earlierMs) {
      report(at, 'begins before the one before it has ended');
    }
    earlierMs = Math.max(earlierMs, untilMs);
    const { p50Ms, p99Ms } = payment.latency;
    if (!(p50Ms > 0 && p99Ms >= p50Ms && p99Ms <= MAX_LATENCY_MS)) {
      report([...at, 'payment', 'latency'], `${p50Ms} to ${p99Ms} ms`);
    }
    const { declined, lostAnswers, callbacks } = payment;
    checkShares({ declined, lostAnswers }, [...at, 'payment'], report);
    if (callbacks !== undefined) checkCallbacks(callbacks, [...at, 'payment', 'callbacks'], report);
  }
}

function checkCallbacks(
  { delay, lateMs, ...shares }: CallbackOptions,
  at: readonly (string | number)[],
  report: Report,
): void {
  const { p50Ms, p99Ms } = delay;
  if (!(p50Ms > 0 && p99Ms >= p50Ms && p99Ms <= MAX_LATENCY_MS)) {
    report([...at, 'delay'], `${p50Ms} to ${p99Ms} ms`);
  }
  if (!(lateMs >= 0 && lateMs <= MAX_LATENCY_MS)) report([...at, 'lateMs'], `${lateMs} ms`);
  checkShares(shares, at, report);
}

function checkShares(
  shares: Readonly<Record<string, number>>,
  at: readonly (string | number)[],
  report: Report,
): void {
  for (const [name, value] of Object.entries(shares)) {
    if (!(value >= 0 && value <= 1)) report([...at, name], `${value} is not a share from 0 to 1`);
  }
}
