/** Curves whose integral is known in closed form but whose inverse has to be searched. */
import type { RateCurve } from './rate-curve.ts';

const NEWTON_STEPS_MAX = 200;
/** Millionths of a millisecond: finer than the microsecond that arrivals are rounded to. */
const TOLERANCE_MS = 1e-6;

/** One summand of a rate, with its integral from 0. Rates per second, integrals in arrivals. */
export interface RateTerm {
  rateAt(atMs: number): number;
  expectedUntil(atMs: number): number;
}

/** The sum of its terms. */
export class SmoothCurve implements RateCurve {
  readonly #terms: readonly RateTerm[];
  readonly #durationMs: number;
  readonly #whole: number;

  constructor(terms: readonly RateTerm[], durationMs: number) {
    this.#terms = terms;
    this.#durationMs = durationMs;
    this.#whole = this.expectedUntil(durationMs);
  }

  rateAt(atMs: number): number {
    let rate = 0;
    for (const term of this.#terms) rate += term.rateAt(atMs);
    // A sine that just touches zero may miss it by a rounding error.
    return Math.max(0, rate);
  }

  expectedUntil(atMs: number): number {
    let area = 0;
    for (const term of this.#terms) area += term.expectedUntil(atMs);
    return area;
  }

  /**
   * Newton's method between two bounds. A step that leaves them, or that does not at least halve
   * the one before it (a jump of the rate can make Newton swing), is replaced by bisection.
   */
  instantOf(area: number, fromMs: number): number | undefined {
    if (!(area <= this.#whole)) return undefined;
    let low = fromMs;
    let high = this.#durationMs;
    let t = low;
    let lastStepMs = Number.POSITIVE_INFINITY;
    for (let step = 0; step < NEWTON_STEPS_MAX; step++) {
      const excess = this.expectedUntil(t) - area;
      if (excess > 0) high = t;
      else low = t;
      const perMs = this.rateAt(t) / 1000;
      let next = perMs > 0 ? t - excess / perMs : Number.NaN;
      const isGood = next >= low && next <= high && Math.abs(next - t) <= lastStepMs / 2;
      if (!isGood) next = (low + high) / 2;
      lastStepMs = Math.abs(next - t);
      t = next;
      if (lastStepMs < TOLERANCE_MS) break;
    }
    return Math.min(Math.max(t, fromMs), this.#durationMs);
  }
}
