import { describe, expect, it } from 'vitest';
import { drawU32, hashName, Prng } from '../../../src/base/prng.ts';

/** Pearson's statistic of `counts` against equal shares. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Upper bound of chi-square with `degrees` at about 1e-6 (Wilson–Hilferty, z = 4.75). */
function chiSquareLimit(degrees: number): number {
  const c = 2 / (9 * degrees);
  return degrees * (1 - c + 4.75 * Math.sqrt(c)) ** 3;
}

function histogram(draws: number, bins: number, next: () => number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < draws; i++) {
    const bin = Math.floor(next() * bins);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

function take(prng: Prng, count: number): number[] {
  return Array.from({ length: count }, () => prng.u32());
}

/** Pearson correlation of two equally long rows. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (row: readonly number[]) => row.reduce((sum, x) => sum + x, 0) / row.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return ab / Math.sqrt(aa * bb);
}

describe('uniformity', () => {
  it.each([1, 2, 42, 2 ** 40 + 7, -1])('spreads units evenly over 256 bins (seed %i)', (seed) => {
    const prng = new Prng(seed);
    expect(chiSquare(histogram(200_000, 256, () => prng.unit()))).toBeLessThan(chiSquareLimit(255));
  });

  it('spreads the first draw of many sub-streams evenly', () => {
    const base = new Prng(7, 'sessions');
    const prng = new Prng(7);
    let index = 0;
    const counts = histogram(100_000, 128, () => {
      prng.seek(base, index++, 0);
      return prng.unit();
    });
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(127));
  });

  it('spreads pairs of neighbouring draws evenly over a grid', () => {
    const prng = new Prng(11);
    const counts = histogram(200_000, 256, () => {
      const x = prng.below(16);
      const y = prng.below(16);
      return (x * 16 + y) / 256;
    });
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(255));
  });

  it('uses the low bits as well as the high ones', () => {
    const prng = new Prng(3);
    const counts = histogram(100_000, 64, () => (prng.u32() & 63) / 64);
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(63));
  });
});

describe('streams', () => {
  it('repeats itself for the same seed and stream', () => {
    expect(take(new Prng(5, 'a'), 100)).toEqual(take(new Prng(5, 'a'), 100));
  });

  it.each([
    ['two names of one seed', new Prng(5, 'a'), new Prng(5, 'b')],
    ['neighbouring seeds', new Prng(5, 'a'), new Prng(6, 'a')],
    ['seeds that differ above 32 bits', new Prng(5, 'a'), new Prng(5 + 2 ** 32, 'a')],
    ['numbered streams', new Prng(5, 0), new Prng(5, 1)],
    ['a stream and its fork', new Prng(5, 'a'), new Prng(5, 'a').fork('a')],
    ['forks of two streams with one name', new Prng(5, 'a').fork('x'), new Prng(5, 'b').fork('x')],
  ])('gives independent draws to %s', (_, one, other) => {
    const [a, b] = [take(one, 20_000), take(other, 20_000)];
    expect(a.some((value, index) => value === b[index])).toBe(false);
    // Five standard errors of a correlation of zero.
    expect(Math.abs(correlation(a, b))).toBeLessThan(5 / Math.sqrt(a.length));
  });

  it('continues where a saved counter stood', () => {
    const prng = new Prng(9, 'session');
    take(prng, 17);
    const { counter } = prng;
    const rest = take(prng, 10);
    const restored = new Prng(9, 'session');
    restored.counter = counter;
    expect(take(restored, 10)).toEqual(rest);
  });

  it('reaches the same sub-stream by seeking from any generator', () => {
    const base = new Prng(9, 'session');
    const one = new Prng(1, 'elsewhere');
    take(one, 5);
    one.seek(base, 3, 2);
    const other = new Prng(2);
    other.seek(base, 3, 0);
    const whole = take(other, 10);
    expect(take(one, 8)).toEqual(whole.slice(2));
  });

  it('gives every sub-stream draws of its own', () => {
    const base = new Prng(9, 'session');
    const prng = new Prng(9);
    const firsts = Array.from({ length: 10_000 }, (_, index) => {
      prng.seek(base, index, 0);
      return `${prng.u32()}-${prng.u32()}`;
    });
    expect(new Set(firsts).size).toBe(firsts.length);
  });
});

describe('derived draws', () => {
  it('keeps open() strictly between 0 and 1', () => {
    const prng = new Prng(1);
    const values = Array.from({ length: 50_000 }, () => prng.open());
    expect(values.every((value) => value > 0 && value < 1)).toBe(true);
  });

  it('keeps below(n) under n and reaches both ends', () => {
    const prng = new Prng(1);
    const seen = new Set(Array.from({ length: 1000 }, () => prng.below(5)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('lets chance(0) never and chance(1) always happen', () => {
    const prng = new Prng(1);
    const results = Array.from({ length: 1000 }, () => [prng.chance(0), prng.chance(1)]);
    expect(results.every(([never, always]) => never === false && always === true)).toBe(true);
  });

  it('keeps its published values: stored seeds must reproduce old runs', () => {
    expect(take(new Prng(1), 3)).toEqual([1832351107, 2861024957, 4219454349]);
    expect(hashName('catalogue')).toBe(1107772298);
    expect(drawU32(1, 2, 3)).toBe(2921122202);
  });
});
