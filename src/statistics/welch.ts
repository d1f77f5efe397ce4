/** The ratio of two figures measured several times each: its interval, and a margin around 1. */
import { assert } from '../base/assert.ts';
import { studentCdf, studentQuantile } from './distributions.ts';

export interface Ratio {
  /** Of the geometric means, second ÷ first. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** Of the means of the logarithms, second − first. */
interface LogDifference {
  readonly difference: number;
  readonly standardError: number;
  /** Welch–Satterthwaite; meaningless where the standard error is 0. */
  readonly freedom: number;
}

export interface MarginTest {
  /** Two-sided p of "the ratio is no farther from 1 than the margin". */
  readonly beyond: number;
  /** p of "the ratio is beyond the margin", doubled so that 0.05 matches the 95 % interval. */
  readonly inside: number;
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
  const { difference, standardError, freedom } = differenceOfLogs(first, second);
  const half =
    standardError === 0 ? 0 : studentQuantile((1 + confidence) / 2, freedom) * standardError;
  return {
    ratio: Math.exp(difference),
    low: Math.exp(difference - half),
    high: Math.exp(difference + half),
  };
}

/**
 * Two one-sided tests (Schuirmann, "A comparison of the two one-sided tests procedure and the power
 * approach", 1987) against a band from 1 ÷ (1 + margin) to 1 + margin. Values as above.
 */
export function marginTest(
  first: readonly number[],
  second: readonly number[],
  margin: number,
): MarginTest {
  assert(margin > 0, 'a margin is above 0');
  const { difference, standardError, freedom } = differenceOfLogs(first, second);
  // The nearer edge of the band decides both questions.
  const past = Math.abs(difference) - Math.log(1 + margin);
  if (standardError === 0) return past > 0 ? { beyond: 0, inside: 1 } : { beyond: 1, inside: 0 };
  const t = past / standardError;
  return {
    beyond: Math.min(1, 2 * studentCdf(-t, freedom)),
    inside: Math.min(1, 2 * studentCdf(t, freedom)),
  };
}

function differenceOfLogs(first: readonly number[], second: readonly number[]): LogDifference {
  const a = momentsOfLogs(first);
  const b = momentsOfLogs(second);
  const variance = a.variance / a.count + b.variance / b.count;
  const part = ({ variance: own, count }: Moments): number => (own / count) ** 2 / (count - 1);
  return {
    difference: b.mean - a.mean,
    standardError: Math.sqrt(variance),
    freedom: variance ** 2 / (part(a) + part(b)),
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
