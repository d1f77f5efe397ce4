import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recoveryOf } from '../../../src/analysis/recovery.ts';
import type { TimelineResult } from '../../../src/contract/run-result.ts';

interface Second {
  readonly due: number;
  readonly p99Ms?: number | null;
  readonly bad?: number;
  readonly faults?: string[];
}

function timelineOf(seconds: readonly Second[]): TimelineResult[] {
  return seconds.map(({ due, p99Ms = 10, bad = 0, faults = [] }, second) => ({
    atMs: second * 1000,
    due,
    started: due,
    ok: due * 4,
    refused: due,
    failed: Math.floor(bad / 2),
    unknown: Math.ceil(bad / 2),
    p50Ms: 2,
    p99Ms,
    stockLeft: null,
    heldUnits: null,
    targetCpu: null,
    generatorLagP99Ms: 0.2,
    faults,
  }));
}

const times = (count: number, second: Second): Second[] =>
  Array.from({ length: count }, () => second);
const BEFORE = times(6, { due: 100 });
const SPIKE = times(4, { due: 400, p99Ms: 300 });

const judge = (seconds: readonly Second[], fromMs = 0) =>
  recoveryOf(timelineOf(seconds), { fromMs, untilMs: seconds.length * 1000 });

describe('recovery after a spike', () => {
  test('is not judged by the time before a sale opened, when people did something else', () => {
    const seconds = timelineOf([...BEFORE, ...SPIKE, ...times(10, { due: 100 })]);
    const span = { fromMs: 0, untilMs: seconds.length * 1000 };
    const judged = recoveryOf(seconds, { ...span, saleOpensAtMs: 6000 });
    expect(judged).toMatchObject({ timeMs: null, spikeUntilMs: null });
    expect(judged.reason).toContain('before the sale opened');
    expect(recoveryOf(seconds, { ...span, saleOpensAtMs: 0 }).timeMs).not.toBeNull();
  });

  test('is immediate where nothing lingers', () => {
    expect(judge([...BEFORE, ...SPIKE, ...times(6, { due: 100 })])).toEqual({
      timeMs: 0,
      reason: '',
      spikeFromMs: 6000,
      spikeUntilMs: 10_000,
      baselineP99Ms: 10,
    });
  });

  test('counts from the end of a disturbance, whatever the load did', () => {
    const stall = times(3, { due: 100, p99Ms: 900, faults: ['stall'] });
    const slow = times(2, { due: 100, p99Ms: 400 });
    const later = [...times(5, { due: 100 }), ...SPIKE, ...times(6, { due: 100 })];
    expect(judge([...BEFORE, ...stall, ...slow, ...later])).toEqual({
      timeMs: 2000,
      reason: '',
      spikeFromMs: 6000,
      spikeUntilMs: 9000,
      baselineP99Ms: 10,
    });
  });

  test('takes as long as the P99 stays above twice its level', () => {
    const slow = times(7, { due: 100, p99Ms: 21 });
    const edge = times(5, { due: 100, p99Ms: 20 });
    expect(judge([...BEFORE, ...SPIKE, ...slow, ...edge]).timeMs).toBe(7000);
  });

  test('takes as long as too much fails or stays unknown', () => {
    const bad = times(3, { due: 100, bad: 20 });
    const better = times(5, { due: 100, bad: 4 });
    expect(judge([...BEFORE, ...SPIKE, ...bad, ...better]).timeMs).toBe(3000);
  });

  test('has to last five seconds: four good ones between bad ones are none', () => {
    const good = times(4, { due: 100 });
    const bad = { due: 100, p99Ms: 90 };
    const seconds = [...BEFORE, ...SPIKE, bad, ...good, bad, ...times(5, { due: 100 })];
    expect(judge(seconds).timeMs).toBe(6000);
    expect(judge([...BEFORE, ...SPIKE, bad, ...good, bad, ...good])).toMatchObject({
      timeMs: null,
      reason: 'it was not back at its level before the load ended',
    });
  });

  test('is not shown by seconds in which nothing was ok', () => {
    const silent = times(9, { due: 100, p99Ms: null });
    expect(judge([...BEFORE, ...SPIKE, ...silent]).timeMs).toBeNull();
  });

  test('counts what failed before the spike as ordinary', () => {
    const before = times(6, { due: 100, bad: 50 });
    const after = times(6, { due: 100, bad: 80 });
    expect(judge([...before, ...SPIKE, ...after]).timeMs).toBe(0);
    expect(judge([...BEFORE, ...SPIKE, ...after]).timeMs).toBeNull();
  });

  test.each([
    ['nothing surged', times(20, { due: 100 }), 'the offered load had no peak'],
    [
      'it surged from the start',
      [...SPIKE, ...times(9, { due: 100 })],
      'the offered load had no peak',
    ],
    [
      'too little came before',
      [...times(2, { due: 100 }), ...SPIKE, ...times(9, { due: 100 })],
      'fewer than 3 s of ordinary load came before the peak',
    ],
    [
      'too little came after',
      [...BEFORE, ...SPIKE, ...times(2, { due: 100 })],
      'the load ended 2 s after its peak, 5 are needed',
    ],
    [
      'the load rose until its end',
      Array.from({ length: 30 }, (_, i) => ({ due: 50 + 20 * i })),
      'the load ended 0 s after its peak, 5 are needed',
    ],
  ])('cannot be told when %s', (_, seconds, reason) => {
    expect(judge(seconds)).toMatchObject({ timeMs: null, reason });
  });

  test('of an empty run cannot be told', () => {
    expect(judge([])).toMatchObject({ timeMs: null, spikeFromMs: null });
  });

  test('leaves out the warm-up and what comes after the load', () => {
    const warmup = times(3, { due: 5, p99Ms: 500 });
    const seconds = [...warmup, ...BEFORE, ...SPIKE, ...times(5, { due: 100 })];
    expect(judge(seconds, 3000)).toMatchObject({ timeMs: 0, baselineP99Ms: 10 });
    const drained = timelineOf([...seconds, ...times(9, { due: 0, p99Ms: 10 })]);
    const until = (untilMs: number) => recoveryOf(drained, { fromMs: 3000, untilMs }).timeMs;
    expect(until(seconds.length * 1000)).toBe(0);
    expect(until((seconds.length - 1) * 1000)).toBeNull();
  });

  test('a steady load that only scatters has no peak', () => {
    const scatter = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
      minLength: 3,
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 5000 }), scatter, (rate, sigmas) => {
        const seconds = sigmas.map((sigma) => ({
          due: Math.round(rate + sigma * Math.sqrt(rate)),
        }));
        expect(judge(seconds).reason).toBe('the offered load had no peak');
      }),
    );
  });

  test('never comes later for a target that is well sooner', () => {
    const delays = fc.tuple(fc.nat(20), fc.nat(20));
    fc.assert(
      fc.property(delays, ([a, b]) => {
        const recoveryMs = (seconds: number): number =>
          judge([
            ...BEFORE,
            ...SPIKE,
            ...times(seconds, { due: 100, p99Ms: 99 }),
            ...times(5, { due: 100 }),
          ]).timeMs ?? Number.NaN;
        expect(recoveryMs(Math.min(a, b))).toBeLessThanOrEqual(recoveryMs(Math.max(a, b)));
      }),
    );
  });
});
