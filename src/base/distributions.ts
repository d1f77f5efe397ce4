/** Sampling from the distributions that scenarios and simulators name. */
import { assert } from './assert.ts';
import type { Prng } from './prng.ts';

/** A serialisable distribution of milliseconds. */
export type Distribution =
  | { readonly kind: 'constant'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'exponential'; readonly meanMs: number; readonly capMs?: number }
  | { readonly kind: 'lognormal'; readonly p50Ms: number; readonly p99Ms: number };

/** z with Φ(z) = 0.99. */
const Z99 = 2.3263478740408408;

/** One sample in milliseconds, ≥ 0. */
export function sampleMs(distribution: Distribution, prng: Prng): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.ms;
    case 'uniform':
      return distribution.minMs + (distribution.maxMs - distribution.minMs) * prng.unit();
    case 'exponential': {
      const value = -Math.log(prng.open()) * distribution.meanMs;
      return Math.min(value, distribution.capMs ?? distribution.meanMs * 10);
    }
    case 'lognormal':
      return sampleLogNormal(distribution.p50Ms, distribution.p99Ms, prng);
  }
}

/**
 * Mean in milliseconds. Of an exponential cut at c it is m·(1 − e^(−c/m)); the default cap is
 * ignored, because it moves the mean by 5e-5.
 */
export function meanMs(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.ms;
    case 'uniform':
      return (distribution.minMs + distribution.maxMs) / 2;
    case 'exponential':
      return distribution.capMs === undefined
        ? distribution.meanMs
        : distribution.meanMs * -Math.expm1(-distribution.capMs / distribution.meanMs);
    case 'lognormal': {
      const sigma = Math.log(distribution.p99Ms / distribution.p50Ms) / Z99;
      return distribution.p50Ms * Math.exp((sigma * sigma) / 2);
    }
  }
}

function sampleLogNormal(p50: number, p99: number, prng: Prng): number {
  const sigma = Math.log(p99 / p50) / Z99;
  return p50 * Math.exp(sigma * sampleNormal(prng));
}

/** Standard normal by Box–Muller; always two uniform draws, so streams stay aligned. */
export function sampleNormal(prng: Prng): number {
  const radius = Math.sqrt(-2 * Math.log(prng.open()));
  return radius * Math.cos(2 * Math.PI * prng.unit());
}

/** Zipf over ranks 0 … size−1 with P(rank) ∝ 1 / (rank + 1)^exponent, by inverted CDF. */
export class ZipfSampler {
  readonly #cumulative: Float64Array;

  constructor(size: number, exponent: number) {
    assert(size >= 1, 'Zipf needs at least one rank');
    this.#cumulative = new Float64Array(size);
    let sum = 0;
    for (let rank = 0; rank < size; rank++) {
      sum += 1 / (rank + 1) ** exponent;
      this.#cumulative[rank] = sum;
    }
    for (let rank = 0; rank < size; rank++) {
      this.#cumulative[rank] = (this.#cumulative[rank] ?? 0) / sum;
    }
  }

  probability(rank: number): number {
    const here = this.#cumulative[rank] ?? 0;
    return rank === 0 ? here : here - (this.#cumulative[rank - 1] ?? 0);
  }

  sample(prng: Prng): number {
    const u = prng.unit();
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (u < (this.#cumulative[middle] ?? 1)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
