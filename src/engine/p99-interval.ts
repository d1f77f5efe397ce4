/**
 * A 95 % interval of the P99 that respects correlation, by sectioning: the P99 of consecutive
 * batches scatter around the P99 of all (Nakayama, "Using sectioning to construct confidence
 * intervals for quantiles", WSC 2014).
 */
import { DenseHistogram } from './dense-histogram.ts';

const Q = 0.99;
const BATCHES_MIN = 8;
const BATCHES_MAX = 20;
/** A batch needs this many samples above its P99 to say anything about it. */
const ABOVE_MIN = 5;
/** Half the width of a bucket of the two-digit histograms, relative. */
const RESOLUTION = 0.004;

/** In µs around `p99Us`, or null when the blocks do not carry it. Consumes nothing. */
export function p99IntervalUs(
  blocks: readonly DenseHistogram[],
  p99Us: number,
): [number, number] | null {
  const total = blocks.reduce((sum, block) => sum + block.total, 0);
  const carried = Math.floor((total * (1 - Q)) / ABOVE_MIN + 1e-9);
  let batches = Math.min(BATCHES_MAX, blocks.length, carried);
  for (; batches >= BATCHES_MIN; batches = nextFewer(batches)) {
    const quantiles = batchQuantiles(blocks, batches, total);
    if (quantiles === undefined) continue;
    const correlation = lagOneCorrelation(quantiles);
    const significant = correlation > 2 / Math.sqrt(quantiles.length);
    if (significant && batches > BATCHES_MIN) continue;
    return around(p99Us, quantiles, overallP99(blocks), correlation);
  }
  return null;
}

/** Halves, but does not skip the smallest number that still gives an interval. */
function nextFewer(batches: number): number {
  const half = batches >> 1;
  return batches > BATCHES_MIN && half < BATCHES_MIN ? BATCHES_MIN : half;
}

/** P99 of consecutive batches of about equal counts; undefined when one of them is too small. */
function batchQuantiles(
  blocks: readonly DenseHistogram[],
  batches: number,
  total: number,
): number[] | undefined {
  const quantiles: number[] = [];
  const batch = new DenseHistogram(blocks[0]?.bits);
  let seen = 0;
  for (const block of blocks) {
    seen += addInto(batch, block);
    if (seen < ((quantiles.length + 1) * total) / batches) continue;
    // A block longer than a batch makes fewer batches, never empty ones.
    quantiles.push(batch.quantileUs(Q));
    if (batch.total * (1 - Q) < ABOVE_MIN / 2) return undefined;
    batch.clear();
  }
  return quantiles.length >= BATCHES_MIN ? quantiles : undefined;
}

function addInto(sum: DenseHistogram, block: DenseHistogram): number {
  for (let index = 0; index <= block.top; index++) {
    const count = block.counts[index] as number;
    if (count > 0) sum.add(index, count);
  }
  return block.total;
}

function overallP99(blocks: readonly DenseHistogram[]): number {
  const all = new DenseHistogram(blocks[0]?.bits);
  for (const block of blocks) addInto(all, block);
  return all.quantileUs(Q);
}

function lagOneCorrelation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let products = 0;
  let squares = 0;
  values.forEach((value, i) => {
    squares += (value - mean) ** 2;
    if (i > 0) products += (value - mean) * ((values[i - 1] ?? mean) - mean);
  });
  return squares === 0 ? 0 : products / squares;
}

function around(
  p99Us: number,
  quantiles: readonly number[],
  overallUs: number,
  correlation: number,
): [number, number] {
  const n = quantiles.length;
  const squares = quantiles.reduce((sum, value) => sum + (value - overallUs) ** 2, 0);
  // What correlation is left between batches widens the interval as in a first-order process.
  const rho = Math.min(0.9, Math.max(0, correlation));
  const inflation = Math.sqrt((1 + rho) / (1 - rho));
  const scatter = studentT975(n - 1) * Math.sqrt(squares / (n - 1) / n) * inflation;
  const half = Math.max(scatter, p99Us * RESOLUTION);
  return [Math.max(0, p99Us - half), p99Us + half];
}

/** 97.5 % quantile of Student's t (Abramowitz & Stegun 26.7.5); within 0.001 from 7 degrees on. */
export function studentT975(degrees: number): number {
  const z = 1.959963984540054;
  const z3 = z ** 3;
  const z5 = z ** 5;
  const z7 = z ** 7;
  return (
    z +
    (z3 + z) / (4 * degrees) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees ** 3)
  );
}
