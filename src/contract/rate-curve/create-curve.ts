/** From a shape, which is data, to its curve: the one place that knows what each kind means. */
import { assert, unreachable } from '../../base/assert.ts';
import type { RateShape } from '../scenario.ts';
import { PiecewiseLinearCurve, pointsOf } from './piecewise-linear.ts';
import type { RateCurve } from './rate-curve.ts';
import { gammaPeak, level, surge, wave } from './rate-terms.ts';
import { shapeProblems } from './shape-problems.ts';
import { type RateTerm, SmoothCurve } from './smooth-curve.ts';

/** Default of `peak-after-start`. */
const DEFAULT_MODE_MS = 26_000;

/** A shape that `shapeProblems` finds fault with is a broken invariant here. */
export function createRateCurve(shape: RateShape, durationMs: number): RateCurve {
  assert(Number.isFinite(durationMs) && durationMs >= 0, 'a phase has a finite duration');
  const [problem] = shapeProblems(shape, durationMs);
  assert(problem === undefined, `rate shape ${shape.kind}: ${problem}`);
  switch (shape.kind) {
    case 'constant':
    case 'ramp':
    case 'steps':
    case 'plateau':
    case 'replay':
      return new PiecewiseLinearCurve(pointsOf(shape, durationMs), durationMs);
    case 'drop':
    case 'peak-after-start':
    case 'double-hump':
    case 'diurnal':
      return new SmoothCurve(termsOf(shape), durationMs);
    default:
      return unreachable(shape, 'rate shape');
  }
}

type SmoothShape = Extract<
  RateShape,
  { kind: 'drop' | 'peak-after-start' | 'double-hump' | 'diurnal' }
>;

function termsOf(shape: SmoothShape): RateTerm[] {
  switch (shape.kind) {
    case 'drop': {
      const { basePerSec, peakPerSec, decayMs } = shape;
      const surplusPerSec = peakPerSec - basePerSec;
      return [level(basePerSec), surge({ atMs: 0, surplusPerSec, decayMs })];
    }
    case 'peak-after-start': {
      const { basePerSec, peakPerSec, modeMs = DEFAULT_MODE_MS } = shape;
      return [level(basePerSec), gammaPeak(peakPerSec - basePerSec, modeMs)];
    }
    case 'double-hump':
      return [level(shape.basePerSec), ...shape.humps.map(surge)];
    case 'diurnal': {
      const { lowPerSec, highPerSec, periodMs, highAtMs, spikes } = shape;
      const amplitudePerSec = (highPerSec - lowPerSec) / 2;
      return [
        level(lowPerSec + amplitudePerSec),
        wave({ amplitudePerSec, periodMs, highAtMs }),
        ...spikes.map(surge),
      ];
    }
  }
}
