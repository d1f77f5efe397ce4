/** Where the phases of a scenario lie in time, and how many journeys can be numbered in it. */
import type { Phase } from '../contract/scenario.ts';

/** More journeys than fit in a history's journey number are refused. */
export const JOURNEYS_MAX = 0xfffffffe;

export function phaseStartsUs(phases: readonly Phase[]): number[] {
  let atMs = 0;
  return phases.map((phase) => {
    const startUs = Math.round(atMs * 1000);
    atMs += phase.durationMs;
    return startUs;
  });
}

/** Index of the phase that an instant lies in; the last one for all beyond. */
export function phaseAt(startsUs: readonly number[], atUs: number): number {
  let phase = startsUs.length - 1;
  while (phase > 0 && (startsUs[phase] as number) > atUs) phase--;
  return Math.max(0, phase);
}

export function plannedDurationUs(phases: readonly Phase[]): number {
  return Math.round(phases.reduce((sum, phase) => sum + phase.durationMs, 0) * 1000);
}
