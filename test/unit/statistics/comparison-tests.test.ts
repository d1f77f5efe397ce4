import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleNormal } from '../../../src/base/distributions.ts';
import { Prng } from '../../../src/base/prng.ts';
import { holmAdjusted } from '../../../src/statistics/holm.ts';
import { mannWhitneyP } from '../../../src/statistics/mann-whitney.ts';
import { marginTest, ratioInterval } from '../../../src/statistics/welch.ts';

const values = fc.array(fc.double({ min: 0.1, max: 1000, noNaN: true }), {
  minLength: 2,
  maxLength: 8,
});

describe('the ratio of two figures', () => {
  it('is that of the geometric means, with Welch’s interval on the logarithms', () => {
    // Logs 0, 1, 2 and 1, 2, 3: difference 1, standard error √(2/3), four degrees of freedom.
    const { ratio, low, high } = ratioInterval([0, 1, 2].map(Math.exp), [1, 2, 3].map(Math.exp));
    const half = 2.776445 * Math.sqrt(2 / 3);
    expect(Math.log(ratio)).toBeCloseTo(1, 9);
    expect(Math.log(low)).toBeCloseTo(1 - half, 5);
    expect(Math.log(high)).toBeCloseTo(1 + half, 5);
  });

  it('turns round when the sides are exchanged, and does not mind the unit', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const one = ratioInterval(a, b);
        const other = ratioInterval(b, a);
        expect(other.ratio).toBeCloseTo(1 / one.ratio, 6);
        expect(Math.log(other.low)).toBeCloseTo(-Math.log(one.high), 6);
        const inUs = ratioInterval(
          a.map((value) => value * 1000),
          b.map((value) => value * 1000),
        );
        expect(inUs.ratio / one.ratio).toBeCloseTo(1, 9);
      }),
      { numRuns: 50 },
    );
  });

  it('contains the truth in about 95 of 100 experiments, also with unequal spread', () => {
    const prng = new Prng(7, 'welch');
    let covered = 0;
    const trials = 2000;
    for (let trial = 0; trial < trials; trial++) {
      const a = Array.from({ length: 6 }, () => Math.exp(0.03 * sampleNormal(prng)));
      const b = Array.from({ length: 6 }, () => 1.1 * Math.exp(0.09 * sampleNormal(prng)));
      const { low, high } = ratioInterval(a, b);
      if (low <= 1.1 && 1.1 <= high) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.93);
    expect(covered / trials).toBeLessThan(0.97);
  });

  it('has no width where nothing varied, and is refused for values that have no logarithm', () => {
    const { ratio, low, high } = ratioInterval([2, 2], [3, 3]);
    expect(ratio).toBeCloseTo(1.5, 12);
    expect(high - low).toBe(0);
    expect(() => ratioInterval([0, 1], [1, 2])).toThrow();
    expect(() => ratioInterval([1], [1, 2])).toThrow();
  });
});

describe('the exact Mann–Whitney test', () => {
  it.each([
    [3, 0.1],
    [4, 0.029],
    [5, 0.0079],
    [6, 0.0022],
  ])('gives its smallest p-value for %i a side that do not overlap', (n, p) => {
    const low = Array.from({ length: n }, (_, i) => i);
    const high = low.map((value) => value + 100);
    expect(mannWhitneyP(low, high)).toBeCloseTo(p, n < 5 ? 3 : 4);
  });

  it('takes ties for what they are: all alike is no difference', () => {
    expect(mannWhitneyP([5, 5, 5], [5, 5, 5])).toBe(1);
    // One of the 20 ways to choose puts both other threes on one side, one mirrors it.
    expect(mannWhitneyP([1, 1, 1], [1, 3, 3])).toBeCloseTo(0.4, 9);
  });

  it('agrees with counting every way to part the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 1, max: 7 }),
        (all, cut) => {
          const size = Math.min(cut, all.length - 1);
          const p = mannWhitneyP(all.slice(0, size), all.slice(size));
          expect(p).toBeCloseTo(counted(all, size), 9);
        },
      ),
    );
  });
});

/** By brute force over all subsets, from the number of pairs won. */
function counted(all: readonly number[], size: number): number {
  const distanceOf = (chosen: readonly number[]): number => {
    const inside = chosen.map((i) => all[i] ?? 0);
    const outside = all.filter((_, i) => !chosen.includes(i));
    let won = 0;
    for (const a of inside) for (const b of outside) won += a > b ? 1 : a === b ? 0.5 : 0;
    return Math.abs(won - (inside.length * outside.length) / 2);
  };
  const observed = distanceOf(Array.from({ length: size }, (_, i) => i));
  let far = 0;
  let ways = 0;
  for (let bits = 0; bits < 2 ** all.length; bits++) {
    const chosen = all.map((_, i) => i).filter((i) => (bits >> i) & 1);
    if (chosen.length !== size) continue;
    ways++;
    if (distanceOf(chosen) >= observed - 1e-9) far++;
  }
  return far / ways;
}

describe('a margin', () => {
  it('is tested with Student’s distribution at its nearer edge', () => {
    // Logs 0, 1, 2 and 1, 2, 3, margin e^0.5 − 1: t = 0.5 ÷ √(2/3) = 0.6124, four degrees of freedom.
    const { beyond, inside } = marginTest(
      [0, 1, 2].map(Math.exp),
      [1, 2, 3].map(Math.exp),
      Math.exp(0.5) - 1,
    );
    // With s = t ÷ √(4 + t²), P(T > t) = 1/2 − (3 s − s³) / 4.
    const s = Math.sqrt(0.375 / 4.375);
    expect(beyond).toBeCloseTo(1 - (3 * s - s ** 3) / 2, 9);
    expect(inside).toBe(1);
  });

  it('is left exactly when the 95 % interval lies beyond it, and kept when that lies inside', () => {
    const close = fc.array(fc.double({ min: 0.9, max: 1.3, noNaN: true }), {
      minLength: 3,
      maxLength: 8,
    });
    fc.assert(
      fc.property(close, close, (a, b) => {
        const { low, high } = ratioInterval(a, b);
        const { beyond, inside } = marginTest(a, b, 0.05);
        const edges = [low, high].flatMap((end) => [end / 1.05, end * 1.05]);
        if (edges.some((edge) => Math.abs(edge - 1) < 1e-6)) return;
        expect(beyond < 0.05).toBe(low > 1.05 || high < 1 / 1.05);
        expect(inside < 0.05).toBe(low > 1 / 1.05 && high < 1.05);
      }),
    );
  });

  it('is certain where nothing varied', () => {
    expect(marginTest([2, 2], [2, 2], 0.05)).toEqual({ beyond: 1, inside: 0 });
    expect(marginTest([2, 2], [3, 3], 0.05)).toEqual({ beyond: 0, inside: 1 });
  });
});

describe('Holm’s correction', () => {
  it('raises the smallest p-value most and keeps the order', () => {
    const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005]);
    for (const [i, p] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[i]).toBeCloseTo(p, 12);
  });

  it('leaves a single test as it is and never says more than certain', () => {
    expect(holmAdjusted([0.2])).toEqual([0.2]);
    expect(holmAdjusted([0.9, 0.8])).toEqual([1, 1]);
    expect(holmAdjusted([])).toEqual([]);
  });
});
