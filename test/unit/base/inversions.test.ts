import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countInversions } from '../../../src/base/inversions.ts';

it.each([
  [[], 0],
  [[7], 0],
  [[1, 2, 3], 0],
  [[3, 2, 1], 3],
  [[1, 3, 2, 4], 1],
  [[2, 2, 1, 1], 4],
  [[Number.POSITIVE_INFINITY, 0, -1], 3],
])('%j has %i pairs out of order', (values, pairs) => {
  expect(countInversions(values)).toBe(pairs);
});

it('counts what comparing every pair counts, and leaves its input alone', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 60 }), (values) => {
      const before = [...values];
      let pairs = 0;
      for (let i = 0; i < values.length; i++) {
        for (let j = i + 1; j < values.length; j++) {
          if ((values[i] as number) > (values[j] as number)) pairs++;
        }
      }
      expect(countInversions(values)).toBe(pairs);
      expect(values).toEqual(before);
    }),
  );
});
