/** The ratio of two figures measured several times each, with an interval. */
import { assert } from '../base/assert.ts';
import { studentQuantile } from './distributions.ts';

export interface Ratio {
  /** Of the geometric means, second ÷ first. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Welch's interval on log values (Welch, "The generalization of Student's problem when several
 * different population variances are involved", 1947), two-sided. Values > 0, at least two a side.
 */
export function ratioInterval(
  first: readonly number[],
  second: readonly number[],
  confidence = 0.95,
): Ratio {
  const a = momentsOfLogs(first);
  const b = momentsOfLogs(second);
  const difference = b.mean - a.mean;
  const variance = a.variance / a.count + b.variance / b.count;
  if (variance === 0) {
    return { ratio: Math.exp(difference), low: Math.exp(difference), high: Math.exp(difference) };
  }
  const part = ({ variance: own, count }: Moments): number => (own / count) ** 2 / (count - 1);
  // Welch–Satterthwaite.
  const freedom = variance ** 2 / (part(a) + part(b));
  const half = studentQuantile((1 + confidence) / 2, freedom) * Math.sqrt(variance);
  return {
    ratio: Math.exp(difference),
    low: Math.exp(difference - half),
    high: Math.exp(difference + half),
  };
}

interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

function momentsOfLogs(values: readonly number[]): Moments {
  const count = values.length;
  assert(count >= 2, 'an interval needs two values a side');
  assert(
    values.every((value) => value > 0),
    'a ratio is of values above 0',
  );
  const logs = values.map(Math.log);
  const mean = logs.reduce((sum, log) => sum + log, 0) / count;
  const squares = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  return { count, mean, variance: squares / (count - 1) };
}
