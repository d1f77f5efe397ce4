// Our bucket layout, tables and quantiles against HdrHistogram's own implementation.
import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { DeltaSpace } from '../../../src/engine/delta-space.ts';
import { DenseHistogram } from '../../../src/engine/dense-histogram.ts';
import { SparseCounts } from '../../../src/engine/sparse-counts.ts';
import {
  BITS_2_DIGITS,
  BITS_3_DIGITS,
  highestValueAt,
  indexCount,
  indexOfValue,
  lowestValueAt,
  middleValueAt,
  VALUE_MAX_US,
} from '../../../src/engine/value-index.ts';

const valueUs = fc.oneof(
  fc.nat({ max: 3000 }),
  fc.nat({ max: 2_000_000 }),
  fc.nat({ max: VALUE_MAX_US }),
);

function hdr(digits: 2 | 3) {
  return build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: VALUE_MAX_US,
    numberOfSignificantValueDigits: digits,
  });
}

describe.each([
  [3, BITS_3_DIGITS],
  [2, BITS_2_DIGITS],
] as const)('with %i digits', (digits, bits) => {
  test('values share a bucket exactly when HdrHistogram says so', () => {
    const histogram = hdr(digits) as unknown as {
      highestEquivalentValue(value: number): number;
      lowestEquivalentValue(value: number): number;
    };
    fc.assert(
      fc.property(valueUs, (value) => {
        const index = indexOfValue(value, bits);
        expect(lowestValueAt(index, bits)).toBe(histogram.lowestEquivalentValue(value));
        expect(highestValueAt(index, bits)).toBe(histogram.highestEquivalentValue(value));
        expect(middleValueAt(index, bits)).toBeGreaterThanOrEqual(lowestValueAt(index, bits));
        expect(middleValueAt(index, bits)).toBeLessThanOrEqual(highestValueAt(index, bits));
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  test('indexes rise with values and end with the largest', () => {
    expect(indexOfValue(0, bits)).toBe(0);
    expect(indexOfValue(VALUE_MAX_US, bits)).toBe(indexCount(bits) - 1);
    const gaps = Array.from({ length: indexCount(bits) - 1 }, (_, index) => index + 1).filter(
      (index) => lowestValueAt(index, bits) !== highestValueAt(index - 1, bits) + 1,
    );
    expect(gaps).toEqual([]);
  });

  test('quantiles, mean and maximum are HdrHistogram’s', () => {
    fc.assert(
      fc.property(fc.array(valueUs, { minLength: 1, maxLength: 300 }), (values) => {
        const theirs = hdr(digits);
        const ours = new DenseHistogram(bits);
        for (const value of values) {
          theirs.recordValue(value);
          ours.add(indexOfValue(value, bits), 1);
        }
        for (const q of [0.5, 0.9, 0.95, 0.99, 0.999, 1]) {
          expect(ours.quantileUs(q)).toBe(theirs.getValueAtPercentile(q * 100));
        }
        // HdrHistogram keeps the largest value itself; ours is the end of its bucket.
        expect(lowestValueAt(indexOfValue(ours.maxUs(), bits), bits)).toBe(
          lowestValueAt(indexOfValue(theirs.maxValue, bits), bits),
        );
        expect(ours.meanUs()).toBeCloseTo(theirs.mean, 6);
        expect(ours.total).toBe(theirs.totalCount);
      }),
      { numRuns: 40, seed: 2 },
    );
  });
});

describe('sparse counts', () => {
  const hit = fc.tuple(
    fc.nat({ max: 5000 }),
    fc.nat({ max: 21_503 }),
    fc.integer({ min: 1, max: 9 }),
  );

  test('count like a map of maps, through growth and taking', () => {
    fc.assert(
      fc.property(fc.array(fc.array(hit, { maxLength: 800 }), { maxLength: 3 }), (rounds) => {
        const counts = new SparseCounts(16);
        const merged = new SparseCounts(16);
        const space = new DeltaSpace();
        const expected = new Map<string, number>();
        for (const hits of rounds) {
          for (const [row, index, count] of hits) {
            counts.add(row, index, count);
            const key = `${row}:${index}`;
            expected.set(key, (expected.get(key) ?? 0) + count);
          }
          const buffer = space.begin(counts.takenBytes);
          merged.addAll(counts.take(space));
          space.giveBack(buffer);
          expect(counts.size).toBe(0);
        }
        const found = new Map<string, number>();
        merged.forEach((row, index, count) => {
          expect(found.has(`${row}:${index}`)).toBe(false);
          found.set(`${row}:${index}`, count);
        });
        expect(found).toEqual(expected);
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});

test('a histogram that is cleared is as good as new', () => {
  const histogram = new DenseHistogram();
  histogram.add(500, 3);
  histogram.clear();
  expect(histogram.quantileUs(0.5)).toBeNaN();
  expect(histogram.meanUs()).toBeNaN();
  histogram.add(7, 1);
  expect(histogram.quantileUs(1)).toBe(7);
});
