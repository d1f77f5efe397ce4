/** Planned demand: what a scenario's phases and journeys would buy if nothing ever ran out. */
import { defined } from '../base/assert.ts';
import { meanMs } from '../base/distributions.ts';
import { createRateCurve } from '../contract/rate-curve/create-curve.ts';
import type {
  Journey,
  JourneyStep,
  Phase,
  Population,
  RateShape,
  Scenario,
} from '../contract/scenario.ts';

/** Expected number of arrivals of a phase: the integral of its rate. */
export function expectedArrivals(shape: RateShape, durationMs: number): number {
  return createRateCurve(shape, durationMs).expectedUntil(durationMs);
}

/** Expected sessions of each population over all phases. */
export function expectedSessions(phases: readonly Phase[]): Map<string, number> {
  const sessions = new Map<string, number>();
  for (const phase of phases) {
    const arrivals = expectedArrivals(phase.shape, phase.durationMs);
    const weights = Object.values(phase.mix).reduce((sum, weight) => sum + weight, 0);
    if (weights === 0) continue;
    for (const [name, weight] of Object.entries(phase.mix)) {
      sessions.set(name, (sessions.get(name) ?? 0) + (arrivals * weight) / weights);
    }
  }
  return sessions;
}

/** More steps than this no longer move an expectation: what is left of the mass is ignored. */
export const MAX_PROPAGATED_STEPS = 500;

/**
 * Expected units asked for by one session whose item is on sale and in stock and whose requests
 * all succeed: the mass that reaches `operation`, times its quantity. `first` counts only the
 * first arrival there (buying sessions), `all` also the later ones (purchases).
 */
export function expectedUnits(
  journey: Journey,
  operation: 'checkout' | 'order',
  count: 'first' | 'all',
): number {
  let mass = new Map<string, number>([[journey.start, 1]]);
  let units = 0;
  const steps = Math.min(journey.maxSteps, MAX_PROPAGATED_STEPS);
  for (let taken = 0; taken < steps && mass.size > 0; taken++) {
    const next = new Map<string, number>();
    for (const [name, share] of mass) {
      const step = defined(journey.steps[name], `journey ${journey.name}: step ${name}`);
      if (step.operation === operation) {
        units += share * step.quantity;
        if (count === 'first') continue;
      }
      spread(step, share, next);
    }
    mass = next;
  }
  return units;
}

/**
 * Moves `share` along the rules that match a success (of `viewStock`: units in stock); returns the
 * milliseconds of thinking on the way.
 */
export function spread(step: JourneyStep, share: number, next: Map<string, number>): number {
  let thinkMs = 0;
  const reason = step.operation === 'viewStock' ? 'in_stock' : 'none';
  let left = share;
  for (const rule of step.next) {
    if (rule.outcomes !== undefined && !rule.outcomes.includes('ok')) continue;
    if (rule.reasons !== undefined && !rule.reasons.includes(reason)) continue;
    const taken = left * (rule.probability ?? 1);
    left -= taken;
    if (rule.to === 'end' || taken <= 1e-9) continue;
    next.set(rule.to, (next.get(rule.to) ?? 0) + taken);
    thinkMs += taken * meanMs(rule.think);
  }
  return thinkMs;
}

export interface ExpectedJourney {
  /** Operations of one journey. */
  readonly operations: number;
  /** Think times of one journey added up: it cannot last shorter on average. */
  readonly thinkMs: number;
}

/** What one journey comes to on the same path as in `expectedUnits`: all goes well. */
export function expectedJourney(journey: Journey): ExpectedJourney {
  let mass = new Map<string, number>([[journey.start, 1]]);
  let operations = 0;
  let thinkMs = 0;
  const steps = Math.min(journey.maxSteps, MAX_PROPAGATED_STEPS);
  for (let taken = 0; taken < steps && mass.size > 0; taken++) {
    const next = new Map<string, number>();
    for (const [name, share] of mass) {
      const step = defined(journey.steps[name], `journey ${journey.name}: step ${name}`);
      operations += share;
      thinkMs += spread(step, share, next);
    }
    mass = next;
  }
  return { operations, thinkMs };
}

/** The same over the populations of a phase, by the weights of its mix. */
export function expectedJourneyOf(
  phase: Phase,
  { populations, journeys }: Pick<Scenario, 'populations' | 'journeys'>,
): ExpectedJourney {
  let weights = 0;
  let operations = 0;
  let thinkMs = 0;
  for (const population of populations) {
    const weight = phase.mix[population.name] ?? 0;
    const journey = journeys.find((candidate) => candidate.name === population.journey);
    if (weight === 0 || journey === undefined) continue;
    const expected = expectedJourney(journey);
    weights += weight;
    operations += weight * expected.operations;
    thinkMs += weight * expected.thinkMs;
  }
  const share = weights === 0 ? 0 : 1 / weights;
  return { operations: operations * share, thinkMs: thinkMs * share };
}

export interface DemandInputs {
  readonly phases: readonly Phase[];
  readonly populations: readonly Population[];
  readonly journeys: readonly Journey[];
  /** Probability that a draw from the whole catalogue is a hot item. */
  readonly hotProbability: number;
}

export interface PlannedDemand {
  /** Units of hot items wanted: buying sessions × quantity. */
  readonly hotUnits: number;
  /** Units of all other items that would be bought. */
  readonly otherUnits: number;
}

/** Sessions that do not come for a hot item draw from the whole catalogue, hot items included. */
export function plannedDemand(inputs: DemandInputs): PlannedDemand {
  const { phases, populations, journeys, hotProbability } = inputs;
  const sessions = expectedSessions(phases);
  let hotUnits = 0;
  let otherUnits = 0;
  for (const population of populations) {
    const count = sessions.get(population.name) ?? 0;
    const journey = defined(
      journeys.find((candidate) => candidate.name === population.journey),
      `journey ${population.journey}`,
    );
    const hotShare = population.hotShare + (1 - population.hotShare) * hotProbability;
    hotUnits += count * hotShare * expectedUnits(journey, 'checkout', 'first');
    otherUnits += count * (1 - hotShare) * expectedUnits(journey, 'order', 'all');
  }
  return { hotUnits, otherUnits };
}
