// Whether operations in flight grow: by the slope that they surely have.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isBacklog,
  surelyGrowingPerSec,
} from '../../../../src/capacity/window/in-flight-growth.ts';

describe('the growth of operations in flight', () => {
  it('is the slope itself when there is no noise', () => {
    const inFlight = Array.from({ length: 12 }, (_, second) => 5 + 3 * second);
    expect(surelyGrowingPerSec(inFlight)).toBeCloseTo(3, 9);
  });

  it('matches a slope and interval worked out by hand', () => {
    // After the opening third: 1, 2, 2, 4, 6, 5 Sxy = 17, Sxx = 17.5, Syy = 58/3;
    // SE² = (Syy − Sxy²/Sxx) / 4 / Sxx, t(0.95; 4) = 2.1318.
    const late = [1, 2, 2, 4, 6, 5];
    expect(surelyGrowingPerSec([9, 9, 9, ...late])).toBeCloseTo(
      17 / 17.5 - 2.1318 * Math.sqrt((58 / 3 - 17 ** 2 / 17.5) / 4 / 17.5),
      3,
    );
  });

  it('is unknown in fewer than five seconds after the opening', () => {
    expect(surelyGrowingPerSec([1, 2, 3, 4, 5, 6])).toBeNull();
  });

  it('is never more than noise lets it be, wherever it starts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 9, maxLength: 60 }),
        fc.integer({ min: 0, max: 1000 }),
        (inFlight, more) => {
          const growth = surelyGrowingPerSec(inFlight) ?? 0;
          const shifted = surelyGrowingPerSec(inFlight.map((count) => count + more)) ?? 0;
          expect(shifted).toBeCloseTo(growth, 6);
        },
      ),
    );
  });

  it('matters from a hundredth of what arrives on', () => {
    expect(isBacklog(1.01, 100)).toBe(true);
    expect(isBacklog(0.99, 100)).toBe(false);
  });
});
