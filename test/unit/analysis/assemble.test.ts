// The parts of a run become a result whose verdict, code, reason and numbers agree with each other.
import { describe, expect, test } from 'vitest';
import { assembleResult } from '../../../src/analysis/assemble.ts';
import type { ResultParts } from '../../../src/analysis/result-parts.ts';
import type { GeneratorHealth } from '../../../src/contract/load.ts';
import type { RunResult, ThresholdResult } from '../../../src/contract/run-result.ts';
import {
  invariant,
  metricsOf,
  START_US,
  sampleAudit,
  sampleLoad,
  sampleParts,
} from '../../support/sample-parts.ts';
import { SAMPLE_NAMES, SAMPLES } from '../../support/sample-results.ts';

const invalidHealth: GeneratorHealth = {
  verdict: 'invalid',
  reasons: ['schedule lag P99 was 48 ms'],
  lagMs: { p50: 1, p99: 48, max: 60 },
  cpuUtilisation: 1,
  busyRatio: 0.95,
};
const invalidLoad = sampleLoad({ health: invalidHealth });
const oversold = sampleAudit({
  verdict: 'fail',
  oversoldUnits: 3,
  invariants: [invariant({ verdict: 'fail', violationCount: 3 })],
});
const unknownAudit = sampleAudit({ verdict: 'unknown', reason: 'the ledger could not be read' });
const missed: ThresholdResult = {
  expression: 'p(99)<250ms',
  observed: 300,
  ok: false,
  reason: '',
};
const unjudged: ThresholdResult = { ...missed, observed: null, ok: null, reason: 'no samples' };

interface Case {
  readonly name: string;
  readonly parts: Partial<ResultParts>;
  readonly verdict: RunResult['verdict'];
  readonly exitCode: number;
  readonly otherCodes?: number[];
  readonly reason: RegExp;
}

const CASES: readonly Case[] = [
  {
    name: 'everything passed',
    parts: {},
    verdict: 'pass',
    exitCode: 0,
    reason: /^All 4 invariants held and all 4 thresholds were met\.$/,
  },
  {
    name: 'an invariant was violated and a threshold missed',
    parts: { audit: oversold, thresholds: [missed] },
    verdict: 'fail',
    exitCode: 80,
    otherCodes: [99],
    reason: /3 units oversold\.$/,
  },
  {
    name: 'a violation was proven although the target died and the user interrupted',
    parts: { audit: oversold, targetDeath: 'killed', interrupted: true },
    verdict: 'fail',
    exitCode: 80,
    otherCodes: [83, 105],
    reason: /oversold/,
  },
  {
    name: 'the target died',
    parts: { targetDeath: 'killed by SIGKILL', audit: unknownAudit },
    verdict: 'error',
    exitCode: 83,
    otherCodes: [81],
    reason: /^The target ended during the run: killed by SIGKILL\.$/,
  },
  {
    name: 'the user interrupted',
    parts: { interrupted: true },
    verdict: 'interrupted',
    exitCode: 105,
    reason: /^Interrupted after 31\.4s;/,
  },
  {
    name: 'the generator was invalid, whatever the thresholds said',
    parts: { load: invalidLoad, thresholds: [missed] },
    verdict: 'invalid',
    exitCode: 82,
    reason: /schedule lag P99 was 48 ms\.$/,
  },
  {
    name: 'a threshold was missed',
    parts: { thresholds: [missed] },
    verdict: 'fail',
    exitCode: 99,
    reason: /^A threshold failed: p\(99\)<250ms was 300 ms\.$/,
  },
  {
    name: 'a threshold could not be judged',
    parts: { thresholds: [unjudged] },
    verdict: 'inconclusive',
    exitCode: 81,
    reason: /could not be judged: p\(99\)<250ms: no samples\.$/,
  },
  {
    name: 'the audit could not be completed',
    parts: { audit: unknownAudit },
    verdict: 'inconclusive',
    exitCode: 81,
    reason: /the ledger could not be read\.$/,
  },
  {
    name: 'what the scenario wanted done to the target was not done',
    parts: { leftUndone: ['"brownout" was to begin, but nobody answered'] },
    verdict: 'inconclusive',
    exitCode: 81,
    reason: /^The scenario was not carried out: "brownout" was to begin, but nobody answered\.$/,
  },
  {
    name: 'nothing was measured',
    parts: { load: sampleLoad({ metrics: metricsOf({}) }), thresholds: [] },
    verdict: 'inconclusive',
    exitCode: 81,
    reason: /^Nothing was measured/,
  },
  {
    name: 'a bug was met',
    parts: { internalError: 'a sum did not add up', audit: oversold },
    verdict: 'error',
    exitCode: 1,
    otherCodes: [80],
    reason: /bug in ecomsim.*a sum did not add up\.$/,
  },
];

describe('the conclusion', () => {
  test.each(CASES)('is right when $name', ({ parts, verdict, exitCode, otherCodes, reason }) => {
    const result = assembleResult(sampleParts(parts));
    expect(result.verdict).toBe(verdict);
    expect(result.exitCode).toBe(exitCode);
    expect(result.otherCodes).toEqual(otherCodes ?? []);
    expect(result.reason).toMatch(reason);
  });

  test('judges no threshold by an invalid generator, yet keeps what was observed', () => {
    const { thresholds } = assembleResult(sampleParts({ load: invalidLoad, thresholds: [missed] }));
    expect(thresholds[0]).toMatchObject({ ok: null, observed: 300 });
    expect(thresholds[0]?.reason).toMatch(/not judged/);
  });

  test.each(SAMPLE_NAMES)('of the sample "%s" is one sentence that ends in a full stop', (name) => {
    expect(SAMPLES[name]().reason).toMatch(/[^.]\.$/);
  });
});

describe('the figures', () => {
  const result = assembleResult(sampleParts());

  test('state a quantile only where ten samples lie above it', () => {
    const latency = (name: string) => result.operations[name]?.responseTimeMs;
    expect(latency('order')).toMatchObject({ count: 391, p99: null, p99Interval: null });
    expect(latency('order')?.p90).not.toBeNull();
    expect(latency('home')?.p99).toBe(2.4);
    expect(latency('home')?.p999).toBeNull();
    expect(latency('viewStock')?.p999).not.toBeNull();
    expect(latency('orderDuplicate')).toMatchObject({ p50: null, count: 4 });
  });

  test('leave probes out of the totals but list them', () => {
    expect(result.operations['orderDuplicate']?.probe).toBe(true);
    expect(result.operations['order']?.probe).toBe(false);
    const shoppers = Object.values(result.operations).filter((row) => !row.probe);
    expect(result.totals.count).toBe(shoppers.reduce((sum, row) => sum + row.count, 0));
  });

  test('leave out operations that were never sent', () => {
    expect(result.operations).not.toHaveProperty('orderChanged');
  });

  test('count the time to sell-out from the start of the sale', () => {
    expect(result.business.timeToSellOutMs).toBe(2412);
    expect(result.business.unitsSold).toBe(110);
    expect(result.business.goodputPerSec).toBe(17);
  });

  test('are finite numbers or null throughout, so that JSON loses nothing', () => {
    for (const name of SAMPLE_NAMES) {
      const sample = SAMPLES[name]();
      expect(JSON.parse(JSON.stringify(sample)), name).toEqual(sample);
    }
  });

  test('are the same for the same parts', () => {
    expect(JSON.stringify(assembleResult(sampleParts()))).toBe(JSON.stringify(result));
  });
});

describe('the timeline', () => {
  test('joins each second with the reading taken at its end', () => {
    const { timeline } = assembleResult(sampleParts());
    expect(timeline).toHaveLength(23);
    expect(timeline[8]).toMatchObject({ atMs: 8000, stockLeft: 110, heldUnits: 0 });
    expect(timeline[9]).toMatchObject({ atMs: 9000, stockLeft: 70, heldUnits: 9 });
    expect(timeline[0]?.targetCpu).toBeNull();
    expect(timeline[9]?.targetCpu).toBeCloseTo(0.31, 6);
  });

  test('shows a second without a reading as not known', () => {
    const parts = sampleParts();
    const observations = parts.observations.filter((_, index) => index !== 5);
    const { timeline } = assembleResult({ ...parts, observations });
    expect(timeline[5]).toMatchObject({ stockLeft: null, heldUnits: null, targetCpu: null });
    expect(timeline[6]?.targetCpu).toBeCloseTo(0.31, 6);
  });

  test('does not count the CPU time of a process that was started anew', () => {
    const parts = sampleParts();
    const [first, second] = parts.observations;
    if (first === undefined || second === undefined) throw new Error('two readings expected');
    const restarted = {
      ...second,
      processes: second.processes.map((process) => ({ ...process, pid: process.pid + 100 })),
    };
    const { timeline } = assembleResult({ ...parts, observations: [first, restarted] });
    expect(timeline[1]?.targetCpu).toBeNull();
  });

  test('names the faults that were active in a second', () => {
    const faults = [{ name: 'kill-shop', fromMs: 2500, toMs: 4000 }];
    const { timeline } = assembleResult(sampleParts({ faults }));
    const active = timeline.filter((second) => second.faults.length > 0);
    expect(active.map((second) => second.atMs)).toEqual([2000, 3000]);
  });

  test('reads instants on the clock of the run', () => {
    const parts = sampleParts();
    const late = { ...parts, startUs: START_US - 1_000_000 };
    expect(assembleResult(late).timeline[9]?.stockLeft).toBe(110);
  });
});
