/** What the bundled shop promises with these settings: the audit judges it by nothing else. */
import type { SystemOptions } from '../../contract/profile.ts';
import type { TargetPromises } from '../../contract/target.ts';
import { declaredBreaches, longestWaitMs } from '../../reference-system/index.ts';

/** Queueing and the steps around the payment, beyond the payment attempts themselves. */
const DEADLINE_MARGIN_MS = 2000;
/** One sweep may be late by its own work and by that of a loaded machine. */
const SWEEP_MARGIN_MS = 1000;
/** What the rate of the waiting room saves up while nobody waits, in seconds of it. */
const ADMISSION_BURST_S = 0.2;

export function promisesOf(system: SystemOptions): TargetPromises {
  const { inventory, payment, limits } = system;
  return {
    serverDeadlineMs:
      payment.timeoutMs * payment.attempts +
      longestWaitMs(inventory.strategy, inventory) +
      DEADLINE_MARGIN_MS,
    holdTtlMs: inventory.holdTtlMs,
    sweepGraceMs: inventory.sweepEveryMs + SWEEP_MARGIN_MS,
    declaredBreaches: declaredBreaches(inventory.strategy, inventory),
    drainProbe: true,
    rateLimits: {
      perUserPerSec: limits.perUserPerSec ?? 0,
      perAddressPerSec: limits.perAddressPerSec ?? 0,
    },
    ...waitingRoomPromise(system),
  };
}

function waitingRoomPromise({
  admission,
}: SystemOptions): Pick<TargetPromises, 'waitingRoom' | 'admitsInOrder'> {
  if (admission?.waitingRoom !== true) return {};
  const { ratePerSec, atOnce, tokenTtlMs, checkouts } = admission;
  const burst = ratePerSec === 0 ? 0 : Math.max(1, ratePerSec * ADMISSION_BURST_S);
  return {
    waitingRoom: { ratePerSec, burst, atOnce, tokenTtlMs, checkouts },
    admitsInOrder: true,
  };
}
