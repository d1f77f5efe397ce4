/**
 * What a journey comes to when everything succeeds: how often a session visits each step, and each
 * step's share of all requests once sessions follow each other without end.
 */
import { defined } from '../../base/assert.ts';
import type { Journey } from '../../contract/scenario.ts';
import { spread } from '../demand.ts';

/** What is left of a session once the chance that it is still under way is below this. */
const NEGLIGIBLE = 1e-9;

/**
 * Expected visits per session by step, in the order of the steps: the chain followed step by step
 * from the start (answers `ok`, stock reads with units left) until it has ended or `maxSteps` are
 * done, which is the fundamental matrix N = I + P + P² + … applied to the start.
 */
export function expectedVisits(journey: Journey): Map<string, number> {
  const visits = new Map(Object.keys(journey.steps).map((name) => [name, 0]));
  let mass = new Map<string, number>([[journey.start, 1]]);
  for (let taken = 0; taken < journey.maxSteps && mass.size > 0; taken++) {
    const next = new Map<string, number>();
    let left = 0;
    for (const [name, share] of mass) {
      const step = defined(journey.steps[name], `journey ${journey.name}: step ${name}`);
      visits.set(name, (visits.get(name) ?? 0) + share);
      spread(step, share, next);
    }
    for (const share of next.values()) left += share;
    mass = left > NEGLIGIBLE ? next : new Map();
  }
  return visits;
}

/** Shares (they sum to 1) of the steps among all requests when each end is followed by a start. */
export function stationaryMix(journey: Journey): Map<string, number> {
  const visits = expectedVisits(journey);
  let total = 0;
  for (const count of visits.values()) total += count;
  return new Map([...visits].map(([name, count]) => [name, count / total]));
}
