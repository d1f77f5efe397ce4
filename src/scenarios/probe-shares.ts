/** How many of a run's orders also exercise the contract: duplicates, replays, changed payloads. */
import type { ProbeShares } from '../contract/scenario.ts';

/**
 * Probes of each kind: 1 % of orders, and at least this many expected in a run: P(none) < 1e-5.
 * Few checkouts of a sold-out sale become orders, so even then it is under 1 % of checkouts.
 */
const PROBE_SHARE = 0.01;
const MIN_EXPECTED_PROBES = 12;
const MAX_PROBE_SHARE = 0.25;

export function probeShares(expectedOrders: number): ProbeShares {
  const wanted = MIN_EXPECTED_PROBES / Math.max(1, expectedOrders);
  const share = Number(Math.min(MAX_PROBE_SHARE, Math.max(PROBE_SHARE, wanted)).toFixed(4));
  return { duplicate: share, replay: share, changed: share };
}
