// Every reason to doubt a number is given when it applies, and only then.
import { describe, expect, test } from 'vitest';
import { assembleResult } from '../../../src/analysis/assemble.ts';
import type { ResultParts } from '../../../src/analysis/result-parts.ts';
import { roundRate, WARNING_CODES, type WarningCode } from '../../../src/analysis/warnings.ts';
import type { TimelineSample } from '../../../src/contract/load.ts';
import {
  invariant,
  metricsOf,
  type OperationFigures,
  sampleAudit,
  sampleCapacity,
  sampleLoad,
  sampleParts,
} from '../../support/sample-parts.ts';

const ENOUGH: OperationFigures = {
  counts: { ok: 50_000, refused: 0, failed: 0, unknown: 0 },
  attempts: 50_000,
  p99Ms: 20,
};

/** A run with nothing to doubt. */
function soundParts(overrides: Partial<ResultParts> = {}): ResultParts {
  return sampleParts({ load: sampleLoad({ metrics: metricsOf({ order: ENOUGH }) }), ...overrides });
}

function soundLoad(overrides: Parameters<typeof sampleLoad>[0]): ResultParts {
  return soundParts({ load: sampleLoad({ metrics: metricsOf({ order: ENOUGH }), ...overrides }) });
}

const health = sampleLoad().health;

function seconds(count: number, p50Ms: (second: number) => number): TimelineSample[] {
  const [first] = sampleLoad().timeline;
  if (first === undefined) throw new Error('the sample has a timeline');
  return Array.from({ length: count }, (_, second) => ({
    ...first,
    atMs: second * 1000,
    p50Ms: p50Ms(second),
  }));
}

const few: OperationFigures = {
  ...ENOUGH,
  counts: { ok: 999, refused: 0, failed: 0, unknown: 0 },
};
const unclear: OperationFigures = {
  ...ENOUGH,
  counts: { ok: 50_000, refused: 0, failed: 0, unknown: 60 },
};

const keptOut: OperationFigures = {
  ...ENOUGH,
  counts: { ok: 50_000, refused: 1, failed: 0, unknown: 0 },
};

const CASES: Readonly<Record<WarningCode, ResultParts>> = {
  'step-not-done': soundParts({ auditProblems: ['the disk is full', 'no ledger'] }),
  'history-lost': soundLoad({ historyLost: 12 }),
  'generator-near-limit': soundLoad({
    health: { ...health, lagMs: { ...health.lagMs, p99: 6.4 } },
  }),
  'above-calibration': soundParts({
    aboveCalibration: { plannedPerSec: 52_340, validPerSec: 20_120 },
  }),
  'closed-model': soundLoad({ model: 'closed', virtualUsers: 1200 }),
  'cut-off-operations': soundLoad({ cutOff: 1 }),
  'high-unknown-rate': soundLoad({ metrics: metricsOf({ order: unclear }) }),
  'logins-failed': soundLoad({ metrics: metricsOf({ order: ENOUGH, login: keptOut }) }),
  'egress-refused': soundLoad({ client: { ...sampleLoad().client, egressRefused: 3 } }),
  'slow-answers': soundLoad({ client: { ...sampleLoad().client, slowAnswers: 1 } }),
  'connections-saturated': soundLoad({
    client: { ...sampleLoad().client, waits: 40, connectionsMax: 256 },
  }),
  'shared-cores': soundLoad({ health: { ...health, cpuUtilisation: 3.3 } }),
  'no-steady-state': soundLoad({ timeline: seconds(60, (second) => 10 + second) }),
  'short-run': soundLoad({ measuredMs: 7999 }),
  'few-samples': soundLoad({ metrics: metricsOf({ order: ENOUGH, checkout: few }) }),
  'single-run': soundParts({
    thresholds: [{ expression: 'order:p(90)<1s', observed: 930, ok: true, reason: '' }],
  }),
  'capacity-extrapolated': soundParts({ capacity: sampleCapacity({ estimatePerSec: 800 }) }),
  'audit-not-exercised': soundParts({
    audit: sampleAudit({ invariants: [invariant(), invariant({ id: 'idle', checked: 0 })] }),
  }),
  'audit-not-judged': soundParts({
    audit: sampleAudit({
      invariants: [
        invariant(),
        invariant({ id: 'P1', checked: 0, judged: false, verdict: 'unknown', reason: 'no list' }),
      ],
    }),
  }),
  'emulated-strategy': soundParts({ emulatedStrategy: 'row locks' }),
};

const codesOf = (parts: ResultParts): string[] =>
  assembleResult(parts).warnings.map((warning) => warning.code);

describe('warnings', () => {
  test('are absent from a run with nothing to doubt', () => {
    expect(codesOf(soundParts())).toEqual([]);
  });

  test.each(WARNING_CODES)('say %s when it applies, and nothing else', (code) => {
    expect(codesOf(CASES[code])).toEqual([code]);
  });

  test.each(WARNING_CODES)('for %s are short sentences with advice', (code) => {
    const [warning] = assembleResult(CASES[code]).warnings;
    expect(warning?.message).toMatch(/^.{20,220}[.)]$/);
    expect(warning?.advice).toMatch(/^.{10,140}\.$|\)\.$/);
  });

  test('take a drift for no steady state only when it is worth mentioning', () => {
    const slight = seconds(60, (second) => 10 + second / 1000);
    expect(codesOf(soundLoad({ timeline: slight }))).toEqual([]);
  });

  test('leave the lag of an invalid run to its verdict', () => {
    const invalid = { ...health, verdict: 'invalid', lagMs: { p50: 1, p99: 90, max: 99 } } as const;
    expect(codesOf(soundLoad({ health: { ...invalid, reasons: ['lag'] } }))).toEqual([]);
  });

  test('take no count or rate for a close call', () => {
    const thresholds = [
      { expression: 'achieved_rate>=99%', observed: 1, ok: true, reason: '' },
      { expression: 'oversold_units==0', observed: 0, ok: true, reason: '' },
    ];
    expect(codesOf(soundParts({ thresholds }))).toEqual([]);
  });
});

test('advice on virtual users speaks of virtual users', () => {
  const advised = (parts: ResultParts): string =>
    assembleResult(parts)
      .warnings.map(({ advice }) => advice)
      .join('\n');
  const closed = { model: 'closed', virtualUsers: 100, offeredPerSec: 50 } as const;
  const near = { ...health, lagMs: { ...health.lagMs, p99: 6.4 } };
  expect(advised(soundLoad({ ...closed, health: near }))).toMatch(/Lower --vus or give/);
  const load = sampleLoad({ metrics: metricsOf({ order: ENOUGH }), ...closed });
  const capacity = sampleCapacity({ estimatePerSec: 400 });
  expect(advised(soundParts({ load, capacity }))).toMatch(/Run nearer to it: --vus 400 /);
});

test('a rate is rounded to what a person would type', () => {
  expect([648, 1250, 97.3, 12, 4.4, 0.2].map(roundRate)).toEqual([650, 1300, 97, 12, 4, 1]);
});
