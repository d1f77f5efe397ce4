// The Poisson process under every rate curve that a scenario can name, and the extremes of each.
import { Prng } from '../../src/base/prng.ts';
import { createRateCurve } from '../../src/contract/rate-curve/create-curve.ts';
import type { RateShape } from '../../src/contract/scenario.ts';
import { createPoissonArrivals } from '../../src/engine/arrivals.ts';
import { runArrivalContract } from './arrival-contract.ts';

/** Simpson's rule over the rate: shares nothing with the closed forms under test. */
function integral(shape: RateShape, durationMs: number): (atMs: number) => number {
  const intervals = 20_000;
  const curve = createRateCurve(shape, durationMs);
  const stepMs = durationMs / intervals;
  const areas = new Float64Array(intervals + 1);
  for (let i = 1; i <= intervals; i++) {
    const [from, middle, to] = [(i - 1) * stepMs, (i - 0.5) * stepMs, i * stepMs].map((atMs) =>
      curve.rateAt(atMs),
    ) as [number, number, number];
    areas[i] = (areas[i - 1] ?? 0) + ((from + 4 * middle + to) / 6) * (stepMs / 1000);
  }
  return (atMs) => {
    const at = Math.min(intervals, Math.max(0, atMs / stepMs));
    const index = Math.min(intervals - 1, Math.floor(at));
    const [low, high] = [areas[index] ?? 0, areas[index + 1] ?? 0];
    return low + (high - low) * (at - index);
  };
}

const SHAPES: readonly [string, RateShape, number][] = [
  ['a constant rate', { kind: 'constant', perSec: 200 }, 10_000],
  ['a rising ramp from nothing', { kind: 'ramp', fromPerSec: 0, toPerSec: 400 }, 10_000],
  ['a falling ramp to nothing', { kind: 'ramp', fromPerSec: 400, toPerSec: 0 }, 10_000],
  ['a ramp that is flat', { kind: 'ramp', fromPerSec: 150, toPerSec: 150 }, 10_000],
  [
    'a drop onto a base rate',
    { kind: 'drop', basePerSec: 40, peakPerSec: 800, decayMs: 2500 },
    12_000,
  ],
  ['a drop to nothing', { kind: 'drop', basePerSec: 0, peakPerSec: 900, decayMs: 1500 }, 12_000],
  [
    'a drop far shorter than its phase',
    { kind: 'drop', basePerSec: 50, peakPerSec: 20_000, decayMs: 20 },
    20_000,
  ],
  [
    'a drop far longer than its phase',
    { kind: 'drop', basePerSec: 10, peakPerSec: 300, decayMs: 1e7 },
    6000,
  ],
  [
    'a drop that rises, from a peak below its base',
    { kind: 'drop', basePerSec: 300, peakPerSec: 10, decayMs: 2000 },
    8000,
  ],
  [
    'steps up, to nothing, and on to the end of the phase',
    {
      kind: 'steps',
      steps: [
        { durationMs: 2000, perSec: 100 },
        { durationMs: 1000, perSec: 500 },
        { durationMs: 3000, perSec: 0 },
        { durationMs: 500, perSec: 250 },
      ],
    },
    9000,
  ],
  [
    'a peak 26 s after the start',
    { kind: 'peak-after-start', basePerSec: 3, peakPerSec: 40 },
    90_000,
  ],
  [
    'a peak over nothing, cut off before its mode',
    { kind: 'peak-after-start', basePerSec: 0, peakPerSec: 900, modeMs: 7000 },
    5000,
  ],
  [
    'a peak far earlier than its phase ends',
    { kind: 'peak-after-start', basePerSec: 0, peakPerSec: 5000, modeMs: 100 },
    20_000,
  ],
  [
    'a plateau with slopes',
    {
      kind: 'plateau',
      basePerSec: 20,
      peakPerSec: 400,
      surgeMs: 1000,
      sustainMs: 3000,
      fallMs: 4000,
    },
    10_000,
  ],
  [
    'a plateau with walls over nothing, up to the end of its phase',
    {
      kind: 'plateau',
      basePerSec: 0,
      peakPerSec: 400,
      surgeMs: 0,
      sustainMs: 3000,
      fallMs: 0,
    },
    3000,
  ],
  [
    'two humps over a base',
    {
      kind: 'double-hump',
      basePerSec: 20,
      humps: [
        { atMs: 0, surplusPerSec: 600, decayMs: 800 },
        { atMs: 6000, surplusPerSec: 300, decayMs: 1200 },
      ],
    },
    12_000,
  ],
  [
    'two humps over nothing, the first of them late',
    {
      kind: 'double-hump',
      basePerSec: 0,
      humps: [
        { atMs: 3000, surplusPerSec: 900, decayMs: 50 },
        { atMs: 9000, surplusPerSec: 900, decayMs: 600 },
      ],
    },
    12_000,
  ],
  [
    'days that touch zero at night, with spikes',
    {
      kind: 'diurnal',
      lowPerSec: 0,
      highPerSec: 250,
      periodMs: 4000,
      highAtMs: 1500,
      spikes: [
        { atMs: 2000, surplusPerSec: 800, decayMs: 200 },
        { atMs: 9000, surplusPerSec: 400, decayMs: 300 },
      ],
    },
    12_000,
  ],
  [
    'a small part of one day',
    {
      kind: 'diurnal',
      lowPerSec: 50,
      highPerSec: 300,
      periodMs: 86_400_000,
      highAtMs: -7_200_000,
      spikes: [],
    },
    8000,
  ],
  [
    'a replay with a jump, a gap of nothing and an end before its phase',
    {
      kind: 'replay',
      points: [
        { atMs: 0, perSec: 50 },
        { atMs: 1500, perSec: 400 },
        { atMs: 1500, perSec: 100 },
        { atMs: 3000, perSec: 0 },
        { atMs: 5000, perSec: 0 },
        { atMs: 8000, perSec: 300 },
      ],
    },
    9000,
  ],
  ['a replay of one point', { kind: 'replay', points: [{ atMs: 0, perSec: 200 }] }, 8000],
];

for (const [name, shape, durationMs] of SHAPES) {
  runArrivalContract({
    name,
    durationMs,
    create: (seed) => createPoissonArrivals(shape, durationMs, new Prng(seed, 'arrivals')),
    expectedUntil: integral(shape, durationMs),
  });
}
