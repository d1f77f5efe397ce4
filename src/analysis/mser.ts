/** MSER-5: where a series of readings stops being warm-up (K. P. White, 1997; batches of five). */
import { defined } from '../base/assert.ts';

export interface Truncation {
  /** Readings to leave out at the start. */
  readonly cut: number;
  /** Σ (zⱼ − z̄)² ÷ (batches kept)² at the cut; its smallest value over all cuts. */
  readonly statistic: number;
  readonly meanAll: number;
  readonly meanKept: number;
  /** False when the best cut lies at the limit of half the series: no steady state was reached. */
  readonly steady: boolean;
}

const BATCH = 5;
const MIN_BATCHES = 4;

/**
 * Undefined for fewer than 20 readings. A rest that does not fill a batch is dropped at the end.
 * Quadratic in the number of batches; a day of seconds is 17,280 batches, so callers thin first.
 */
export function mser5(series: readonly number[]): Truncation | undefined {
  const batches = batchMeans(series);
  if (batches.length < MIN_BATCHES) return undefined;
  const limit = Math.floor(batches.length / 2);
  let best = 0;
  let bestStatistic = statisticFrom(batches, 0);
  for (let from = 1; from <= limit; from++) {
    const statistic = statisticFrom(batches, from);
    if (statistic >= bestStatistic) continue;
    best = from;
    bestStatistic = statistic;
  }
  return {
    cut: best * BATCH,
    statistic: bestStatistic,
    meanAll: meanFrom(batches, 0),
    meanKept: meanFrom(batches, best),
    steady: best < limit,
  };
}

function batchMeans(series: readonly number[]): number[] {
  const means: number[] = [];
  for (let start = 0; start + BATCH <= series.length; start += BATCH) {
    let sum = 0;
    for (let i = start; i < start + BATCH; i++) sum += defined(series[i], 'MSER reading');
    means.push(sum / BATCH);
  }
  return means;
}

function meanFrom(batches: readonly number[], from: number): number {
  let sum = 0;
  for (let j = from; j < batches.length; j++) sum += defined(batches[j], 'MSER batch');
  return sum / (batches.length - from);
}

function statisticFrom(batches: readonly number[], from: number): number {
  const mean = meanFrom(batches, from);
  let squares = 0;
  for (let j = from; j < batches.length; j++) {
    squares += (defined(batches[j], 'MSER batch') - mean) ** 2;
  }
  const kept = batches.length - from;
  return squares / (kept * kept);
}
