/** Whether a backlog builds up: operations in flight against time, by least squares. */
import { studentQuantile } from '../../statistics/distributions.ts';

/** A sale that opens makes a heap of its own, which a target that keeps up works off. */
const OPENING_SHARE = 1 / 3;
const MIN_SECONDS = 5;
const CONFIDENCE = 0.95;
/** Growth of less than this share of what arrives in a second is not a backlog. */
const MATTERS = 0.01;

/**
 * Operations per second by which the number in flight surely grows: the lower end of the one-sided
 * 95 % interval of the slope (Student's t, n − 2 degrees of freedom) over the seconds after the
 * opening. Null with fewer than 5 of them.
 */
export function surelyGrowingPerSec(inFlight: readonly number[]): number | null {
  const late = inFlight.slice(Math.floor(inFlight.length * OPENING_SHARE));
  const n = late.length;
  if (n < MIN_SECONDS) return null;
  const meanX = (n - 1) / 2;
  const meanY = late.reduce((sum, y) => sum + y, 0) / n;
  let xx = 0;
  let xy = 0;
  late.forEach((y, x) => {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
  });
  const slope = xy / xx;
  const residual = late.reduce((sum, y, x) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  const standardError = Math.sqrt(residual / (n - 2) / xx);
  return slope - studentQuantile(CONFIDENCE, n - 2) * standardError;
}

/** Requests that arrive per second decide which growth matters. */
export function isBacklog(growthPerSec: number, requestsPerSec: number): boolean {
  return growthPerSec > MATTERS * requestsPerSec;
}
