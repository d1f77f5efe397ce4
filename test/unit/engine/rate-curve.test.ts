// The integrated rate and its inverse, also where floating point is at its worst.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RateShape } from '../../../src/contract/scenario.ts';
import { assertShape, expectedUntil, instantOf } from '../../../src/engine/rate-curve.ts';

const rate = fc.double({ min: 0, max: 1e6, noNaN: true });
const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
const shape: fc.Arbitrary<RateShape> = fc.oneof(
  positive.map((perSec) => ({ kind: 'constant' as const, perSec })),
  fc
    .tuple(rate, positive)
    .map(([fromPerSec, toPerSec]) => ({ kind: 'ramp' as const, fromPerSec, toPerSec })),
  fc
    .tuple(rate, positive, fc.double({ min: 1, max: 1e7, noNaN: true }))
    .map(([basePerSec, peakPerSec, decayMs]) => ({
      kind: 'drop' as const,
      basePerSec,
      peakPerSec,
      decayMs,
    })),
);
const durationMs = fc.double({ min: 1, max: 1e7, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('the inverse of the integrated rate', () => {
  test('finds the instant at which the asked area is reached', () => {
    fc.assert(
      fc.property(shape, durationMs, share, (curve, duration, part) => {
        const whole = expectedUntil(curve, duration, duration);
        const atMs = instantOf(curve, whole * part, { fromMs: 0, durationMs: duration });
        expect(atMs).toBeDefined();
        const reached = expectedUntil(curve, atMs as number, duration);
        expect(Math.abs(reached - whole * part)).toBeLessThanOrEqual(1e-6 * whole + 1e-3);
      }),
      { numRuns: 2000, seed: 11 },
    );
  });

  test('there is none beyond the end of the phase', () => {
    fc.assert(
      fc.property(shape, durationMs, (curve, duration) => {
        const whole = expectedUntil(curve, duration, duration);
        const span = { fromMs: 0, durationMs: duration };
        expect(instantOf(curve, whole * 1.001 + 1e-9, span)).toBeUndefined();
      }),
      { seed: 12 },
    );
  });
});

test.each([
  { kind: 'constant', perSec: -1 },
  { kind: 'constant', perSec: Number.NaN },
  { kind: 'ramp', fromPerSec: 1, toPerSec: Number.POSITIVE_INFINITY },
  { kind: 'drop', basePerSec: 1, peakPerSec: 2, decayMs: 0 },
] as const)('a rate that cannot be is a broken invariant: %o', (bad) => {
  expect(() => assertShape(bad)).toThrow(/rate|decays/);
});
