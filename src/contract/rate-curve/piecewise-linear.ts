/** Curves of straight lines: constant, ramp, steps, plateau and replay differ in their points only. */
import { defined } from '../../base/assert.ts';
import type { RatePoint, RateShape } from '../scenario.ts';
import type { RateCurve } from './rate-curve.ts';

type StraightShape = Extract<
  RateShape,
  { kind: 'constant' | 'ramp' | 'steps' | 'plateau' | 'replay' }
>;

const STRAIGHT: ReadonlySet<string> = new Set<StraightShape['kind']>([
  'constant',
  'ramp',
  'steps',
  'plateau',
  'replay',
]);

/** Whether a shape is made of straight lines, so that its points say all of it. */
export function isStraight(shape: RateShape): shape is StraightShape {
  return STRAIGHT.has(shape.kind);
}

/** In order of time, the first at 0; two at one instant are a jump; the last rate stays. */
export function pointsOf(shape: StraightShape, durationMs: number): readonly RatePoint[] {
  switch (shape.kind) {
    case 'constant':
      return [{ atMs: 0, perSec: shape.perSec }];
    case 'ramp':
      return [
        { atMs: 0, perSec: shape.fromPerSec },
        { atMs: durationMs, perSec: shape.toPerSec },
      ];
    case 'steps': {
      let atMs = 0;
      return shape.steps.flatMap(({ durationMs: stepMs, perSec }) => {
        const from = { atMs, perSec };
        atMs += stepMs;
        return [from, { atMs, perSec }];
      });
    }
    case 'plateau': {
      const { basePerSec, peakPerSec, surgeMs, sustainMs, fallMs } = shape;
      return [
        { atMs: 0, perSec: basePerSec },
        { atMs: surgeMs, perSec: peakPerSec },
        { atMs: surgeMs + sustainMs, perSec: peakPerSec },
        { atMs: surgeMs + sustainMs + fallMs, perSec: basePerSec },
      ];
    }
    case 'replay':
      return shape.points;
  }
}

/** Exact in both directions; an instant is found in O(log points). */
export class PiecewiseLinearCurve implements RateCurve {
  readonly #durationMs: number;
  readonly #atMs: Float64Array;
  readonly #perSec: Float64Array;
  /** Expected arrivals up to each point. */
  readonly #areas: Float64Array;
  readonly #whole: number;

  constructor(points: readonly RatePoint[], durationMs: number) {
    this.#durationMs = durationMs;
    this.#atMs = Float64Array.from(points, ({ atMs }) => atMs);
    this.#perSec = Float64Array.from(points, ({ perSec }) => perSec);
    this.#areas = new Float64Array(points.length);
    for (let i = 1; i < points.length; i++) {
      const [from, to] = [this.#rate(i - 1), this.#rate(i)];
      const seconds = (this.#time(i) - this.#time(i - 1)) / 1000;
      this.#areas[i] = this.#area(i - 1) + ((from + to) / 2) * seconds;
    }
    this.#whole = this.expectedUntil(durationMs);
  }

  rateAt(atMs: number): number {
    const i = lastNotAbove(this.#atMs, atMs);
    return this.#rate(i) + this.#slope(i) * ((atMs - this.#time(i)) / 1000);
  }

  expectedUntil(atMs: number): number {
    const i = lastNotAbove(this.#atMs, atMs);
    const seconds = (atMs - this.#time(i)) / 1000;
    return this.#area(i) + (this.#rate(i) + (this.#slope(i) * seconds) / 2) * seconds;
  }

  instantOf(area: number, fromMs: number): number | undefined {
    if (!(area <= this.#whole)) return undefined;
    const i = lastNotAbove(this.#areas, area);
    // The root of a·t + s·t²/2 = area, in the form that does not cancel when s is small.
    const from = this.#rate(i);
    const left = area - this.#area(i);
    const root = Math.sqrt(Math.max(0, from * from + 2 * this.#slope(i) * left));
    const divisor = from + root;
    const atMs = this.#time(i) + (divisor === 0 ? 0 : (2000 * left) / divisor);
    return Math.min(Math.max(atMs, fromMs), this.#durationMs);
  }

  #time(i: number): number {
    return defined(this.#atMs[i], 'point');
  }

  #rate(i: number): number {
    return defined(this.#perSec[i], 'point');
  }

  #area(i: number): number {
    return defined(this.#areas[i], 'point');
  }

  /** Arrivals per second per second from point i on; only ever asked after a jump, not within. */
  #slope(i: number): number {
    if (i + 1 >= this.#atMs.length) return 0;
    const seconds = (this.#time(i + 1) - this.#time(i)) / 1000;
    return seconds > 0 ? (this.#rate(i + 1) - this.#rate(i)) / seconds : 0;
  }
}

/** Index of the last of the rising values that is not above `value`; 0 when all are. */
function lastNotAbove(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((values[middle] ?? Number.POSITIVE_INFINITY) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
