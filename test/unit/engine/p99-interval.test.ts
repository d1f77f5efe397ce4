// The interval of the P99 covers the truth as often as it says, also for correlated samples.
import { describe, expect, test } from 'vitest';
import { sampleNormal } from '../../../src/base/distributions.ts';
import { Prng } from '../../../src/base/prng.ts';
import { BatchBlocks } from '../../../src/engine/batch-blocks.ts';
import { blockRow, seriesOf } from '../../../src/engine/cells.ts';
import { DeltaSpace } from '../../../src/engine/delta-space.ts';
import { DenseHistogram } from '../../../src/engine/dense-histogram.ts';
import { p99IntervalUs, studentT975 } from '../../../src/engine/p99-interval.ts';
import { SparseCounts } from '../../../src/engine/sparse-counts.ts';
import { BITS_2_DIGITS, indexOfValue } from '../../../src/engine/value-index.ts';

const Z99 = 2.3263478740408408;
const MEDIAN_US = 5000;
const SIGMA = 0.5;
const TRUE_P99_US = MEDIAN_US * Math.exp(SIGMA * Z99);
const BLOCKS = 60;

/** Lognormal latencies whose logarithm is a first-order autoregressive process. */
function blocksOf(seed: number, samplesPerBlock: number, correlation: number): DenseHistogram[] {
  const prng = new Prng(seed, 'latencies');
  const innovation = Math.sqrt(1 - correlation ** 2);
  let z = sampleNormal(prng);
  return Array.from({ length: BLOCKS }, () => {
    const block = new DenseHistogram(BITS_2_DIGITS);
    for (let i = 0; i < samplesPerBlock; i++) {
      z = correlation * z + innovation * sampleNormal(prng);
      block.add(indexOfValue(Math.round(MEDIAN_US * Math.exp(SIGMA * z)), BITS_2_DIGITS), 1);
    }
    return block;
  });
}

function p99Of(blocks: readonly DenseHistogram[]): number {
  const all = new DenseHistogram(BITS_2_DIGITS);
  for (const block of blocks) {
    block.counts.forEach((count, index) => {
      if (count > 0) all.add(index, count);
    });
  }
  return all.quantileUs(0.99);
}

describe('coverage', () => {
  test.each([
    ['independent samples', 200, 0],
    ['samples correlated over about 20', 200, 0.9],
    ['samples correlated over about 100', 400, 0.98],
  ])('%s', (_, samplesPerBlock, correlation) => {
    const runs = 80;
    let covered = 0;
    for (let seed = 0; seed < runs; seed++) {
      const blocks = blocksOf(seed, samplesPerBlock, correlation);
      const interval = p99IntervalUs(blocks, p99Of(blocks));
      if (interval === null) continue;
      if (interval[0] <= TRUE_P99_US && TRUE_P99_US <= interval[1]) covered++;
    }
    expect(covered / runs).toBeGreaterThanOrEqual(0.87);
  });

  test('correlation makes the interval wider, as it must', () => {
    const width = (correlation: number): number => {
      let sum = 0;
      for (let seed = 0; seed < 12; seed++) {
        const blocks = blocksOf(seed, 200, correlation);
        const [low, high] = p99IntervalUs(blocks, p99Of(blocks)) ?? [0, 0];
        sum += high - low;
      }
      return sum;
    };
    expect(width(0.98)).toBeGreaterThan(2 * width(0));
  });
});

describe('no interval is given', () => {
  test('from too few samples', () => {
    expect(p99IntervalUs(blocksOf(1, 50, 0), 1000)).toBeNull();
  });

  test('from too few blocks', () => {
    const blocks = blocksOf(1, 2000, 0).slice(0, 7);
    expect(p99IntervalUs(blocks, 1000)).toBeNull();
  });

  test('from nothing', () => {
    expect(p99IntervalUs([], Number.NaN)).toBeNull();
  });
});

test('the interval holds the P99 and never goes below zero', () => {
  for (let seed = 0; seed < 30; seed++) {
    const blocks = blocksOf(seed, 200, 0.99);
    const p99 = p99Of(blocks);
    const interval = p99IntervalUs(blocks, p99);
    expect(interval).not.toBeNull();
    expect(interval?.[0]).toBeGreaterThanOrEqual(0);
    expect(interval?.[0]).toBeLessThanOrEqual(p99);
    expect(interval?.[1]).toBeGreaterThanOrEqual(p99);
  }
});

test.each([
  [7, 2.3646],
  [10, 2.2281],
  [31, 2.0395],
])('Student’s t with %i degrees of freedom', (degrees, value) => {
  expect(studentT975(degrees)).toBeCloseTo(value, 2);
});

describe('blocks', () => {
  const series = seriesOf(0, 0);
  const space = new DeltaSpace();
  const one = (block: number, measured = true) => {
    const counts = new SparseCounts(16);
    counts.add(blockRow(block, series, measured), 100, 1);
    space.begin(counts.takenBytes);
    return counts.take(space);
  };

  test('stay bounded however long the run, and lose nothing', () => {
    const blocks = new BatchBlocks(10);
    for (let block = 10; block < 10_000; block++) blocks.addAll(one(block));
    const histograms = blocks.histograms(() => true);
    expect(histograms.length).toBeLessThanOrEqual(64);
    expect(histograms.length).toBeGreaterThan(32);
    expect(histograms.reduce((sum, { total }) => sum + total, 0)).toBe(9990);
  });

  test('leave out what was not measured', () => {
    const blocks = new BatchBlocks(10);
    blocks.addAll(one(3, false));
    blocks.addAll(one(12));
    expect(blocks.histograms(() => true).map(({ total }) => total)).toEqual([1]);
    expect(blocks.histograms((chosen) => chosen !== series)).toEqual([]);
  });
});
