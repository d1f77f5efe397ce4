/** Sanity of what the coordinator is to do during the run: restocks and disturbances. */
import type { Disturbance, Scenario } from '../contract/scenario.ts';

const MAX_INTERVENTIONS = 1000;
const MAX_LATENCY_MS = 3_600_000;
/** What one restock command may carry. */
const MAX_UNITS = 1_000_000_000;

/** Problems in plain words, each beginning with where it is. */
export function interventionProblems(scenario: Scenario): string[] {
  const problems: string[] = [];
  const endMs = scenario.phases.reduce((sum, phase) => sum + phase.durationMs, 0);
  checkRestocks(scenario, endMs, problems);
  checkDisturbances(scenario.disturbances ?? [], endMs, problems);
  return problems;
}

function checkRestocks({ sale, catalogue }: Scenario, endMs: number, problems: string[]): void {
  const restocks = sale.restocks ?? [];
  if (restocks.length > MAX_INTERVENTIONS) {
    problems.push(`sale.restocks: more than ${MAX_INTERVENTIONS}`);
  }
  for (const [index, { atMs, item, units }] of restocks.entries()) {
    const where = `sale.restocks[${index}]`;
    if (!(atMs >= 0 && atMs < endMs)) {
      problems.push(`${where}: at ${atMs} ms, which is not within the ${endMs} ms of the load`);
    }
    if (catalogue[item] === undefined) problems.push(`${where}: there is no item ${item}`);
    if (!Number.isSafeInteger(units) || units < 1 || units > MAX_UNITS) {
      problems.push(`${where}: ${units} is not a number of units from 1 to ${MAX_UNITS}`);
    }
  }
}

function checkDisturbances(
  disturbances: readonly Disturbance[],
  endMs: number,
  problems: string[],
): void {
  if (disturbances.length > MAX_INTERVENTIONS) {
    problems.push(`disturbances: more than ${MAX_INTERVENTIONS}`);
  }
  let earlierMs = 0;
  for (const [index, { name, atMs, untilMs, payment }] of disturbances.entries()) {
    const where = `disturbances[${index}]`;
    if (name.trim() === '') problems.push(`${where}: has no name`);
    if (!(atMs >= 0 && untilMs > atMs && untilMs <= endMs)) {
      problems.push(`${where}: ${atMs} to ${untilMs} ms is no span within the ${endMs} ms of load`);
    } else if (atMs < earlierMs) {
      problems.push(`${where}: begins before the one before it has ended`);
    }
    earlierMs = Math.max(earlierMs, untilMs);
    const { p50Ms, p99Ms } = payment.latency;
    if (!(p50Ms > 0 && p99Ms >= p50Ms && p99Ms <= MAX_LATENCY_MS)) {
      problems.push(`${where}.payment.latency: ${p50Ms} to ${p99Ms} ms`);
    }
    for (const share of ['declined', 'lostAnswers'] as const) {
      const value = payment[share];
      if (!(value >= 0 && value <= 1)) {
        problems.push(`${where}.payment.${share}: ${value} is not a share from 0 to 1`);
      }
    }
  }
}
