import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerHeap } from '../../src/base/timer-heap.ts';

const instants = fc.double({ min: 0, max: 1e12, noNaN: true });

describe('the timer heap', () => {
  it('gives back what was put in, earliest first', () => {
    fc.assert(
      fc.property(fc.array(instants), (times) => {
        const heap = new TimerHeap(2);
        times.forEach((time, id) => {
          heap.push(time, id);
        });
        const out: number[] = [];
        for (let size = times.length; size > 0; size--) {
          expect(heap.size).toBe(size);
          const time = heap.peekTime();
          const id = heap.pop();
          expect(times[id]).toBe(time);
          out.push(id);
        }
        const sorted = [...times].sort((a, b) => a - b);
        expect(out.map((id) => times[id])).toEqual(sorted);
        expect(new Set(out).size).toBe(times.length);
        expect(heap.pop()).toBe(-1);
        expect(heap.peekTime()).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });

  it('agrees with a sorted list under any mix of pushes and pops', () => {
    const step = fc.oneof(instants, fc.constant('pop' as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const heap = new TimerHeap(1);
        const model: number[] = [];
        const times: number[] = [];
        for (const next of steps) {
          if (next === 'pop') {
            const expected = model.shift();
            const id = heap.pop();
            expect(id === -1 ? undefined : times[id]).toBe(expected);
          } else {
            heap.push(next, times.length);
            times.push(next);
            model.push(next);
            model.sort((a, b) => a - b);
          }
          expect(heap.peekTime()).toBe(model[0] ?? Number.POSITIVE_INFINITY);
        }
      }),
    );
  });

  it('is empty after it has been cleared', () => {
    const heap = new TimerHeap();
    heap.push(1, 1);
    heap.clear();
    expect([heap.size, heap.pop()]).toEqual([0, -1]);
  });
});
