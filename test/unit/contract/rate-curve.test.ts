// The integrated rate and its inverse, also where floating point is at its worst, and what each
// kind of shape means at instants worked out by hand.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRateCurve } from '../../../src/contract/rate-curve/create-curve.ts';
import { shapeProblems } from '../../../src/contract/rate-curve/shape-problems.ts';
import type { RateShape, Surge } from '../../../src/contract/scenario.ts';

interface Case {
  readonly shape: RateShape;
  readonly durationMs: number;
}

const rate = fc.double({ min: 0, max: 2e5, noNaN: true });
const positive = fc.double({ min: 1e-3, max: 2e5, noNaN: true });
const lengthMs = fc.double({ min: 1, max: 1e7, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const lengths = { basePerSec: rate, peakPerSec: positive };

function surgeWithin(durationMs: number): fc.Arbitrary<Surge> {
  return fc.record({
    atMs: share.map((part) => part * durationMs),
    surplusPerSec: positive,
    decayMs: lengthMs,
  });
}

function shapeWithin(durationMs: number): fc.Arbitrary<RateShape> {
  const surge = surgeWithin(durationMs);
  const parts = fc.array(fc.double({ min: 1e-3, max: 1, noNaN: true }), {
    minLength: 4,
    maxLength: 9,
  });
  const spans = parts.map((list) => {
    const sum = list.reduce((total, part) => total + part, 0);
    return list.map((part) => (part / sum) * durationMs * 0.999);
  });
  return fc.oneof(
    fc.record({ kind: fc.constant('constant' as const), perSec: positive }),
    fc.record({ kind: fc.constant('ramp' as const), fromPerSec: rate, toPerSec: positive }),
    fc.record({ kind: fc.constant('drop' as const), ...lengths, decayMs: lengthMs }),
    fc.record({ kind: fc.constant('peak-after-start' as const), ...lengths, modeMs: lengthMs }),
    fc.record({
      kind: fc.constant('double-hump' as const),
      basePerSec: rate,
      humps: fc.tuple(surge, surge),
    }),
    fc.record({
      kind: fc.constant('diurnal' as const),
      lowPerSec: fc.double({ min: 0, max: 10, noNaN: true }),
      highPerSec: fc.double({ min: 10, max: 1e5, noNaN: true }),
      periodMs: lengthMs,
      highAtMs: fc.double({ min: -1e7, max: 1e7, noNaN: true }),
      spikes: fc.array(surge, { maxLength: 3 }),
    }),
    fc.tuple(lengths.basePerSec, positive, spans).map(([basePerSec, peakPerSec, list]) => ({
      kind: 'plateau' as const,
      basePerSec,
      peakPerSec,
      surgeMs: list[0]!,
      sustainMs: list[1]!,
      fallMs: list[2]!,
    })),
    fc.tuple(spans, positive, rate).map(([list, first, other]) => ({
      kind: 'steps' as const,
      steps: list.map((stepMs, i) => ({ durationMs: stepMs, perSec: i % 2 === 0 ? first : other })),
    })),
    fc.tuple(spans, positive, rate).map(([list, first, other]) => {
      let atMs = 0;
      const points = list.map((stepMs, i) => {
        const point = { atMs, perSec: i % 2 === 0 ? first : other };
        atMs += stepMs;
        return point;
      });
      return { kind: 'replay' as const, points };
    }),
  );
}

const cases: fc.Arbitrary<Case> = lengthMs.chain((durationMs) =>
  shapeWithin(durationMs).map((shape) => ({ shape, durationMs })),
);

describe('the inverse of the integrated rate', () => {
  test('finds the instant at which the asked area is reached', () => {
    fc.assert(
      fc.property(cases, share, ({ shape, durationMs }, part) => {
        const curve = createRateCurve(shape, durationMs);
        const whole = curve.expectedUntil(durationMs);
        const atMs = curve.instantOf(whole * part, 0);
        expect(atMs).toBeDefined();
        const reached = curve.expectedUntil(atMs as number);
        expect(Math.abs(reached - whole * part)).toBeLessThanOrEqual(1e-6 * whole + 1e-3);
      }),
      { numRuns: 5000, seed: 11 },
    );
  });

  test('there is none beyond the end of the phase', () => {
    fc.assert(
      fc.property(cases, ({ shape, durationMs }) => {
        const curve = createRateCurve(shape, durationMs);
        const whole = curve.expectedUntil(durationMs);
        expect(curve.instantOf(whole * 1.001 + 1e-9, 0)).toBeUndefined();
      }),
      { seed: 12 },
    );
  });
});

test('the rate is nowhere negative and its integral never falls', () => {
  fc.assert(
    fc.property(cases, ({ shape, durationMs }) => {
      const curve = createRateCurve(shape, durationMs);
      const whole = curve.expectedUntil(durationMs);
      let last = 0;
      for (let i = 0; i <= 200; i++) {
        const atMs = (i / 200) * durationMs;
        expect(curve.rateAt(atMs)).toBeGreaterThanOrEqual(0);
        const area = curve.expectedUntil(atMs);
        expect(area).toBeGreaterThanOrEqual(last - 1e-12 * whole);
        last = area;
      }
    }),
    { numRuns: 150, seed: 13 },
  );
});

const e = Math.E;
const hump = { atMs: 1000, surplusPerSec: 80, decayMs: 500 };

test.each<[RateShape, readonly (readonly [number, number])[]]>([
  [
    { kind: 'ramp', fromPerSec: 10, toPerSec: 50 },
    [
      [0, 10],
      [5000, 30],
      [10_000, 50],
    ],
  ],
  [
    {
      kind: 'steps',
      steps: [
        { durationMs: 1000, perSec: 5 },
        { durationMs: 1000, perSec: 9 },
      ],
    },
    [
      [0, 5],
      [999, 5],
      [1000, 9],
      [9000, 9],
    ],
  ],
  [
    { kind: 'peak-after-start', basePerSec: 10, peakPerSec: 110, modeMs: 2000 },
    [
      [0, 10],
      [1000, 10 + 50 * Math.sqrt(e)],
      [2000, 110],
      [4000, 10 + 200 / e],
    ],
  ],
  [{ kind: 'peak-after-start', basePerSec: 10, peakPerSec: 110 }, [[26_000, 110]]],
  [
    {
      kind: 'plateau',
      basePerSec: 10,
      peakPerSec: 50,
      surgeMs: 1000,
      sustainMs: 2000,
      fallMs: 4000,
    },
    [
      [0, 10],
      [500, 30],
      [1000, 50],
      [3000, 50],
      [5000, 30],
      [7000, 10],
      [9999, 10],
    ],
  ],
  [
    { kind: 'double-hump', basePerSec: 10, humps: [hump, { ...hump, atMs: 9000 }] },
    [
      [0, 10],
      [1000, 90],
      [1500, 10 + 80 / e],
      [9000, 90 + 80 * e ** -16],
    ],
  ],
  [
    {
      kind: 'diurnal',
      lowPerSec: 20,
      highPerSec: 60,
      periodMs: 4000,
      highAtMs: 500,
      spikes: [hump],
    },
    [
      [500, 60],
      [2500, 20 + 80 * e ** -3],
      [4500, 60 + 80 * e ** -7],
    ],
  ],
  [
    {
      kind: 'replay',
      points: [
        { atMs: 0, perSec: 0 },
        { atMs: 4000, perSec: 8 },
      ],
    },
    [
      [0, 0],
      [1000, 2],
      [4000, 8],
      [6000, 8],
    ],
  ],
])('%o means these rates', (shape, rates) => {
  const curve = createRateCurve(shape, 30_000 / (shape.kind === 'ramp' ? 3 : 1));
  for (const [atMs, perSec] of rates) expect(curve.rateAt(atMs)).toBeCloseTo(perSec, 9);
});

test('a replay of a million points is found by search, exactly', () => {
  const points = Array.from({ length: 1e6 }, (_, i) => ({ atMs: i * 10, perSec: i % 7 }));
  const curve = createRateCurve({ kind: 'replay', points }, 1e7);
  const whole = curve.expectedUntil(1e7);
  for (let i = 1; i < 10_000; i++) {
    const area = (whole * i) / 10_000;
    const atMs = curve.instantOf(area, 0) as number;
    expect(Math.abs(curve.expectedUntil(atMs) - area)).toBeLessThan(1e-6);
  }
});

const NAN = Number.NaN;
const surge: Surge = { atMs: 0, surplusPerSec: 1, decayMs: 1 };
const plateau = { kind: 'plateau', basePerSec: 1, peakPerSec: 2, surgeMs: 0, fallMs: 0 } as const;
const diurnal = { kind: 'diurnal', lowPerSec: 1, highPerSec: 2, highAtMs: 0, spikes: [] } as const;

test.each<[RateShape, readonly string[]]>([
  [{ kind: 'constant', perSec: -1 }, ['rate -1/s']],
  [{ kind: 'constant', perSec: NAN }, ['rate NaN/s']],
  [
    { kind: 'ramp', fromPerSec: 1e12, toPerSec: Infinity },
    ['rate 1000000000000/s', 'rate Infinity/s'],
  ],
  [{ kind: 'drop', basePerSec: -2, peakPerSec: 2, decayMs: 0 }, ['rate -2/s', 'decay of 0 ms']],
  [{ kind: 'peak-after-start', basePerSec: 1, peakPerSec: 2, modeMs: 0 }, ['mode of 0 ms']],
  [{ kind: 'steps', steps: [] }, ['has no steps']],
  [
    {
      kind: 'steps',
      steps: [
        { durationMs: 0, perSec: -1 },
        { durationMs: NAN, perSec: 1 },
      ],
    },
    ['rate -1/s', 'step 1 of 0 ms', 'step 2 of NaN ms'],
  ],
  [
    { kind: 'steps', steps: [{ durationMs: 1200, perSec: 1 }] },
    ['the curve ends at 1200 ms, after its phase (1000 ms)'],
  ],
  [{ ...plateau, sustainMs: 0 }, ['sustain of 0 ms']],
  [{ ...plateau, sustainMs: 1, surgeMs: -1, fallMs: NAN }, ['surge of -1 ms', 'fall of NaN ms']],
  [{ ...plateau, sustainMs: 1001 }, ['the curve ends at 1001 ms, after its phase (1000 ms)']],
  [
    {
      kind: 'double-hump',
      basePerSec: NAN,
      humps: [
        { ...surge, atMs: -1 },
        { ...surge, decayMs: 0 },
      ],
    },
    ['rate NaN/s', 'hump 1 at -1 ms', 'hump 2: decay of 0 ms'],
  ],
  [
    { kind: 'double-hump', basePerSec: 1, humps: [surge] as unknown as [Surge, Surge] },
    ['1 humps instead of 2'],
  ],
  [
    { kind: 'double-hump', basePerSec: 9e5, humps: [{ ...surge, surplusPerSec: 2e5 }, surge] },
    ['rate 1100001/s'],
  ],
  [
    { ...diurnal, periodMs: 0, lowPerSec: 3 },
    ['period of 0 ms', 'low rate 3/s above high rate 2/s'],
  ],
  [
    { ...diurnal, periodMs: 9, highAtMs: NAN, spikes: [{ ...surge, atMs: 1001 }] },
    ['highest at NaN ms', 'spike 1 at 1001 ms, after its phase (1000 ms)'],
  ],
  [{ kind: 'replay', points: [] }, ['has no points']],
  [
    {
      kind: 'replay',
      points: [
        { atMs: 5, perSec: 1 },
        { atMs: 900, perSec: -3 },
        { atMs: 800, perSec: 1 },
        { atMs: NAN, perSec: 1 },
        { atMs: 1001, perSec: 1 },
      ],
    },
    [
      'rate -3/s',
      'point 1 is at 5 ms; a replay begins at 0',
      'point 3 goes back in time, from 900 ms to 800 ms',
      'point 4 is at NaN ms',
      'the curve ends at 1001 ms, after its phase (1000 ms)',
    ],
  ],
])('%o has every problem named at once, and is a broken invariant as a curve', (bad, problems) => {
  expect(shapeProblems(bad, 1000)).toEqual(problems);
  expect(() => createRateCurve(bad, 1000)).toThrow(problems[0]);
});

test('the same mistake a thousand times is not told a thousand times', () => {
  const points = Array.from({ length: 1000 }, (_, i) => ({ atMs: 1000 - i, perSec: 1 }));
  const problems = shapeProblems({ kind: 'replay', points }, 1000);
  expect(problems).toHaveLength(11);
  expect(problems.at(-1)).toBe('and 990 more problems of this shape');
});
