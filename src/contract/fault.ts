/** Faults that a run is put through on purpose: what is planned, and what was really done. */
import type { PaymentBehaviour } from './profile.ts';

/** A fault that was active during [fromMs, toMs) of the load. */
export interface FaultSpan {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** The target could not work meanwhile, so what falls due in it is done after it. Absent: false. */
  readonly isOutage?: boolean;
  /** What the target's clock showed too much meanwhile, ms; negative: too little. Absent: 0. */
  readonly clockSkewMs?: number;
}

export type FaultyProcess = 'shop' | 'payment-gateway';

/**
 * How events reach their consumers: `duplicated` each of them several times, `reordered` those of a
 * batch in another order, `repeated` those of earlier batches once more.
 */
export type EventDelivery = 'duplicated' | 'reordered' | 'repeated';

/** What is done to a target. All but `stall` and `cache-wipe` last until they are healed. */
export type Injection =
  /** Ended without warning; healed by a start on the same ports and data. */
  | { readonly kind: 'kill' }
  /** Stopped without being told; healed by letting it go on. */
  | { readonly kind: 'pause'; readonly process: FaultyProcess }
  /** The shop's event loop does nothing else for so long. */
  | { readonly kind: 'stall'; readonly forMs: number }
  | { readonly kind: 'clock'; readonly skewMs: number }
  /** Everything that the shop has at hand to be quicker is forgotten. */
  | { readonly kind: 'cache-wipe' }
  | { readonly kind: 'events'; readonly delivery: EventDelivery }
  | { readonly kind: 'payment'; readonly payment: PaymentBehaviour };

/** One fault at its instant, in ms of the load. */
export interface PlannedFault {
  /** As the timeline shows it. */
  readonly name: string;
  readonly atMs: number;
  /** How long it lasts before it is healed; 0: healed at once. */
  readonly forMs: number;
  readonly injection: Injection;
}
