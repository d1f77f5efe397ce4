/** The typed profile: the system's size and how hard it is driven. Defaults live in src/config. */

export interface LatencySpec {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type StoreLayout = 'shared' | 'per-service';

/** What single strategies can be told; each ignores what it has no use for. */
export interface StrategyOptions {
  /** `buckets`: parts that the stock of a SKU is split into. */
  readonly buckets: number;
  /** `buckets`: an empty one takes from the others. */
  readonly stealing: boolean;
  /** `optimistic`, `lease`: further attempts after one that lost to another. */
  readonly retries: number;
  /** `optimistic`: upper end of the first random wait before another attempt; doubles each time. */
  readonly retryBackoffMs: number;
  /** How long a row lock is held around a hold; absent: as the strategy would have it. */
  readonly lockHoldMs?: number;
  /** Longest wait for a lock. */
  readonly lockTimeoutMs: number;
  /** Database connections that all who wait for or hold a lock share. */
  readonly connections: number;
  /** `unit-rows`: most rows that lie ready per SKU. */
  readonly poolRows: number;
  /** `counter-first`: how often the counter is compared with the database; 0: never. */
  readonly reconcileEveryMs: number;
  /** `lease`: a lock that is not given back in this time may be taken by another. */
  readonly leaseTtlMs: number;
  /** `lease`: the database refuses a holder that has been overtaken. */
  readonly fencing: boolean;
  /** `lease`: emulated pause of a holder between its check and its write; 0: none. */
  readonly leasePauseMs: number;
  /** `lease`: every so many holds one pauses. */
  readonly leasePauseEvery: number;
}

export interface InventoryOptions extends Partial<StrategyOptions> {
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

/** The waiting room in front of the checkout of sale items. */
export interface AdmissionOptions {
  readonly waitingRoom: boolean;
  /** Shoppers admitted per second; 0: no limit. One of this and `atOnce` is set. */
  readonly ratePerSec: number;
  /** Shoppers who are admitted and may still check out, at most; 0: no bound. */
  readonly atOnce: number;
  readonly tokenTtlMs: number;
  /** Checkouts that one token is good for. */
  readonly checkouts: number;
  /** A place whose shopper has not asked for so long is passed over. */
  readonly placeTtlMs: number;
}

/** Beyond these the shop refuses requests before it has begun with them. */
export interface SheddingOptions {
  /** Requests in hand, orders not counted; and orders, which wait for the payment. */
  readonly requests: number;
  readonly orders: number;
  /** Delay of the event loop; 0: no limit. */
  readonly loopDelayMs: number;
}

/**
 * How the payment gateway behaves; it can change during a run. Absent `callbacks`: as configured.
 * The first rule of `script` for a payment's token goes before chance.
 */
export type PaymentBehaviour = Pick<
  PaymentOptions,
  'latency' | 'declined' | 'lostAnswers' | 'callbacks'
> & { readonly script?: readonly PaymentRule[] };

export interface ArchiveOptions {
  /** How long a completed order rests before it is moved, and can be cancelled; null: for ever. */
  readonly afterMs: number | null;
}

export interface SystemOptions {
  readonly storage: 'embedded';
  readonly layout: StoreLayout;
  /** Longest gathering of one group commit. */
  readonly inventory: InventoryOptions;
  readonly payment: PaymentOptions;
  readonly limits: SystemLimits;
  /** Absent: no waiting room. */
  readonly admission?: AdmissionOptions;
  /** Absent: the shop's own bounds. */
  readonly shedding?: SheddingOptions;
  /** Absent: nothing is moved. */
  readonly archive?: ArchiveOptions;
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
  /** What the run is put through, e.g. `kill=at:12s`; absent: nothing. */
  readonly faults?: readonly string[];
}
