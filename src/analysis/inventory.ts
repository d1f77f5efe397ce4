/** The inventory's own counts, put together over a load in which the shop may have died. */
import type { InventoryResult } from '../contract/run-result.ts';
import type { InventoryCounts, TargetObservation } from '../contract/target.ts';
import { rounded } from './latency.ts';

const NOTHING: InventoryCounts = {
  requests: 0,
  attempts: 0,
  conflicts: 0,
  lockWaitMs: 0,
  steals: 0,
  repairedUnits: 0,
};

/** Null when no observation has counts. A shop that was started again counts from 0 again. */
export function inventoryResult(
  observations: readonly TargetObservation[],
): InventoryResult | null {
  let total: InventoryCounts | null = null;
  let before = NOTHING;
  for (const { inventory: now } of observations) {
    if (now === undefined) continue;
    total = plus(total ?? NOTHING, now.requests < before.requests ? now : minus(now, before));
    before = now;
  }
  if (total === null) return null;
  const { requests, attempts, conflicts, lockWaitMs, steals, repairedUnits } = total;
  const perRequest = (value: number): number | null =>
    requests === 0 ? null : rounded(value / requests);
  return {
    requests,
    attempts,
    attemptsPerRequest: perRequest(attempts),
    conflicts,
    lockWaitMsPerRequest: perRequest(lockWaitMs),
    lockWaitMs: rounded(lockWaitMs),
    steals,
    repairedUnits,
  };
}

function plus(a: InventoryCounts, b: InventoryCounts): InventoryCounts {
  return {
    requests: a.requests + b.requests,
    attempts: a.attempts + b.attempts,
    conflicts: a.conflicts + b.conflicts,
    lockWaitMs: a.lockWaitMs + b.lockWaitMs,
    steals: a.steals + b.steals,
    repairedUnits: a.repairedUnits + b.repairedUnits,
  };
}

function minus(a: InventoryCounts, b: InventoryCounts): InventoryCounts {
  return {
    requests: a.requests - b.requests,
    attempts: a.attempts - b.attempts,
    conflicts: a.conflicts - b.conflicts,
    lockWaitMs: a.lockWaitMs - b.lockWaitMs,
    steals: a.steals - b.steals,
    repairedUnits: a.repairedUnits - b.repairedUnits,
  };
}
