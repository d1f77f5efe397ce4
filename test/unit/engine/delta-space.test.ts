import { describe, expect, it } from 'vitest';
import { DeltaSpace } from '../../../src/engine/delta-space.ts';

describe('the room for deltas', () => {
  it('uses a buffer that came back instead of a new one', () => {
    const space = new DeltaSpace();
    const first = space.begin(100);
    space.giveBack(first);
    expect(space.begin(first.byteLength)).toBe(first);
    expect(space.begin(100)).not.toBe(first);
  });

  it('takes a larger one when what came back is too small', () => {
    const space = new DeltaSpace();
    const small = space.begin(1);
    space.giveBack(small);
    expect(space.begin(small.byteLength + 1).byteLength).toBeGreaterThan(small.byteLength);
  });

  it('keeps no more than a few, whatever comes back', () => {
    const space = new DeltaSpace();
    const buffers = Array.from({ length: 50 }, () => space.begin(1));
    for (const buffer of buffers) space.giveBack(buffer);
    const taken = buffers.map(() => space.begin(1));
    expect(taken.filter((buffer) => buffers.includes(buffer)).length).toBeLessThanOrEqual(4);
  });

  it('gives columns that do not overlap and are aligned', () => {
    const space = new DeltaSpace();
    space.begin(3 * 8 + 8 + 8);
    const floats = space.floats(3).fill(1);
    const shorts = space.shorts(3).fill(2);
    const ints = space.ints(2).fill(3);
    expect([...floats, ...shorts, ...ints]).toEqual([1, 1, 1, 2, 2, 2, 3, 3]);
  });

  it('refuses a column for which no room was asked', () => {
    const space = new DeltaSpace();
    const { byteLength } = space.begin(1);
    expect(() => space.floats(byteLength / 8 + 1)).toThrow('at once');
  });
});
