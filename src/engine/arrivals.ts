/** Arrivals of one phase as a pure, seeded sequence of intended times; the scheduler waits. */
import type { Prng } from '../base/prng.ts';
import { createRateCurve } from '../contract/rate-curve/create-curve.ts';
import type { RateShape } from '../contract/scenario.ts';

export interface ArrivalProcess {
  /** Intended milliseconds since the start of the phase, never decreasing; undefined at the end. */
  next(): number | undefined;
}

/**
 * A Poisson process with the rate curve `shape`, by time-rescaling: unit-rate exponential gaps,
 * summed, are the integrated rates of the arrivals (Çinlar, "Introduction to Stochastic
 * Processes", 1975, ch. 4.7). `prng` must not be used by anybody else.
 */
export function createPoissonArrivals(
  shape: RateShape,
  durationMs: number,
  prng: Prng,
): ArrivalProcess {
  const curve = createRateCurve(shape, durationMs);
  let area = 0;
  let lastMs = 0;
  let ended = durationMs === 0;
  return {
    next() {
      if (ended) return undefined;
      area -= Math.log(prng.open());
      const atMs = curve.instantOf(area, lastMs);
      if (atMs === undefined) {
        ended = true;
        return undefined;
      }
      lastMs = atMs;
      return atMs;
    },
  };
}
