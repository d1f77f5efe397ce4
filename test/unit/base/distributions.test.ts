import { describe, expect, it } from 'vitest';
import {
  type Distribution,
  meanMs,
  sampleMs,
  sampleNormal,
  ZipfSampler,
} from '../../../src/base/distributions.ts';
import { Prng } from '../../../src/base/prng.ts';

const SAMPLES = 50_000;

function samplesOf(distribution: Distribution): number[] {
  const prng = new Prng(1, 'distributions');
  return Array.from({ length: SAMPLES }, () => sampleMs(distribution, prng));
}

/** Kolmogorov–Smirnov distance between samples and a continuous CDF. */
function ksDistance(samples: readonly number[], cdf: (x: number) => number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted.reduce((worst, x, i) => {
    const truth = cdf(x);
    const above = (i + 1) / sorted.length - truth;
    const below = truth - i / sorted.length;
    return Math.max(worst, above, below);
  }, 0);
}

/** Critical distance at about 1e-6: sqrt(-ln(α/2) / 2n). */
const KS_LIMIT = Math.sqrt(-Math.log(0.5e-6) / (2 * SAMPLES));

/** Φ by Abramowitz & Stegun 7.1.26, error below 1.5e-7. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp(-x * x);
  return z >= 0 ? (1 + erf) / 2 : (1 - erf) / 2;
}

function quantile(samples: readonly number[], q: number): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(q * samples.length)]!;
}

describe('shapes', () => {
  it('draws a uniform distribution from its CDF', () => {
    const samples = samplesOf({ kind: 'uniform', minMs: 20, maxMs: 70 });
    expect(ksDistance(samples, (x) => (x - 20) / 50)).toBeLessThan(KS_LIMIT);
  });

  it('draws an exponential distribution from its CDF', () => {
    const samples = samplesOf({ kind: 'exponential', meanMs: 80, capMs: 10_000 });
    expect(ksDistance(samples, (x) => 1 - Math.exp(-x / 80))).toBeLessThan(KS_LIMIT);
  });

  it('draws a log-normal distribution from its CDF, with the stated P50 and P99', () => {
    const samples = samplesOf({ kind: 'lognormal', p50Ms: 60, p99Ms: 300 });
    const sigma = Math.log(300 / 60) / 2.3263478740408408;
    expect(ksDistance(samples, (x) => normalCdf(Math.log(x / 60) / sigma))).toBeLessThan(KS_LIMIT);
    expect(quantile(samples, 0.5) / 60).toBeCloseTo(1, 1);
    expect(quantile(samples, 0.99) / 300).toBeCloseTo(1, 1);
  });

  it('draws a standard normal from its CDF', () => {
    const prng = new Prng(4);
    const samples = Array.from({ length: SAMPLES }, () => sampleNormal(prng));
    expect(ksDistance(samples, normalCdf)).toBeLessThan(KS_LIMIT);
  });

  it('always gives a constant', () => {
    expect(new Set(samplesOf({ kind: 'constant', ms: 12 }))).toEqual(new Set([12]));
  });

  it('cuts an exponential off at its cap, or at ten means', () => {
    expect(Math.max(...samplesOf({ kind: 'exponential', meanMs: 50, capMs: 60 }))).toBe(60);
    expect(Math.max(...samplesOf({ kind: 'exponential', meanMs: 50 }))).toBeLessThanOrEqual(500);
  });
});

describe('means', () => {
  it.each<[string, Distribution]>([
    ['constant', { kind: 'constant', ms: 12 }],
    ['uniform', { kind: 'uniform', minMs: 10, maxMs: 50 }],
    ['exponential', { kind: 'exponential', meanMs: 40 }],
    ['lognormal', { kind: 'lognormal', p50Ms: 60, p99Ms: 300 }],
  ])('states the mean that samples of %s have', (_, distribution) => {
    const samples = samplesOf(distribution);
    const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
    expect(mean / meanMs(distribution)).toBeGreaterThan(0.97);
    expect(mean / meanMs(distribution)).toBeLessThan(1.03);
  });
});

describe('Zipf', () => {
  it('gives ranks the probabilities of the law, which add up to one', () => {
    const zipf = new ZipfSampler(200, 0.99);
    const probabilities = Array.from({ length: 200 }, (_, rank) => zipf.probability(rank));
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect(probabilities[0]! / probabilities[9]!).toBeCloseTo(10 ** 0.99, 9);
  });

  it('draws ranks as often as it says', () => {
    const zipf = new ZipfSampler(50, 0.99);
    const prng = new Prng(1);
    const counts = new Array<number>(50).fill(0);
    for (let i = 0; i < SAMPLES; i++) counts[zipf.sample(prng)]!++;
    const chiSquare = counts.reduce((sum, count, rank) => {
      const expected = SAMPLES * zipf.probability(rank);
      return sum + (count - expected) ** 2 / expected;
    }, 0);
    // Chi-square with 49 degrees of freedom exceeds 120 with a probability below 1e-7.
    expect(chiSquare).toBeLessThan(120);
  });

  it('has only one answer for one rank', () => {
    expect(new ZipfSampler(1, 0.99).sample(new Prng(1))).toBe(0);
  });
});
