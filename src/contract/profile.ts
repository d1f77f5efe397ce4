/** The typed profile: the system's size and how hard it is driven. Defaults live in src/config. */

export interface LatencySpec {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type StoreLayout = 'shared' | 'per-service';

export interface InventoryOptions {
  readonly strategy: string;
  readonly holdTtlMs: number;
  readonly sweepEveryMs: number;
}

export interface PaymentOptions {
  readonly latency: LatencySpec;
  readonly timeoutMs: number;
  readonly attempts: number;
  /** Share of charges the gateway declines. */
  readonly declined: number;
  /** Share of charges that are captured but whose answer is lost. */
  readonly lostAnswers: number;
  /** What the gateway tells the shop by itself; absent: nothing. */
  readonly callbacks?: CallbackOptions;
}

/**
 * Signed messages of the gateway about what became of a charge. Shares are of the messages, 0 to 1;
 * several may befall one message.
 */
export interface CallbackOptions {
  /** From the decision to the message. */
  readonly delay: LatencySpec;
  /** Never sent. */
  readonly lost: number;
  /** Sent `lateMs` after the decision instead, when the hold may have ended. */
  readonly late: number;
  readonly lateMs: number;
  /** Sent two or three times at once. */
  readonly duplicated: number;
  /** Sent and taken in before the charge itself is answered. */
  readonly early: number;
  /** The same bytes again a while later. */
  readonly replayed: number;
  /** Beside the true message one that lies: badly signed, changed, of a wrong amount, or too old. */
  readonly forged: number;
}

export const CALLBACK_TWISTS = [
  'lost',
  'late',
  'duplicated',
  'early',
  'replayed',
  'forged',
] as const;
/** Something that can befall a message of the gateway. */
export type CallbackTwist = (typeof CALLBACK_TWISTS)[number];

/** Decides the payments made with one token; what is absent is left to chance as usual. */
export interface PaymentRule {
  readonly paymentToken: string;
  readonly declined?: boolean;
  /** Of every attempt: `cut` and `silent` are captured or declined, but not answered. */
  readonly answer?: 'given' | 'cut' | 'silent';
  readonly latencyMs?: number;
  /** What befalls the messages about it, and nothing else. */
  readonly callbacks?: readonly CallbackTwist[];
}

export interface SystemLimits {
  /** Units of a sale item. */
  readonly perCustomer: number;
  /** Requests per second from one address, a second's worth at once; absent or 0: no limit. */
  readonly perAddressPerSec?: number;
  /** The same for one user, whatever the address. */
  readonly perUserPerSec?: number;
}

/**
 * How the payment gateway behaves; it can change during a run. Absent `callbacks`: as configured.
 * The first rule of `script` for a payment's token goes before chance.
 */
export type PaymentBehaviour = Pick<
  PaymentOptions,
  'latency' | 'declined' | 'lostAnswers' | 'callbacks'
> & { readonly script?: readonly PaymentRule[] };

export interface SystemOptions {
  readonly storage: 'embedded';
  readonly layout: StoreLayout;
  /** Longest gathering of one group commit. */
  readonly inventory: InventoryOptions;
  readonly payment: PaymentOptions;
  readonly limits: SystemLimits;
}

export interface LoadOptions {
  /** Journeys due per second at the peak. */
  readonly ratePerSec: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Longest wait for operations in flight at the end. */
  readonly drainMs: number;
  readonly workers: number | 'auto';
  readonly maxConnections: number;
  readonly timeoutMs: number;
}

export interface SaleOptions {
  readonly skus: number;
  readonly hotSkus: number;
  readonly demandToStock: number;
  /** Share of arrivals that are bots. */
  readonly botShare: number;
}

export interface Profile {
  readonly name: string;
  readonly description: string;
  readonly target: string;
  readonly system: SystemOptions;
  readonly load: LoadOptions;
  readonly sale: SaleOptions;
  readonly thresholds: readonly string[];
}
