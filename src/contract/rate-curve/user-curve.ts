/**
 * The phases of a closed scenario as one curve over the whole run: how many virtual users there are
 * at each instant, and from when on a given user is among them.
 */
import type { Phase } from '../scenario.ts';
import { createRateCurve } from './create-curve.ts';
import { isStraight, pointsOf } from './piecewise-linear.ts';

/** Curves that are not straight lines are followed through so many points a phase. */
const SAMPLES_PER_PHASE = 4096;
/** Neighbouring points whose highest value is kept, so that a search can skip them at once. */
const BLOCK = 256;
const US_PER_MS = 1000;

/** Instants are microseconds from the start of the run; user v is there while users(t) > v. */
export class UserCurve {
  readonly endUs: number;
  /** Most users at a time: users are numbered 0 … peakUsers − 1. */
  readonly peakUsers: number;
  /** Points in order of time; two at one instant are a jump. */
  readonly #atUs: Float64Array;
  readonly #users: Float64Array;
  /** Highest value of each block of points. */
  readonly #blockPeaks: Float64Array;

  /** A shape that `shapeProblems` finds fault with is a broken invariant here. */
  constructor(phases: readonly Phase[]) {
    const atUs: number[] = [];
    const users: number[] = [];
    let startMs = 0;
    for (const phase of phases) {
      for (const [atMs, value] of pointsOfPhase(phase)) {
        atUs.push((startMs + atMs) * US_PER_MS);
        users.push(value);
      }
      startMs += phase.durationMs;
    }
    this.#atUs = Float64Array.from(atUs);
    this.#users = Float64Array.from(users);
    this.endUs = Math.round(startMs * US_PER_MS);
    this.#blockPeaks = new Float64Array(Math.ceil(users.length / BLOCK));
    users.forEach((value, index) => {
      const block = Math.floor(index / BLOCK);
      this.#blockPeaks[block] = Math.max(this.#blockPeaks[block] ?? 0, value);
    });
    this.peakUsers = Math.ceil(this.#blockPeaks.reduce((peak, value) => Math.max(peak, value), 0));
  }

  /** Users at an instant; at a jump, after it. */
  usersAt(atUs: number): number {
    const i = this.#lastNotAfter(atUs);
    const [fromUs, from] = [this.#time(i), this.#value(i)];
    if (i + 1 >= this.#atUs.length) return Math.ceil(from);
    const span = this.#time(i + 1) - fromUs;
    const share = span > 0 ? (atUs - fromUs) / span : 0;
    return Math.ceil(from + (this.#value(i + 1) - from) * share);
  }

  /**
   * The first whole microsecond, `fromUs` or later, at which user number `user` is there, or
   * Infinity when that is not before the end. O(points ÷ 256) at worst.
   */
  firstInstantOf(user: number, fromUs: number): number {
    if (!(fromUs < this.endUs)) return Number.POSITIVE_INFINITY;
    const first = this.#lastNotAfter(fromUs);
    for (let i = first; i + 1 < this.#atUs.length; i++) {
      if (i % BLOCK === 0 && i > first) i = this.#skip(i, user);
      const instantUs = this.#inSegment(i, user, fromUs);
      if (instantUs < this.endUs) return instantUs;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** The first block from point i on with a value above `user`, at its point before. */
  #skip(i: number, user: number): number {
    let block = i / BLOCK;
    while (block < this.#blockPeaks.length && !((this.#blockPeaks[block] ?? 0) > user)) block++;
    // The segment that leads into the block may rise above `user` as well.
    return Math.max(i, block * BLOCK - 1);
  }

  /** Within the straight line from point i to the next, `fromUs` or later; Infinity when never. */
  #inSegment(i: number, user: number, fromUs: number): number {
    if (i + 1 >= this.#atUs.length) return Number.POSITIVE_INFINITY;
    const [startUs, endUs] = [this.#time(i), this.#time(i + 1)];
    const [from, to] = [this.#value(i), this.#value(i + 1)];
    const lateUs = Math.max(fromUs, startUs);
    if (endUs <= lateUs) return Number.POSITIVE_INFINITY;
    const here = from + (to - from) * ((lateUs - startUs) / (endUs - startUs));
    if (here > user) return Math.ceil(lateUs);
    if (!(to > user)) return Number.POSITIVE_INFINITY;
    const crossingUs = startUs + ((endUs - startUs) * (user - from)) / (to - from);
    return Math.ceil(Math.max(lateUs, crossingUs));
  }

  #lastNotAfter(atUs: number): number {
    let low = 0;
    let high = this.#atUs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#time(middle) <= atUs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #time(i: number): number {
    return this.#atUs[i] ?? 0;
  }

  #value(i: number): number {
    return this.#users[i] ?? 0;
  }
}

/** From its start to its end; the last value of a curve that ends before its phase stays. */
function pointsOfPhase({ shape, durationMs }: Phase): (readonly [number, number])[] {
  const curve = createRateCurve(shape, durationMs);
  const end = [durationMs, curve.rateAt(durationMs)] as const;
  if (isStraight(shape)) {
    const points = pointsOf(shape, durationMs).map(({ atMs, perSec }) => [atMs, perSec] as const);
    return (points.at(-1)?.[0] ?? 0) < durationMs ? [...points, end] : points;
  }
  return Array.from({ length: SAMPLES_PER_PHASE + 1 }, (_, index) => {
    const atMs = (durationMs * index) / SAMPLES_PER_PHASE;
    return [atMs, curve.rateAt(atMs)] as const;
  });
}
