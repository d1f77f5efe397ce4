import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/base/assert.ts';
import { BoundedQueue } from '../../../src/base/bounded-queue.ts';

describe('a bounded queue', () => {
  it('gives items back in the order they came, also when it wraps around', () => {
    const queue = new BoundedQueue<number>(3);
    const out: (number | undefined)[] = [];
    for (let i = 0; i < 10; i++) {
      queue.push(i);
      queue.push(100 + i);
      out.push(queue.shift(), queue.shift());
    }
    expect(out).toEqual(Array.from({ length: 10 }, (_, i) => [i, 100 + i]).flat());
    expect(queue.size).toBe(0);
  });

  it('refuses and counts what exceeds its capacity', () => {
    const queue = new BoundedQueue<string>(2);
    expect([queue.push('a'), queue.push('b'), queue.push('c'), queue.push('d')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(queue.refused).toBe(2);
    expect(queue.size).toBe(2);
    expect(queue.shift()).toBe('a');
  });

  it('has nothing to give when it is empty', () => {
    const queue = new BoundedQueue<string>(1);
    expect(queue.shift()).toBeUndefined();
    expect(queue.size).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN])('cannot have a capacity of %d', (capacity) => {
    expect(() => new BoundedQueue(capacity)).toThrow(InvariantError);
  });
});
