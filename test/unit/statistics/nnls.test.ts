import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionNumber, nonNegativeLeastSquares } from '../../../src/statistics/nnls.ts';

/** Rates of browse, cart and checkout per second, and 1 for the work done without load. */
const RATES = [
  [200, 2, 0.5],
  [20, 100, 1],
  [20, 5, 25],
  [5, 5, 1],
  [110, 50, 10],
  [60, 10, 15],
];
const DESIGN = RATES.map((row) => [...row, 1]);
const DEMANDS_SEC = [0.001, 0.003, 0.012];
const BASE = 0.02;
const NOISE = [0.004, -0.003, 0.002, -0.004, 0.003, -0.002];

function utilisation(noise: readonly number[]): number[] {
  return RATES.map(
    (row, i) =>
      BASE + (noise[i] ?? 0) + row.reduce((sum, rate, j) => sum + rate * (DEMANDS_SEC[j] ?? 0), 0),
  );
}

describe('non-negative least squares', () => {
  it('finds demands exactly where nothing disturbs them', () => {
    const found = nonNegativeLeastSquares(DESIGN, utilisation([]));
    for (const [i, truth] of [...DEMANDS_SEC, BASE].entries()) {
      expect(found[i]).toBeCloseTo(truth, 9);
    }
  });

  it('finds the reference values under the reference noise', () => {
    const found = nonNegativeLeastSquares(DESIGN, utilisation(NOISE));
    expect((found[0] ?? 0) * 1000).toBeCloseTo(1.04329, 4);
    expect((found[1] ?? 0) * 1000).toBeCloseTo(3.01179, 4);
    expect((found[2] ?? 0) * 1000).toBeCloseTo(12.19461, 4);
    expect(found[3]).toBeCloseTo(0.01496474, 7);
  });

  it('gives zero where only a negative coefficient would fit better', () => {
    const found = nonNegativeLeastSquares(
      [
        [1, 1],
        [1, 2],
        [1, 3],
      ],
      [3, 2, 1],
    );
    expect(found[1]).toBe(0);
    expect(found[0]).toBeCloseTo(2, 9);
  });

  it('listens more to the rows of more weight', () => {
    const rows = [[1], [1]];
    expect(nonNegativeLeastSquares(rows, [1, 3])[0]).toBeCloseTo(2, 9);
    expect(nonNegativeLeastSquares(rows, [1, 3], [3, 1])[0]).toBeCloseTo(1.5, 9);
  });

  it('recovers any coefficients from any well-told design', () => {
    const share = fc.double({ min: 0, max: 5, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(share, share, share), (truth) => {
        const y = RATES.map((row) => row.reduce((sum, x, j) => sum + x * (truth[j] ?? 0), 0));
        const found = nonNegativeLeastSquares(RATES, y);
        for (const [j, value] of truth.entries()) expect(found[j]).toBeCloseTo(value, 5);
      }),
    );
  });
});

describe('the condition number of a design', () => {
  it('is 1 for columns that have nothing in common, whatever their size', () => {
    expect(
      conditionNumber([
        [1, 0],
        [0, 1000],
        [0, 0],
      ]),
    ).toBeCloseTo(1, 9);
  });

  it('is without bound for columns that always go together', () => {
    expect(
      conditionNumber([
        [1, 2],
        [2, 4],
        [3, 6],
      ]),
    ).toBe(Number.POSITIVE_INFINITY);
  });

  it('is below ten for mixes that were designed, and above for a mix that only changes in size', () => {
    expect(conditionNumber(DESIGN)).toBeLessThan(10);
    const realistic = [1, 1.1, 1.2, 1.3, 1.4].map((k) => [100 * k, 10 * k + 0.2, 3 * k, 1]);
    expect(conditionNumber(realistic)).toBeGreaterThan(10);
  });
});
