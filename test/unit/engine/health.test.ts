// When a run is ours to blame: each rule just inside and just outside its limit.
import { describe, expect, test } from 'vitest';
import type { TimelineSample } from '../../../src/contract/load.ts';
import { DenseHistogram } from '../../../src/engine/dense-histogram.ts';
import { type HealthFacts, judgeHealth } from '../../../src/engine/health.ts';
import { BITS_3_DIGITS, indexOfValue } from '../../../src/engine/value-index.ts';

function lagOf(p99Us: number): DenseHistogram {
  const lag = new DenseHistogram();
  lag.add(indexOfValue(100, BITS_3_DIGITS), 980);
  lag.add(indexOfValue(p99Us, BITS_3_DIGITS), 20);
  return lag;
}

function seconds(count: number, busy: (index: number) => number, lagMs = 0.1): TimelineSample[] {
  return Array.from({ length: count }, (_, index) => ({
    atMs: index * 1000,
    due: 10,
    started: 10,
    counts: { ok: 10, refused: 0, failed: 0, unknown: 0 },
    p50Ms: 1,
    p99Ms: 2,
    lagP99Ms: index === 3 ? lagMs : 0.1,
    busyRatio: busy(index),
    inFlight: 0,
  }));
}

const HEALTHY: HealthFacts = {
  lag: lagOf(500),
  tightestThresholdMs: null,
  seconds: seconds(20, () => 0.5),
  journeysDue: 10_000,
  journeysStarted: 10_000,
  journeysDropped: 0,
  usersEnded: 0,
  loadFlag: '--rate',
  maxSessions: 1000,
  capDeclared: false,
  cpuUtilisation: 0.7,
  lostWorkers: [],
};

const judge = (changes: Partial<HealthFacts>) => judgeHealth({ ...HEALTHY, ...changes });

test('a generator that kept its schedule is valid and says its figures', () => {
  const health = judge({});
  expect(health.verdict).toBe('valid');
  expect(health.reasons).toEqual([]);
  expect(health.busyRatio).toBeCloseTo(0.5);
  expect(health.lagMs.p50).toBeCloseTo(0.1);
  expect(health.lagMs.max).toBeCloseTo(0.5);
});

describe('schedule lag', () => {
  test.each([
    ['2 ms without thresholds', 1990, null, 'valid'],
    ['beyond 2 ms without thresholds', 2010, null, 'invalid'],
    ['5 % of the tightest threshold', 12_400, 250, 'valid'],
    ['beyond 5 % of the tightest threshold', 12_600, 250, 'invalid'],
    ['the floor when the threshold is tight', 1900, 10, 'valid'],
  ] as const)('up to %s', (_, p99Us, tightestThresholdMs, verdict) => {
    expect(judge({ lag: lagOf(p99Us), tightestThresholdMs }).verdict).toBe(verdict);
  });

  test('the reason says how much, when and what to do', () => {
    const facts = { lag: lagOf(9000), seconds: seconds(20, () => 0.5, 30) };
    const [reason] = judge(facts).reasons;
    expect(reason).toMatch(/9\.0\d ms/);
    expect(reason).toMatch(/worst at 3 s/);
    expect(reason).toMatch(/--rate/);
  });
});

describe('busy workers', () => {
  test('three busy seconds are forgiven in a short run, four are not', () => {
    const busy = (limit: number) => seconds(20, (index) => (index < limit ? 0.95 : 0.5));
    expect(judge({ seconds: busy(3) }).verdict).toBe('valid');
    expect(judge({ seconds: busy(4) }).verdict).toBe('invalid');
    expect(judge({ seconds: busy(4) }).reasons[0]).toMatch(/4 of 20 seconds \(0 s–3 s\)/);
  });

  test('two per cent are forgiven in a long run', () => {
    const busy = (limit: number) => seconds(500, (index) => (index < limit ? 0.95 : 0.5));
    expect(judge({ seconds: busy(10) }).verdict).toBe('valid');
    expect(judge({ seconds: busy(11) }).verdict).toBe('invalid');
  });

  test('exactly 90 % is not yet too busy', () => {
    expect(judge({ seconds: seconds(20, () => 0.9) }).verdict).toBe('valid');
  });
});

describe('journeys that were not started', () => {
  test('one in a thousand is forgiven, more are not', () => {
    expect(judge({ journeysStarted: 9990 }).verdict).toBe('valid');
    expect(judge({ journeysStarted: 9989 }).verdict).toBe('invalid');
  });

  test('the cap on sessions is named when it dropped them', () => {
    const dropped = { journeysStarted: 9000, journeysDropped: 1000 };
    expect(judge(dropped).reasons[0]).toMatch(/1,000 of them because 1,000 sessions were live/);
  });

  test('a cap that was asked for does not make the run invalid', () => {
    const dropped = { journeysStarted: 9000, journeysDropped: 1000, capDeclared: true };
    expect(judge(dropped).verdict).toBe('valid');
  });
});

test('a lost worker makes the run invalid', () => {
  const health = judge({ lostWorkers: ['load worker 1 ended with code 1'] });
  expect(health.verdict).toBe('invalid');
  expect(health.reasons).toEqual(['load worker 1 ended with code 1']);
});

test('all reasons are given, not only the first', () => {
  const facts = { lag: lagOf(9000), journeysStarted: 5000, seconds: seconds(20, () => 1) };
  expect(judge(facts).reasons).toHaveLength(3);
});

test('users that could not go on make the generator invalid, and the advice names their flag', () => {
  const health = judge({ usersEnded: 3, loadFlag: '--vus', lag: lagOf(9000) });
  expect(health.verdict).toBe('invalid');
  expect(health.reasons.join('\n')).toMatch(/3 virtual users stopped before their time/);
  expect(health.reasons.join('\n')).toMatch(/lower --vus/);
  expect(health.reasons.join('\n')).not.toMatch(/--rate/);
});
