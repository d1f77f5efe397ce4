import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import { FaultTimes } from '../../../src/audit/fault-times.ts';
import type { FaultSpan } from '../../../src/contract/fault.ts';
import { SaleStory } from '../../support/history-builder.ts';
import { violated } from '../../support/verdicts.ts';

function outage(fromMs: number, toMs: number): FaultSpan {
  return { name: 'kill', fromMs, toMs, isOutage: true };
}

function skew(fromMs: number, toMs: number, clockSkewMs: number): FaultSpan {
  return { name: 'clock-jump', fromMs, toMs, clockSkewMs };
}

describe('what a declared fault excuses', () => {
  it('counts lateness from the end of an outage that the due time fell into', () => {
    const times = new FaultTimes([outage(10, 20)]);
    expect(times.latestUs(0, 12_000, 1000)).toBe(21_000);
    expect(times.latestUs(0, 9500, 1000), 'it was over before it could be done').toBe(21_000);
    expect(times.latestUs(0, 8000, 1000), 'it was due and done before').toBe(9000);
    expect(times.latestUs(0, 20_000, 1000), 'it fell due after').toBe(21_000);
  });

  it('adds up outages that follow each other within the lateness', () => {
    const times = new FaultTimes([outage(20.5, 30), outage(10, 20)]);
    expect(times.latestUs(0, 12_000, 1000)).toBe(31_000);
  });

  it('believes a clock that was wrong by so much less', () => {
    const times = new FaultTimes([skew(10, 20, 5)]);
    expect(times.latestUs(12_000, 15_000, 1000)).toBe(21_000);
    expect([times.aheadUs(11_000, 12_000), times.behindUs(11_000, 12_000)]).toEqual([5000, 0]);
    expect(times.aheadUs(30_000, 40_000), 'long after').toBe(0);
    const slow = new FaultTimes([skew(10, 20, -5)]);
    expect([slow.aheadUs(11_000, 12_000), slow.behindUs(11_000, 12_000)]).toEqual([0, 5000]);
  });

  it('is nothing where there was no fault, or only one that stops nobody', () => {
    for (const faults of [undefined, [], [{ name: 'event-reorder', fromMs: 0, toMs: 99 }]]) {
      expect(new FaultTimes(faults).latestUs(0, 12_000, 1000)).toBe(13_000);
    }
  });

  it('never makes a promise stricter, whatever the faults', () => {
    const span = fc.record({
      name: fc.constant('any'),
      fromMs: fc.integer({ min: 0, max: 100 }),
      toMs: fc.integer({ min: 0, max: 200 }),
      isOutage: fc.boolean(),
      clockSkewMs: fc.integer({ min: -50, max: 50 }),
    });
    const instants = fc.tuple(fc.nat(100_000), fc.nat(100_000), fc.nat(10_000));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 5 }), instants, (faults, [sinceUs, forUs, grace]) => {
        const dueUs = sinceUs + forUs;
        const latestUs = new FaultTimes(faults).latestUs(sinceUs, dueUs, grace);
        expect(latestUs).toBeGreaterThanOrEqual(dueUs + grace);
        const fewer = new FaultTimes(faults.slice(1)).latestUs(sinceUs, dueUs, grace);
        expect(latestUs, 'a further fault excuses no less').toBeGreaterThanOrEqual(fewer);
      }),
    );
  });
});

/** A hold of 8 s from 600 ms is swept at 15 s, while others were answered. */
function sweptLate(faults: readonly FaultSpan[]) {
  const story = new SaleStory({ units: [5, 5], hotItems: [0] });
  story.buy({ customer: 1, atMs: 100 });
  story.resolveHold(story.abandon({ customer: 4, atMs: 600 }), 'expired', 15_000);
  for (const atMs of [13_700, 14_000, 14_300, 14_600]) story.readStock(5, atMs, 1);
  return judge(story.input({ faults }));
}

describe('a hold that was swept late', () => {
  it('is a violation without a fault, and when the fault had nothing to do with it', () => {
    expect(violated(sweptLate([]))).toEqual(['I5']);
    expect(violated(sweptLate([outage(2000, 7000)]))).toEqual(['I5']);
    expect(violated(sweptLate([{ name: 'payment-pause', fromMs: 8000, toMs: 14_500 }]))).toEqual([
      'I5',
    ]);
  });

  it('is none when the shop was down until just before', () => {
    expect(violated(sweptLate([outage(8000, 14_000)]))).toEqual([]);
  });

  it('is one when the shop was up again long before', () => {
    expect(violated(sweptLate([outage(8000, 11_000)]))).toEqual(['I5']);
  });

  it('is none when its clock had jumped over the time', () => {
    expect(violated(sweptLate([skew(5000, 9000, -6000)]))).toEqual([]);
  });
});
