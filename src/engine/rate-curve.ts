/** A phase's rate of arrivals as a curve: its integral, and the instant at which that is reached. */
import { assert, unreachable } from '../base/assert.ts';
import type { RateShape } from '../contract/scenario.ts';

const NEWTON_STEPS_MAX = 100;
/** Millionths of a millisecond: finer than the microsecond that arrivals are rounded to. */
const TOLERANCE_MS = 1e-6;

/** Arrivals per second at `atMs` from the start of the phase. */
export function rateAt(shape: RateShape, atMs: number, durationMs: number): number {
  switch (shape.kind) {
    case 'constant':
      return shape.perSec;
    case 'ramp':
      return shape.fromPerSec + ((shape.toPerSec - shape.fromPerSec) * atMs) / durationMs;
    case 'drop': {
      const surplus = shape.peakPerSec - shape.basePerSec;
      return shape.basePerSec + surplus * Math.exp(-atMs / shape.decayMs);
    }
    default:
      return unreachable(shape, 'rate shape');
  }
}

/** Expected arrivals in [0, atMs]: the integral of the rate. */
export function expectedUntil(shape: RateShape, atMs: number, durationMs: number): number {
  const seconds = atMs / 1000;
  switch (shape.kind) {
    case 'constant':
      return shape.perSec * seconds;
    case 'ramp': {
      const slope = (shape.toPerSec - shape.fromPerSec) / durationMs;
      return (shape.fromPerSec + (slope * atMs) / 2) * seconds;
    }
    case 'drop': {
      const surplus = shape.peakPerSec - shape.basePerSec;
      const decaySec = shape.decayMs / 1000;
      return shape.basePerSec * seconds - surplus * decaySec * Math.expm1(-atMs / shape.decayMs);
    }
    default:
      return unreachable(shape, 'rate shape');
  }
}

/**
 * The instant (ms) in [fromMs, durationMs] at which `area` arrivals are expected to have happened,
 * or undefined when the phase ends before.
 */
export function instantOf(
  shape: RateShape,
  area: number,
  span: { readonly fromMs: number; readonly durationMs: number },
): number | undefined {
  const { fromMs, durationMs } = span;
  if (!(area <= expectedUntil(shape, durationMs, durationMs))) return undefined;
  const exact = inverse(shape, area, span);
  return Math.min(Math.max(exact, fromMs), durationMs);
}

function inverse(
  shape: RateShape,
  area: number,
  span: { readonly fromMs: number; readonly durationMs: number },
): number {
  switch (shape.kind) {
    case 'constant':
      return (area / shape.perSec) * 1000;
    case 'ramp': {
      // The root of a·t + s·t²/2 = area, in the form that does not cancel when s is small.
      const from = shape.fromPerSec;
      const slopePerSec2 = (shape.toPerSec - from) / (span.durationMs / 1000);
      const root = Math.sqrt(Math.max(0, from * from + 2 * slopePerSec2 * area));
      const divisor = from + root;
      return divisor === 0 ? 0 : (2000 * area) / divisor;
    }
    case 'drop':
      return bracketedNewton(shape, area, span);
    default:
      return unreachable(shape, 'rate shape');
  }
}

/** Newton's method on a rising curve; a step that leaves the bracket is replaced by bisection. */
function bracketedNewton(
  shape: RateShape,
  area: number,
  span: { readonly fromMs: number; readonly durationMs: number },
): number {
  let low = span.fromMs;
  let high = span.durationMs;
  let t = low;
  for (let step = 0; step < NEWTON_STEPS_MAX; step++) {
    const excess = expectedUntil(shape, t, span.durationMs) - area;
    if (excess > 0) high = t;
    else low = t;
    const perMs = rateAt(shape, t, span.durationMs) / 1000;
    let next = perMs > 0 ? t - excess / perMs : Number.NaN;
    if (!(next >= low && next <= high)) next = (low + high) / 2;
    if (Math.abs(next - t) < TOLERANCE_MS) return next;
    t = next;
  }
  return t;
}

/** Rates are finite and not negative anywhere; the scenario's author is told elsewhere. */
export function assertShape(shape: RateShape): void {
  const rates =
    shape.kind === 'constant'
      ? [shape.perSec]
      : shape.kind === 'ramp'
        ? [shape.fromPerSec, shape.toPerSec]
        : [shape.basePerSec, shape.peakPerSec];
  assert(
    rates.every((rate) => Number.isFinite(rate) && rate >= 0),
    'a rate is finite and not negative',
  );
  if (shape.kind === 'drop') assert(shape.decayMs > 0, 'a drop decays in a positive time');
}
