/** How many requests per second a scenario asks for at its peak, before it is run. */

import { meanMs } from '../base/distributions.ts';
import { createRateCurve } from '../contract/rate-curve/create-curve.ts';
import type { Phase, Scenario } from '../contract/scenario.ts';
import { expectedJourneyOf } from './demand.ts';

/** Instants of a phase at which its curve is looked at. */
const LOOKS = 256;
/** No answer comes quicker, so users who never think do not ask infinitely often. */
const ANSWER_MIN_MS = 0.1;

/**
 * Journeys due per second at the peak × operations of a journey that goes well. In the closed model
 * users ÷ the thinking and pausing of a journey: what they ask for when every answer comes at once.
 * Repeated looks of those who wait for a sale to open are not counted.
 */
export function plannedRequestsPerSec(scenario: Scenario): number {
  return scenario.phases.reduce((peak, phase) => Math.max(peak, peakOf(phase, scenario)), 0);
}

function peakOf(phase: Phase, scenario: Scenario): number {
  const { operations, thinkMs } = expectedJourneyOf(phase, scenario);
  const peak = peakValue(phase);
  if (scenario.model?.kind !== 'closed') return peak * operations;
  const pauseMs = meanMs(scenario.model.pauseBetween);
  const cycleMs = thinkMs + pauseMs + operations * ANSWER_MIN_MS;
  return cycleMs === 0 ? 0 : (peak * operations * 1000) / cycleMs;
}

function peakValue({ shape, durationMs }: Phase): number {
  const curve = createRateCurve(shape, durationMs);
  let peak = 0;
  for (let look = 0; look <= LOOKS; look++) {
    peak = Math.max(peak, curve.rateAt((durationMs * look) / LOOKS));
  }
  return peak;
}
