// The comparison finds what is wrong: every bound just inside and just outside, and planted errors
// of the kind that load generators make.
import { describe, expect, test } from 'vitest';
import type { LatencySummary } from '../../../src/contract/metrics.ts';
import { DenseHistogram } from '../../../src/engine/dense-histogram.ts';
import { phaseStartsUs } from '../../../src/engine/phases.ts';
import { createPlan } from '../../../src/engine/plan.ts';
import { BITS_3_DIGITS, indexOfValue } from '../../../src/engine/value-index.ts';
import { AnswerScript } from '../../../src/selftest/answer-script.ts';
import {
  LATENCY_CASES,
  type LatencyCase,
  measuredFromMs,
  scenarioOf,
  USERS_RISE_MS,
} from '../../../src/selftest/cases.ts';
import { compareCounts, compareLatency, trueQuantile } from '../../../src/selftest/compare.ts';
import { type Truth, truthOf } from '../../../src/selftest/truth.ts';
import type { ServedRequest } from '../../../src/selftest/truth-log.ts';

type Figures = Pick<LatencySummary, 'p50' | 'p90' | 'p99' | 'p999' | 'max'>;

const START_US = 5_000_000;

/** What the engine's own histogram makes of the samples. */
function reportOf(samplesMs: Iterable<number>): Figures {
  const histogram = new DenseHistogram();
  for (const ms of samplesMs) histogram.add(indexOfValue(Math.round(ms * 1000), BITS_3_DIGITS), 1);
  const at = (q: number): number => histogram.quantileUs(q) / 1000;
  return {
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: histogram.maxUs() / 1000,
  };
}

function caseOf(name: string): LatencyCase {
  const found = LATENCY_CASES.find((latency) => latency.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
}

/** A faultless server and a faultless network: what is served on so many connections. */
function servedBy(latency: LatencyCase): ServedRequest[] {
  if (latency.users > 0) return servedToUsers(latency);
  const { script: spec, freeze, maxConnections } = latency;
  const script = new AnswerScript(spec);
  const plan = createPlan(scenarioOf(latency));
  const fromUs = START_US + (freeze?.atMs ?? 0) * 1000;
  const untilUs = fromUs + (freeze?.forMs ?? 0) * 1000;
  const freeAtUs = Array.from({ length: maxConnections }, () => 0);
  const served: ServedRequest[] = [];
  while (plan.next()) {
    const intendedUs = START_US + plan.intendedUs;
    const connection = freeAtUs.indexOf(Math.min(...freeAtUs));
    const receivedUs = Math.max(intendedUs, freeAtUs[connection] ?? 0);
    const { delayMs, fate } = script.answerTo(plan.ordinal);
    const plannedUs = receivedUs + delayMs * 1000;
    const dueUs = plannedUs >= fromUs && plannedUs < untilUs ? untilUs : plannedUs;
    freeAtUs[connection] = dueUs;
    served.push({ number: plan.ordinal, receivedUs, dueUs, doneUs: dueUs, fate });
  }
  return served;
}

/** The same for virtual users, each with its next request one pause after the last answer. */
function servedToUsers(latency: LatencyCase): ServedRequest[] {
  const { script: spec, freeze, maxConnections, users, pauseMs, measuredMs } = latency;
  const script = new AnswerScript(spec);
  const beginUs = START_US + measuredFromMs(latency) * 1000;
  const endUs = beginUs + measuredMs * 1000;
  const frozenFromUs = START_US + (freeze?.atMs ?? 0) * 1000;
  const frozenUntilUs = frozenFromUs + (freeze?.forMs ?? 0) * 1000;
  const freeAtUs = Array.from({ length: maxConnections }, () => 0);
  const requests = Array.from({ length: users }, () => 0);
  const next = requests.map((_, user) => ({
    user,
    wantedUs: beginUs + (USERS_RISE_MS * 1000 * user) / users,
  }));
  const served: ServedRequest[] = [];
  for (;;) {
    const [first] = next.sort((a, b) => a.wantedUs - b.wantedUs);
    if (first === undefined || first.wantedUs >= endUs) return served;
    const connection = freeAtUs.indexOf(Math.min(...freeAtUs));
    const receivedUs = Math.max(first.wantedUs, freeAtUs[connection] ?? 0);
    const iteration = requests[first.user] ?? 0;
    requests[first.user] = iteration + 1;
    const number = iteration * users + first.user;
    const { delayMs, fate } = script.answerTo(number);
    const plannedUs = receivedUs + delayMs * 1000;
    const isFrozen = plannedUs >= frozenFromUs && plannedUs < frozenUntilUs;
    const dueUs = isFrozen ? frozenUntilUs : plannedUs;
    freeAtUs[connection] = dueUs;
    served.push({ number, receivedUs, dueUs, doneUs: dueUs, fate });
    first.wantedUs = dueUs + pauseMs * 1000;
  }
}

function truthAbout(latency: LatencyCase, served: readonly ServedRequest[]): Truth {
  return truthOf({ latency, startUs: START_US, served });
}

const offOf = (reported: Figures, truthMs: Float64Array): string[] =>
  compareLatency(reported, truthMs)
    .filter(({ ok }) => !ok)
    .map(({ statistic }) => statistic);

const allAt = (ms: number): Figures => ({ p50: ms, p90: ms, p99: ms, p999: ms, max: ms });

describe('the bound', () => {
  const slow = new Float64Array(1000).fill(100);
  const fast = new Float64Array(1000).fill(10);

  test('is 1 % of what is true where that is more than 0.3 ms', () => {
    expect(offOf(allAt(100.99), slow)).toEqual([]);
    expect(offOf(allAt(99.01), slow)).toEqual([]);
    expect(offOf(allAt(101.01), slow)).toEqual(['P50', 'P90', 'P99', 'max']);
    expect(offOf(allAt(98.99), slow)).toEqual(['P50', 'P90', 'P99', 'max']);
  });

  test('is 0.3 ms where that is more', () => {
    expect(offOf(allAt(10.29), fast)).toEqual([]);
    expect(offOf(allAt(10.31), fast)).toEqual(['P50', 'P90', 'P99', 'max']);
  });

  test('is missed by a figure that the report lacks', () => {
    expect(offOf({ ...allAt(10), p99: Number.NaN }, fast)).toEqual(['P99']);
  });

  test('is not put to a quantile with fewer than ten samples above it', () => {
    const statistics = (n: number): string[] =>
      compareLatency(allAt(1), new Float64Array(n).fill(1)).map(({ statistic }) => statistic);
    expect(statistics(999)).toEqual(['P50', 'P90', 'max']);
    expect(statistics(1000)).toEqual(['P50', 'P90', 'P99', 'max']);
    expect(statistics(10_000)).toEqual(['P50', 'P90', 'P99', 'P99.9', 'max']);
    expect(statistics(0)).toEqual([]);
  });

  test('true quantiles are the smallest samples that enough others do not exceed', () => {
    const samples = Float64Array.from({ length: 1000 }, (_, i) => i + 1);
    expect([0.5, 0.9, 0.99, 1].map((q) => trueQuantile(samples, q))).toEqual([500, 900, 990, 1000]);
  });

  test('counts are right only when they are equal', () => {
    const counts = { ok: 10, refused: 0, failed: 1, unknown: 2 };
    expect(compareCounts(counts, counts).every(({ ok }) => ok)).toBe(true);
    const off = compareCounts({ ...counts, ok: 11, failed: 0 }, counts).filter(({ ok }) => !ok);
    expect(off.map(({ outcome }) => outcome)).toEqual(['ok', 'failed']);
  });
});

describe('a faultless generator', () => {
  test.each(LATENCY_CASES)('is right in every cell: $name', (latency) => {
    const truth = truthAbout(latency, servedBy(latency));
    expect(truth.unplanned).toBe(0);
    expect(offOf(reportOf(truth.responseMs), truth.responseMs)).toEqual([]);
    expect(offOf(reportOf(truth.serviceMs), truth.serviceMs)).toEqual([]);
  });
});

describe('planted errors', () => {
  test('service times given as response times hide the freeze, and are caught', () => {
    const freeze = caseOf('freeze');
    const { responseMs, serviceMs } = truthAbout(freeze, servedBy(freeze));
    expect(offOf(reportOf(serviceMs), responseMs)).toEqual(expect.arrayContaining(['P90', 'P99']));
    expect(offOf(reportOf(responseMs), serviceMs)).toEqual(expect.arrayContaining(['P90', 'P99']));
  });

  test('a clock that starts half a millisecond late is caught', () => {
    const constant = caseOf('constant');
    const { serviceMs } = truthAbout(constant, servedBy(constant));
    const late = reportOf(serviceMs.map((ms) => ms - 0.5));
    expect(offOf(late, serviceMs)).toEqual(['P50', 'P90', 'P99', 'max']);
  });

  test('a lost tail is caught', () => {
    const heavy = caseOf('heavy tail');
    const { serviceMs } = truthAbout(heavy, servedBy(heavy));
    const cut = serviceMs.slice(0, serviceMs.length - 20);
    expect(offOf(reportOf(cut), serviceMs)).toEqual(expect.arrayContaining(['P99.9', 'max']));
  });

  test('resets counted as answers are caught in every count', () => {
    const resets = caseOf('resets');
    const { counts } = truthAbout(resets, servedBy(resets));
    expect(counts.failed).toBeGreaterThan(0);
    expect(counts.unknown).toBeGreaterThan(0);
    const all = counts.ok + counts.failed + counts.unknown;
    const mixed = { ok: all, refused: 0, failed: 0, unknown: 0 };
    const off = compareCounts(mixed, counts).filter(({ ok }) => !ok);
    expect(off.map(({ outcome }) => outcome)).toEqual(['ok', 'failed', 'unknown']);
  });

  test('a request that was sent twice is seen', () => {
    const constant = caseOf('constant');
    const served = servedBy(constant);
    expect(truthAbout(constant, [...served, ...served.slice(0, 1)]).unplanned).toBe(1);
  });

  test('a user that does not wait for its pause is seen', () => {
    const constant = caseOf('constant, virtual users');
    const served = servedBy(constant);
    const hasty = served.map((each, index) =>
      index === 500 ? { ...each, receivedUs: each.receivedUs - 1000 } : each,
    );
    expect(truthAbout(constant, hasty).unplanned).toBe(1);
  });

  test('service times given as response times hide what waited for a connection', () => {
    const freeze = caseOf('freeze, virtual users');
    const { responseMs, serviceMs } = truthAbout(freeze, servedBy(freeze));
    expect(offOf(reportOf(serviceMs), responseMs)).toContain('P99');
    // Forty users are forty slow answers; arrivals would have been a thousand.
    expect(responseMs.filter((ms) => ms > 500).length).toBe(freeze.users);
  });

  test('a server that does not hold to its script is no truth', () => {
    const constant = caseOf('constant');
    const hasty = servedBy(constant).map((each) => ({ ...each, doneUs: each.doneUs - 1000 }));
    expect(() => truthAbout(constant, hasty)).toThrow(/script/);
  });

  test('a lost request is missing from the counts', () => {
    const constant = caseOf('constant');
    const served = servedBy(constant);
    const { counts } = truthAbout(constant, served);
    const measuredFromUs = START_US + (phaseStartsUs(scenarioOf(constant).phases)[1] ?? 0);
    const lost = served.findIndex(({ receivedUs }) => receivedUs > measuredFromUs);
    const rest = truthAbout(constant, served.toSpliced(lost, 1));
    expect(rest.counts.ok).toBe(counts.ok - 1);
  });
});
