// How many virtual users there are at each instant, and when each of them is there.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserCurve } from '../../../src/contract/rate-curve/user-curve.ts';
import type { Phase, RateShape } from '../../../src/contract/scenario.ts';

function phaseOf(durationMs: number, shape: RateShape): Phase {
  return { name: `of ${durationMs}`, durationMs, shape, measured: true, mix: { shopper: 1 } };
}

const line = (durationMs: number, fromPerSec: number, toPerSec: number): Phase =>
  phaseOf(durationMs, { kind: 'ramp', fromPerSec, toPerSec });

describe('a curve of users', () => {
  test('has user v from when the line first exceeds v', () => {
    const curve = new UserCurve([line(10_000, 0, 100)]);
    expect(curve.peakUsers).toBe(100);
    expect(curve.firstInstantOf(0, 0)).toBe(0);
    expect(curve.firstInstantOf(25, 0)).toBe(2_500_000);
    expect(curve.firstInstantOf(99, 0)).toBe(9_900_000);
    expect(curve.firstInstantOf(100, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(curve.firstInstantOf(25, 7_000_000)).toBe(7_000_000);
    expect(curve.usersAt(2_500_000)).toBe(25);
  });

  test('lets the highest numbers go first and come back last', () => {
    const curve = new UserCurve([line(1000, 10, 10), line(1000, 10, 0), line(1000, 0, 10)]);
    expect(curve.peakUsers).toBe(10);
    expect(curve.firstInstantOf(9, 1_050_000)).toBe(1_050_000);
    expect(curve.firstInstantOf(9, 1_150_000)).toBe(2_900_000);
    expect(curve.firstInstantOf(2, 1_750_000)).toBe(1_750_000);
    expect(curve.firstInstantOf(2, 1_850_000)).toBe(2_200_000);
    expect(curve.firstInstantOf(0, 3_000_000)).toBe(Number.POSITIVE_INFINITY);
  });

  test('jumps between phases, and a curve that ends early keeps its last number', () => {
    const steps = { kind: 'steps', steps: [{ durationMs: 200, perSec: 3 }] } as const;
    const curve = new UserCurve([phaseOf(1000, steps), line(1000, 8, 8)]);
    expect(curve.usersAt(900_000)).toBe(3);
    expect(curve.firstInstantOf(2, 900_000)).toBe(900_000);
    expect(curve.firstInstantOf(3, 0)).toBe(1_000_000);
    expect(curve.peakUsers).toBe(8);
  });

  test('of any shape has a user exactly while it is above the number', () => {
    const shape: fc.Arbitrary<RateShape> = fc.oneof(
      fc.record({
        kind: fc.constant('ramp' as const),
        fromPerSec: fc.integer({ min: 0, max: 40 }),
        toPerSec: fc.integer({ min: 0, max: 40 }),
      }),
      fc.record({
        kind: fc.constant('drop' as const),
        basePerSec: fc.integer({ min: 0, max: 10 }),
        peakPerSec: fc.integer({ min: 10, max: 40 }),
        decayMs: fc.integer({ min: 50, max: 900 }),
      }),
    );
    const phases = fc.array(fc.record({ durationMs: fc.integer({ min: 1, max: 900 }), shape }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(phases, fc.nat(40), fc.nat(5_000_000), (parts, user, fromUs) => {
        const curve = new UserCurve(
          parts.map(({ durationMs, shape: s }) => phaseOf(durationMs, s)),
        );
        const instantUs = curve.firstInstantOf(user, fromUs);
        if (instantUs === Number.POSITIVE_INFINITY) {
          for (let atUs = fromUs; atUs < curve.endUs; atUs += 9973) {
            expect(curve.usersAt(atUs)).toBeLessThanOrEqual(user);
          }
          return;
        }
        expect(instantUs).toBeGreaterThanOrEqual(fromUs);
        expect(instantUs).toBeLessThan(curve.endUs);
        // The infimum of the instants above: there, or a moment later, the user is there.
        const near = Math.max(curve.usersAt(instantUs), curve.usersAt(instantUs + 200));
        expect(near).toBeGreaterThanOrEqual(user);
        for (let atUs = fromUs; atUs < instantUs - 200; atUs += 9973) {
          expect(curve.usersAt(atUs)).toBeLessThanOrEqual(user);
        }
      }),
    );
  });

  test('finds its way through a long replay', () => {
    const points = Array.from({ length: 20_001 }, (_, i) => ({ atMs: i, perSec: i % 2 }));
    const late = [...points, { atMs: 20_500, perSec: 50 }];
    const curve = new UserCurve([phaseOf(21_000, { kind: 'replay', points: late })]);
    expect(curve.firstInstantOf(30, 0)).toBe(20_300_000);
    expect(curve.firstInstantOf(0, 4_000_000)).toBe(4_000_000);
    expect(curve.firstInstantOf(49, 20_700_000)).toBe(20_700_000);
  });
});
