/** Distribution functions and their inverses, all from one library. */
import jStat from 'jstat';
import { assert } from '../base/assert.ts';

/** P(Z ≤ z) of the standard normal distribution. */
export function normalCdf(z: number): number {
  return jStat.normal.cdf(z, 0, 1);
}

/** z with P(Z ≤ z) = p; 0 < p < 1. */
export function normalQuantile(p: number): number {
  assertShare(p);
  return jStat.normal.inv(p, 0, 1);
}

/** P(T ≤ t) for Student's distribution; `freedom` > 0, need not be whole. */
export function studentCdf(t: number, freedom: number): number {
  assert(freedom > 0, 'Student’s distribution needs degrees of freedom above 0');
  if (!Number.isFinite(t)) return t > 0 ? 1 : 0;
  return jStat.studentt.cdf(t, freedom);
}

/** t with P(T ≤ t) = p for Student's distribution; `freedom` > 0, need not be whole. */
export function studentQuantile(p: number, freedom: number): number {
  assertShare(p);
  assert(freedom > 0, 'Student’s distribution needs degrees of freedom above 0');
  return jStat.studentt.inv(p, freedom);
}

/** x with P(X ≤ x) = p for the beta distribution. */
export function betaQuantile(p: number, alpha: number, beta: number): number {
  assertShare(p);
  return jStat.beta.inv(p, alpha, beta);
}

function assertShare(p: number): void {
  assert(p > 0 && p < 1, 'a probability lies between 0 and 1');
}
