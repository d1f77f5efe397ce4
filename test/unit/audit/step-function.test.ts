import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerPace } from '../../../src/audit/answer-pace.ts';
import { Intervals, StepFunction } from '../../../src/audit/step-function.ts';
import type { History } from '../../../src/contract/history.ts';
import { historyOf, recordOf } from '../../support/history-builder.ts';

const interval = fc.record({
  start: fc.integer({ min: -20, max: 60 }),
  length: fc.oneof(fc.nat(30), fc.constant(Number.POSITIVE_INFINITY)),
  units: fc.integer({ min: 1, max: 5 }),
});

describe('a step function', () => {
  it('agrees with counting instant by instant', () => {
    const span = fc.tuple(fc.integer({ min: -30, max: 80 }), fc.nat(40));
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 25 }), span, (list, [from, length]) => {
        const intervals = new Intervals();
        for (const { start, length: lasts, units } of list)
          intervals.add(start, start + lasts, units);
        const at = (time: number): number =>
          list
            .filter(({ start, length: lasts }) => start <= time && time < start + lasts)
            .reduce((sum, { units }) => sum + units, 0);
        const values = Array.from({ length: length + 1 }, (_, i) => at(from + i));
        const steps = new StepFunction(intervals);
        expect(steps.maxOver(from, from + length)).toBe(Math.max(...values));
        expect(steps.minOver(from, from + length)).toBe(Math.min(...values));
        const everywhere = Array.from({ length: 200 }, (_, i) => at(i - 50));
        const peak = steps.peak();
        expect(peak.units).toBe(Math.max(...everywhere));
        if (peak.units > 0) expect(at(peak.atUs)).toBe(peak.units);
      }),
      { numRuns: 500 },
    );
  });
});

function answers(...spans: readonly (readonly [number, number])[]): History {
  return historyOf(spans.map(([invokedUs, doneUs]) => recordOf({ invokedUs, doneUs })));
}

describe('the pace of answers', () => {
  it('tells work only from requests that were sent one after the other', () => {
    const pace = new AnswerPace(answers([0, 8], [10, 20], [25, 30], [5, 400]));
    expect(pace.workedBetween(0, 30)).toBe(true);
    expect(pace.workedBetween(0, 29)).toBe(false);
    expect(pace.workedBetween(1, 1000)).toBe(false);
    // Three answers at once, after standing still, prove nothing.
    const still = new AnswerPace(answers([1, 90], [2, 91], [3, 92], [4, 93]));
    expect(still.workedBetween(0, 100)).toBe(false);
  });
});
