/**
 * What windows that passed or failed say about the rate that half of them pass: a posterior over
 * (threshold, slope) on a grid, as in adaptive psychometrics (Kontsevich & Tyler, "Bayesian adaptive
 * estimation of psychometric slope and threshold", 1999), with a tempered likelihood.
 */
import { assert } from '../../base/assert.ts';
import { normalCdf, normalQuantile } from '../../statistics/distributions.ts';

/** Points of the threshold, evenly spread over the logarithm of the rate. */
const THETAS = 320;
/** How sharply windows turn from passing to failing: standard deviations of the log rate. */
const SLOPES = [0.01, 0.02, 0.04, 0.08, 0.16] as const;
/** Share of windows whose verdict has nothing to do with the rate, each way. */
const LAPSE = 0.03;
/**
 * A verdict counts for less than one: windows close in time share what the machine is doing. At 0.5
 * the 90 % interval held the truth in 80 of 100 searches on a simulated machine whose speed drifts,
 * too few; `bench/search.mjs` prints what this value comes to.
 */
const TEMPER = 0.4;

/** The claim is a rate that passes this share of windows … */
const CLAIMED_SHARE = 0.8;
/** … with this posterior probability. */
const CLAIM_CONFIDENCE = 0.95;

/** Φ at −8 … 8 in steps of 1/500, read off between two points: an update asks for it 1,600 times. */
const TABLE_END = 8;
const TABLE_STEPS = 500;
const TABLE = Float64Array.from({ length: 2 * TABLE_END * TABLE_STEPS + 1 }, (_, i) =>
  normalCdf(i / TABLE_STEPS - TABLE_END),
);

export interface Trial {
  /** > 0. */
  readonly ratePerSec: number;
  readonly passed: boolean;
}

export interface RateRange {
  readonly lowPerSec: number;
  readonly highPerSec: number;
}

export class Posterior {
  readonly range: RateRange;
  readonly #logThetas: Float64Array;
  /** Log weights, slope by slope. */
  readonly #logWeights: Float64Array;
  /** Of `#logWeights`, summing to 1; undefined after a change. */
  #shares: Float64Array | undefined;

  /** `range` must surely contain the rate that half of all windows pass. */
  constructor(range: RateRange, trials: readonly Trial[] = []) {
    const { lowPerSec, highPerSec } = range;
    assert(lowPerSec > 0 && highPerSec > lowPerSec, 'a range of rates needs two ends above 0');
    this.range = range;
    const low = Math.log(lowPerSec);
    const step = (Math.log(highPerSec) - low) / (THETAS - 1);
    this.#logThetas = Float64Array.from({ length: THETAS }, (_, i) => low + i * step);
    this.#logWeights = new Float64Array(THETAS * SLOPES.length);
    for (const trial of trials) this.add(trial);
  }

  add({ ratePerSec, passed }: Trial): void {
    assert(ratePerSec > 0, 'a window has a rate above 0');
    const logRate = Math.log(ratePerSec);
    const logWeights = this.#logWeights;
    let cell = 0;
    for (const slope of SLOPES) {
      for (const logTheta of this.#logThetas) {
        const pass = LAPSE + (1 - 2 * LAPSE) * tabled((logTheta - logRate) / slope);
        const logLikelihood = Math.log(passed ? pass : 1 - pass);
        logWeights[cell] = (logWeights[cell] ?? 0) + TEMPER * logLikelihood;
        cell++;
      }
    }
    this.#shares = undefined;
  }

  /** The rate that half of all windows pass lies below this one with probability `p`. */
  quantile(p: number): number {
    const weights = this.#weights();
    const byTheta = Array.from(this.#logThetas, (logRate, i) => {
      let weight = 0;
      for (let slope = 0; slope < SLOPES.length; slope++)
        weight += weights[slope * THETAS + i] ?? 0;
      return { logRate, weight };
    });
    return Math.exp(quantileOf(byTheta, p));
  }

  /** Highest rate that passes 80 % of windows with posterior probability 95 %. */
  claim(): number {
    const weights = this.#weights();
    const z = normalQuantile(CLAIMED_SHARE);
    const cells: Weighted[] = [];
    SLOPES.forEach((slope, index) => {
      this.#logThetas.forEach((logTheta, i) => {
        cells.push({ logRate: logTheta - z * slope, weight: weights[index * THETAS + i] ?? 0 });
      });
    });
    cells.sort((a, b) => a.logRate - b.logRate);
    return Math.exp(quantileOf(cells, 1 - CLAIM_CONFIDENCE));
  }

  /** (threshold, slope) with probability proportional to its weight; `unit` in [0, 1). */
  draw(unit: number): { readonly thetaPerSec: number; readonly slope: number } {
    const weights = this.#weights();
    let left = unit;
    let cell = 0;
    while (cell < weights.length - 1 && left >= (weights[cell] ?? 0)) {
      left -= weights[cell] ?? 0;
      cell++;
    }
    const logTheta = this.#logThetas[cell % THETAS] ?? 0;
    return { thetaPerSec: Math.exp(logTheta), slope: SLOPES[Math.floor(cell / THETAS)] ?? 0 };
  }

  /** Sums to 1. */
  #weights(): Float64Array {
    if (this.#shares !== undefined) return this.#shares;
    const logWeights = this.#logWeights;
    let highest = Number.NEGATIVE_INFINITY;
    for (const weight of logWeights) highest = Math.max(highest, weight);
    const shares = new Float64Array(logWeights.length);
    let total = 0;
    for (let cell = 0; cell < shares.length; cell++) {
      const share = Math.exp((logWeights[cell] ?? 0) - highest);
      shares[cell] = share;
      total += share;
    }
    for (let cell = 0; cell < shares.length; cell++) shares[cell] = (shares[cell] ?? 0) / total;
    this.#shares = shares;
    return shares;
  }
}

/** Probability that a window at the rate passes, lapses included. */
export function passProbability(ratePerSec: number, thetaPerSec: number, slope: number): number {
  const share = normalCdf((Math.log(thetaPerSec) - Math.log(ratePerSec)) / slope);
  return LAPSE + (1 - 2 * LAPSE) * share;
}

function tabled(z: number): number {
  const at = (Math.max(-TABLE_END, Math.min(TABLE_END, z)) + TABLE_END) * TABLE_STEPS;
  const low = Math.min(Math.floor(at), TABLE.length - 2);
  const here = TABLE[low] ?? 0;
  return here + (at - low) * ((TABLE[low + 1] ?? 1) - here);
}

interface Weighted {
  readonly logRate: number;
  readonly weight: number;
}

/** Of `cells` in rising order, whose weights sum to 1; between two cells in proportion. */
function quantileOf(cells: readonly Weighted[], p: number): number {
  let below = 0;
  let before = cells[0]?.logRate ?? 0;
  for (const { logRate, weight } of cells) {
    if (below + weight >= p && weight > 0) {
      return before + ((p - below) / weight) * (logRate - before);
    }
    below += weight;
    before = logRate;
  }
  return before;
}
