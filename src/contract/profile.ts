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
}

export interface SystemLimits {
  /** Units of a sale item. */
  readonly perCustomer: number;
  /** Requests per second from one address, a second's worth at once; absent or 0: no limit. */
  readonly perAddressPerSec?: number;
  /** The same for one user, whatever the address. */
  readonly perUserPerSec?: number;
}

/** How the payment gateway behaves; it can change during a run. */
export type PaymentBehaviour = Pick<PaymentOptions, 'latency' | 'declined' | 'lostAnswers'>;

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
}
