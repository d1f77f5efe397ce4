/** What the simulated shop promises, from the traffic that it is set up for. */
import type { StrategyOptions } from '../../contract/profile.ts';
import type { TargetPromises } from '../../contract/target.ts';
import { declaredBreaches, longestWaitMs } from '../../reference-system/index.ts';
import type { SaleTraffic } from './sale-traffic.ts';
import { HOLD_TTL_MS, SWEEP_EVERY_MS } from './simulated-shop.ts';

/** Longest way of one request through the shop: both payment attempts, their pause, one queue. */
const SERVER_DEADLINE_MS = 1000;
const SWEEP_GRACE_MS = SWEEP_EVERY_MS + 600;
/** What the rate of the waiting room saves up while nobody waits, in seconds of it. */
const ADMISSION_BURST_S = 0.2;

export function simulatedPromises(
  strategy: string,
  options: Partial<StrategyOptions>,
  { admission, perUserPerSec }: SaleTraffic,
): TargetPromises {
  return {
    serverDeadlineMs: SERVER_DEADLINE_MS + longestWaitMs(strategy, options),
    holdTtlMs: HOLD_TTL_MS,
    sweepGraceMs: SWEEP_GRACE_MS,
    declaredBreaches: declaredBreaches(strategy, options),
    drainProbe: true,
    rateLimits: { perUserPerSec, perAddressPerSec: 0 },
    ...(admission !== null && {
      waitingRoom: { ...admission, burst: Math.max(1, admission.ratePerSec * ADMISSION_BURST_S) },
      admitsInOrder: true,
    }),
  };
}
