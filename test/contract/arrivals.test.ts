// The Poisson process under every rate curve that a scenario can name, and the extremes of each.
import { Prng } from '../../src/base/prng.ts';
import type { RateShape } from '../../src/contract/scenario.ts';
import { createPoissonArrivals } from '../../src/engine/arrivals.ts';
import { rateAt } from '../../src/engine/rate-curve.ts';
import { runArrivalContract } from './arrival-contract.ts';

/** Simpson's rule over the rate: shares nothing with the closed forms under test. */
function integral(shape: RateShape, durationMs: number): (atMs: number) => number {
  const intervals = 20_000;
  const stepMs = durationMs / intervals;
  const areas = new Float64Array(intervals + 1);
  for (let i = 1; i <= intervals; i++) {
    const [from, middle, to] = [(i - 1) * stepMs, (i - 0.5) * stepMs, i * stepMs].map((atMs) =>
      rateAt(shape, atMs, durationMs),
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
];

for (const [name, shape, durationMs] of SHAPES) {
  runArrivalContract({
    name,
    durationMs,
    create: (seed) => createPoissonArrivals(shape, durationMs, new Prng(seed, 'arrivals')),
    expectedUntil: integral(shape, durationMs),
  });
}
