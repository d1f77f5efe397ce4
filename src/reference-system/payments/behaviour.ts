/** How the gateway is asked to behave during a run, read from the body of a control request. */
import type { PaymentBehaviour } from '../../contract/profile.ts';

/** An hour: no payment that is still of use takes longer. */
const MAX_LATENCY_MS = 3_600_000;

/** Undefined when anything is missing or out of range. */
export function parseBehaviour(value: unknown): PaymentBehaviour | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { latency, declined, lostAnswers } = value as Record<string, unknown>;
  if (typeof latency !== 'object' || latency === null) return undefined;
  const { p50Ms, p99Ms } = latency as Record<string, unknown>;
  if (!isWithin(p50Ms, MAX_LATENCY_MS) || !isWithin(p99Ms, MAX_LATENCY_MS)) return undefined;
  if (p50Ms <= 0 || p99Ms < p50Ms) return undefined;
  if (!isWithin(declined, 1) || !isWithin(lostAnswers, 1)) return undefined;
  return { latency: { p50Ms, p99Ms }, declined, lostAnswers };
}

function isWithin(value: unknown, most: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= most;
}
