// The cases mean what their text says: the laws of their delays, their sizes and their plans.
import { describe, expect, test } from 'vitest';
import { UserCurve } from '../../../src/contract/rate-curve/user-curve.ts';
import { plannedDurationUs } from '../../../src/engine/phases.ts';
import { createPlan } from '../../../src/engine/plan.ts';
import { AnswerScript } from '../../../src/selftest/answer-script.ts';
import {
  LATENCY_CASES,
  measuredFromMs,
  quickCase,
  scenarioOf,
  USERS_RISE_MS,
} from '../../../src/selftest/cases.ts';
import { trueQuantile } from '../../../src/selftest/compare.ts';
import { plannedMs } from '../../../src/selftest/latency-selftest.ts';

const DRAWS = 20_000;
const OPEN = LATENCY_CASES.filter(({ users }) => users === 0);
const CLOSED = LATENCY_CASES.filter(({ users }) => users > 0);

function scriptOf(name: string): AnswerScript {
  const found = LATENCY_CASES.find((latency) => latency.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return new AnswerScript(found.script);
}

function delaysOf(name: string): Float64Array {
  const script = scriptOf(name);
  return Float64Array.from({ length: DRAWS }, (_, n) => script.answerTo(n).delayMs).sort();
}

describe('delays', () => {
  test('are a function of the request number, in whatever order they are asked for', () => {
    const script = scriptOf('heavy tail');
    const forwards = [0, 1, 2, 3].map((n) => script.answerTo(n));
    const backwards = [3, 2, 1, 0].map((n) => script.answerTo(n)).reverse();
    expect(backwards).toEqual(forwards);
  });

  test('follow the stated laws', () => {
    expect(new Set(delaysOf('constant'))).toEqual(new Set([30]));
    const exponential = delaysOf('exponential');
    expect(trueQuantile(exponential, 0.5) / (20 * Math.LN2)).toBeCloseTo(1, 1);
    expect(trueQuantile(exponential, 0.99) / (20 * Math.log(100))).toBeCloseTo(1, 1);
    const short = delaysOf('bimodal').filter((ms) => ms === 5).length;
    expect(short / DRAWS).toBeCloseTo(0.7, 1);
    const heavy = delaysOf('heavy tail');
    expect(trueQuantile(heavy, 0.5) / 10).toBeCloseTo(1, 1);
    expect(Math.abs(trueQuantile(heavy, 0.99) / 150 - 1)).toBeLessThan(0.1);
    expect(Math.max(...heavy)).toBe(800);
  });

  test('resets are a tenth of the requests, half of them amid the answer', () => {
    const script = scriptOf('resets');
    const fates = Array.from({ length: DRAWS }, (_, n) => script.answerTo(n).fate);
    const share = (fate: string): number => fates.filter((each) => each === fate).length / DRAWS;
    expect(share('reset')).toBeCloseTo(0.05, 2);
    expect(share('cut')).toBeCloseTo(0.05, 2);
    const others = LATENCY_CASES.filter(({ script: { resetShare } }) => resetShare === 0);
    expect(others).toHaveLength(LATENCY_CASES.length - 2);
  });
});

describe('plans', () => {
  test('request n is sent by customer n, one request for each session', () => {
    for (const latency of OPEN) {
      const scenario = scenarioOf(latency);
      const plan = createPlan(scenario);
      while (plan.next()) expect(plan.customer).toBe(plan.ordinal);
      expect(plan.sizes.customers).toBe(plan.ordinal + 1);
    }
  });

  test('one case has enough requests for a P99.9, the others for a P99, quick ones too', () => {
    for (const [latencies, most] of [
      [OPEN, 10_000],
      [OPEN.map(quickCase), 1000],
    ] as const) {
      const counts = latencies.map((latency) => {
        const scenario = scenarioOf(latency);
        const plan = createPlan(scenario);
        let measured = 0;
        while (plan.next()) if (scenario.phases[plan.phase]?.measured === true) measured++;
        return measured;
      });
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(1000);
      expect(Math.max(...counts)).toBeGreaterThanOrEqual(most);
    }
  });

  test('virtual users make as many requests as the arrivals do', () => {
    expect(CLOSED.map(({ text }) => text)).toEqual(OPEN.map(({ text }) => text));
    for (const [cases, least] of [
      [CLOSED, 10_500],
      [CLOSED.map(quickCase), 1200],
    ] as const) {
      const requests = cases.map(({ ratePerSec, measuredMs, freeze }) => {
        // Users who come one after the other, and the second in which nobody is answered.
        const lostMs = USERS_RISE_MS / 2 + (freeze?.forMs ?? 0);
        return (ratePerSec * (measuredMs - lostMs)) / 1000;
      });
      expect(Math.min(...requests)).toBeGreaterThan(1100);
      expect(Math.max(...requests)).toBeGreaterThan(least);
    }
  });

  test('virtual users have all gone when measuring begins, and come again in a line', () => {
    for (const latency of CLOSED) {
      const { phases, model } = scenarioOf(latency);
      const curve = new UserCurve(phases);
      const fromUs = measuredFromMs(latency) * 1000;
      expect(curve.usersAt(fromUs - 1)).toBe(0);
      expect(curve.peakUsers).toBe(latency.users);
      const middle = latency.users / 5;
      expect(curve.firstInstantOf(middle, fromUs) - fromUs).toBeCloseTo(USERS_RISE_MS * 200, -1);
      expect(model).toMatchObject({ kind: 'closed', pauseBetween: { ms: latency.pauseMs } });
      expect(latency.pauseMs).toBeGreaterThan(0);
    }
  });

  test('the freeze lies within the measured phase', () => {
    for (const latency of [...LATENCY_CASES, ...LATENCY_CASES.map(quickCase)]) {
      if (latency.freeze === null) continue;
      const { atMs, forMs } = latency.freeze;
      const endMs = plannedDurationUs(scenarioOf(latency).phases) / 1000;
      expect(atMs + forMs).toBeLessThan(endMs);
      expect(forMs).toBe(1000);
    }
  });

  test('all of it is planned to take well under two and a half minutes', () => {
    expect(plannedMs(LATENCY_CASES)).toBeLessThan(135_000);
    expect(plannedMs(LATENCY_CASES.map(quickCase))).toBeLessThan(68_000);
  });
});
