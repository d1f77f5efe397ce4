/** What passes between the search for a capacity and whoever measures its windows. */

/** Why a window was run: to find the region, to narrow it, or to try the claim for longer. */
export type WindowKind = 'ramp' | 'search' | 'soak';

/** `invalid` says nothing about the target: the generator or the machine was not up to it. */
export type WindowVerdict = 'pass' | 'fail' | 'invalid';

/**
 * What a window must satisfy: a threshold's expression, or one of `completed` (done ÷ offered),
 * `in-flight` (does not grow), `correct` (no unit oversold, nothing charged twice or lost) and
 * `generator` (on schedule).
 */
export interface ConstraintReading {
  readonly name: string;
  /** Null: could not be judged in this window, e.g. for want of samples. */
  readonly ok: boolean | null;
  /** In the unit of the constraint: ms for a latency, a share for a ratio; null: nothing was seen. */
  readonly observed: number | null;
}

/** The load held at one rate for a while, as the search sees it. */
export interface CapacityWindow {
  readonly kind: WindowKind;
  /** Journeys due per second. */
  readonly ratePerSec: number;
  readonly verdict: WindowVerdict;
  readonly constraints: readonly ConstraintReading[];
  /** Speed of the machine by the reference probe that belongs to it; 1: as at the start. */
  readonly machineSpeed: number;
}

/** What the windows say about one constraint, in journeys per second. */
export interface ConstraintCapacity {
  readonly name: string;
  /** The rate that passes half of all windows. */
  readonly q50PerSec: number;
  /** 90 % credible interval of it. */
  readonly intervalPerSec: readonly [number, number];
  /** Highest rate that passes ≥ 80 % of windows with 95 % posterior probability; null: none does. */
  readonly claimPerSec: number | null;
  /** Windows in which it was judged, and in which it failed. */
  readonly judged: number;
  readonly failed: number;
}

export type CapacityEnding =
  | 'found'
  /** The budget ended before the interval was as narrow as asked. */
  | 'budget'
  /** Nothing failed below what the generator can offer: the claim is a lower bound. */
  | 'generator-limited'
  /** Nothing failed up to the highest rate allowed: the claim is a lower bound. */
  | 'highest-allowed'
  /** Every rate failed, down to the lowest. */
  | 'fails-at-lowest'
  | 'machine-too-noisy'
  /** An invariant was violated. */
  | 'incorrect'
  /** No window said anything about the target. */
  | 'nothing-judged';
