/** Facts read from a target after the load: what the audit compares the client history with. */

export interface StockRow {
  readonly sku: string;
  readonly seeded: number;
  readonly restocked: number;
  /** Free to be held. */
  readonly available: number;
  readonly held: number;
  /** Committed to orders and not returned. */
  readonly committed: number;
}

export type HoldState = 'held' | 'committed' | 'released' | 'expired';

export interface HoldRow {
  readonly id: string;
  readonly checkoutId: string;
  readonly sku: string;
  readonly units: number;
  readonly state: HoldState;
  readonly createdAtUs: number;
  readonly expiresAtUs: number;
  /** 0 while unresolved. */
  readonly resolvedAtUs: number;
  /** How often it left `held`; more than 1 is a violation. */
  readonly resolutions: number;
}

export interface OrderLine {
  readonly sku: string;
  readonly units: number;
  readonly priceMinor: number;
}

export interface OrderRow {
  readonly id: string;
  readonly key: string;
  readonly customer: string;
  readonly checkoutId: string;
  readonly status: string;
  readonly lines: readonly OrderLine[];
  readonly totalMinor: number;
  readonly currency: string;
  /** Position in the ledger's own order of confirmations; 0 when never confirmed. */
  readonly confirmedSeq: number;
  /** Position at which its units were returned; 0 when they were not. */
  readonly returnedSeq: number;
  readonly createdAtUs: number;
}

export interface EventRow {
  readonly id: string;
  readonly seq: number;
  readonly type: string;
  readonly orderId: string;
  /** Position among the events of its order, from 1 without a gap; absent: not numbered. */
  readonly version?: number;
}

/** From the payment gateway's own file, not from the shop. */
export interface ChargeRow {
  readonly id: string;
  readonly orderId: string;
  /** The key the shop sent for this charge. */
  readonly key: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: 'captured' | 'declined' | 'voided' | 'refunded';
  readonly atUs: number;
  /** Given back so far; absent: all of it when refunded, else nothing. */
  readonly refundedMinor?: number;
}

/** A message of the payment gateway about a charge, from the gateway's own file. */
export interface CallbackRow {
  readonly id: string;
  readonly orderId: string;
  readonly kind: 'captured' | 'declined' | 'voided' | 'refunded';
  readonly amountMinor: number;
  readonly currency: string;
  readonly atUs: number;
  /** How often it was sent. */
  readonly sent: number;
  /** Sent on purpose with a wrong signature, content or age: it must be without effect. */
  readonly isForged: boolean;
}

/** What the shop did with a callback; one it never heard of has no row. */
export interface CallbackEffectRow {
  readonly id: string;
  readonly orderId: string;
  /** How often it changed the order; more than 1 is a violation. */
  readonly applied: number;
  /** Deliveries recognised as repetitions, and those refused. */
  readonly repeated: number;
  readonly refused: number;
}

/** One shopper's way through the waiting room. */
export interface AdmissionRow {
  /** Id of the admission token, or of the place in the queue. */
  readonly id: string;
  readonly customer: string;
  /** Position in the order of arrival, from 1. */
  readonly joinedSeq: number;
  readonly joinedAtUs: number;
  /** Position in the order of admission, from 1; 0 while waiting. */
  readonly admittedSeq: number;
  readonly admittedAtUs: number;
  readonly expiresAtUs: number;
  /** Checkouts made with it. */
  readonly uses: number;
}

/** Rows that may be made as they are asked for, each time anew. Arrays are such rows too. */
export interface Rows<T> extends Iterable<T> {
  readonly length: number;
  map<U>(change: (row: T) => U): U[];
  filter(test: (row: T) => boolean): T[];
  some(test: (row: T) => boolean): boolean;
}

/** A ledger to be read from beginning to end. */
export type LedgerRows = {
  readonly [List in keyof Ledger]: Ledger[List] extends readonly (infer T)[] | undefined
    ? Rows<T> | (undefined extends Ledger[List] ? undefined : never)
    : Ledger[List];
};

export interface Ledger {
  readonly stock: readonly StockRow[];
  readonly holds: readonly HoldRow[];
  /** Orders not in the archive. */
  readonly orders: readonly OrderRow[];
  readonly events: readonly EventRow[];
  readonly charges: readonly ChargeRow[];
  /** Ids of orders whose notification was sent, with how often. */
  readonly notifications: readonly { readonly orderId: string; readonly sent: number }[];
  /** Completed orders moved out of `orders`; both hold one while it is handed over. */
  readonly archived?: readonly OrderRow[];
  readonly callbacks?: readonly CallbackRow[];
  readonly callbackEffects?: readonly CallbackEffectRow[];
  /** Absent where there is no waiting room. */
  readonly admissions?: readonly AdmissionRow[];
  /** Work the shop says is unfinished: orders between two steps, unpublished events. */
  readonly pending: { readonly orders: number; readonly outbox: number };
}
