// MSER-5 finds the end of a warm-up that is known.
import { describe, expect, test } from 'vitest';
import { mser5 } from '../../../src/analysis/mser.ts';
import { Prng } from '../../../src/base/prng.ts';

describe('mser5', () => {
  test('agrees with the worked example of an exponential warm-up', () => {
    const series = Array.from(
      { length: 100 },
      (_, i) => 10 + 20 * Math.exp(-i / 10) + (((7 * i) % 13) - 6) / 6,
    );
    const truncation = mser5(series);
    expect(truncation?.cut).toBe(40);
    expect(truncation?.statistic).toBeCloseTo(0.0048103727, 9);
    expect(truncation?.meanKept).toBeCloseTo(10.05288547, 7);
    expect(truncation?.meanAll).toBeCloseTo(12.08490431, 7);
    expect(truncation?.steady).toBe(true);
  });

  test('cuts nothing from a constant series', () => {
    expect(mser5(new Array<number>(60).fill(7))).toMatchObject({ cut: 0, steady: true });
  });

  test('cuts exactly a step at the start', () => {
    const series = Array.from({ length: 80 }, (_, i) => (i < 20 ? 50 : 10) + (i % 5));
    expect(mser5(series)).toMatchObject({ cut: 20, steady: true, meanKept: 12 });
  });

  test('finds no steady state in a series that climbs to its end', () => {
    const series = Array.from({ length: 100 }, (_, i) => i);
    expect(mser5(series)?.steady).toBe(false);
  });

  test('keeps most of pure noise', () => {
    const prng = new Prng(1, 'noise');
    const series = Array.from({ length: 500 }, () => prng.unit());
    expect(mser5(series)?.cut).toBeLessThan(250);
  });

  test('says nothing about fewer than twenty readings', () => {
    expect(mser5(new Array<number>(19).fill(1))).toBeUndefined();
    expect(mser5(new Array<number>(20).fill(1))).toBeDefined();
  });
});
