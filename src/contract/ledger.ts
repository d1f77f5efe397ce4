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
}

export interface Ledger {
  readonly stock: readonly StockRow[];
  readonly holds: readonly HoldRow[];
  readonly orders: readonly OrderRow[];
  readonly events: readonly EventRow[];
  readonly charges: readonly ChargeRow[];
  /** Ids of orders whose notification was sent, with how often. */
  readonly notifications: readonly { readonly orderId: string; readonly sent: number }[];
  /** Work the shop says is unfinished: orders between two steps, unpublished events. */
  readonly pending: { readonly orders: number; readonly outbox: number };
}
