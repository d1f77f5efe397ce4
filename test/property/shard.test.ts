import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/base/assert.ts';
import { owns, shareOf } from '../../src/base/shard.ts';

const counts = fc.integer({ min: 1, max: 64 });

describe('shares', () => {
  it('add up to the whole and differ by at most one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), counts, (total, count) => {
        const shares = Array.from({ length: count }, (_, index) =>
          shareOf(total, { index, count }),
        );
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('give every item of a sequence to exactly one shard, as many as the share says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (total, count) => {
          const owned = new Array<number>(count).fill(0);
          for (let ordinal = 0; ordinal < total; ordinal++) {
            const owners = owned.flatMap((_, index) =>
              owns({ index, count }, ordinal) ? index : [],
            );
            expect(owners).toHaveLength(1);
            owned[owners[0]!]!++;
          }
          expect(owned).toEqual(owned.map((_, index) => shareOf(total, { index, count })));
        },
      ),
    );
  });

  it.each([
    [-1, { index: 0, count: 1 }],
    [1.5, { index: 0, count: 1 }],
    [1, { index: 1, count: 1 }],
    [1, { index: -1, count: 2 }],
    [1, { index: 0, count: 0 }],
  ])('of %d for %j are a bug', (total, shard) => {
    expect(() => shareOf(total, shard)).toThrow(InvariantError);
  });
});
