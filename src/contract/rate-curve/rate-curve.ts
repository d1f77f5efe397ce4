/** What a rate shape means as a function of time: the plug point of all shapes. */

/** Bound to one shape and the duration of its phase; instants are milliseconds from its start. */
export interface RateCurve {
  /** Arrivals per second at `atMs`; at a jump, the rate after it. */
  rateAt(atMs: number): number;
  /** Expected arrivals in [0, atMs]: the integral of the rate. Continuous, never falling. */
  expectedUntil(atMs: number): number;
  /**
   * The instant in [fromMs, duration] at which `area` arrivals are expected to have happened, or
   * undefined when the phase ends before. `fromMs` is an instant known to be no later than that.
   */
  instantOf(area: number, fromMs: number): number | undefined;
}
