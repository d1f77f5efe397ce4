/**
 * The service interfaces of the shop. A service reaches another only through these or through an
 * event; each owns its tables and none reads another's.
 */
import type {
  AdmissionRow,
  CallbackEffectRow,
  CallbackRow,
  EventRow,
  HoldRow,
  OrderLine,
  OrderRow,
  StockRow,
} from '../contract/ledger.ts';
import type { CatalogueItem } from '../contract/scenario.ts';
import type { InventoryCounts, WaitingRoomReading } from '../contract/target.ts';

/** A business refusal: part of normal life, answered as an RFC 9457 problem with this code. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** True when it is the stored first answer of an idempotency key. */
  readonly replayed: boolean;

  constructor(
    status: number,
    code: string,
    facts: Readonly<Record<string, unknown>> = {},
    replayed = false,
  ) {
    // Most answers of a sale are refusals: a stack for each would cost more than the rest of it.
    const stackTraceLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(code);
    Error.stackTraceLimit = stackTraceLimit;
    this.status = status;
    this.code = code;
    this.facts = facts;
    this.replayed = replayed;
  }
}

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Pass as `after` for the next page; null at the end. */
  readonly next: string | null;
}

export interface SaleWindow {
  readonly skus: readonly string[];
  /** Host-wide µs; Infinity until announced. */
  readonly opensAtUs: number;
  readonly closesAtUs: number | null;
  readonly perCustomer: number;
}

export type SaleState = 'none' | 'upcoming' | 'open' | 'closed';

export interface CatalogueService {
  load(items: readonly CatalogueItem[], currency: string): Promise<void>;
  /** From now on; what was put into a cart or held before keeps its price. False: no such SKU. */
  reprice(sku: string, priceMinor: number): Promise<boolean>;
  /** From the read model; undefined when there is no such SKU. */
  product(sku: string): CatalogueItem | undefined;
  currency(): string;
  search(query: string, limit: number): { items: readonly CatalogueItem[]; total: number };
  featured(limit: number): readonly CatalogueItem[];
}

export interface SaleService {
  announce(window: SaleWindow): void;
  window(): SaleWindow;
  stateOf(sku: string): SaleState;
}

export interface Cart {
  readonly customer: string;
  readonly lines: readonly (Line & { readonly priceMinor: number })[];
  readonly totalMinor: number;
}

export interface CartService {
  /** Price is locked when the line is added. Quantity adds up; 0 removes. */
  put(customer: string, line: Line): Promise<Cart>;
  view(customer: string): Promise<Cart>;
  clear(customer: string): Promise<void>;
}

export interface HoldRequest {
  readonly checkoutId: string;
  readonly customer: string;
  /** Aggregated per SKU and sorted by SKU. */
  readonly lines: readonly Line[];
  readonly expiresAtUs: number;
  /** SKUs of `lines` to which the purchase limit applies. */
  readonly limitedSkus: readonly string[];
  readonly perCustomer: number;
  /** An earlier life may have made this very hold: then its first answer is repeated. */
  readonly mayExist?: boolean;
}

export type HoldOutcome =
  | { readonly held: true }
  | {
      readonly held: false;
      readonly code: 'sold_out' | 'limit_reached' | 'contention';
      readonly sku: string;
    };

/** A second resolution has its own answer: it tells how the first one ended. */
export type ResolveOutcome =
  | 'done'
  | 'already_committed'
  | 'already_released'
  | 'already_expired'
  | 'unknown_checkout';

/** Two-phase transfers: every hold ends exactly once, by commit, release or expiry. */
export interface InventoryService {
  /** Throws Refusal 409 `units_sold`, with nothing changed, when more is held or sold than that. */
  seed(stock: readonly { readonly sku: string; readonly units: number }[]): Promise<void>;
  restock(sku: string, units: number): Promise<void>;
  hold(request: HoldRequest): Promise<HoldOutcome>;
  /** All holds of the checkout, or none. Fails with already_expired past `expiresAtUs`. */
  commit(checkoutId: string): Promise<ResolveOutcome>;
  release(checkoutId: string): Promise<ResolveOutcome>;
  /** Gives committed units back (cancellation); idempotent by `checkoutId`. */
  returnUnits(checkoutId: string): Promise<ResolveOutcome>;
  /** Expires what is due; returns how many holds. */
  expireDue(): Promise<number>;
  stockOf(sku: string): Promise<number | undefined>;
  observe(skus: readonly string[]): Promise<{ available: number; held: number }>;
  stockRows(): Promise<readonly StockRow[]>;
  holdRows(after: string | null, limit: number): Promise<Page<HoldRow>>;
  /** How hard units were fought for since the process started. */
  counts(): InventoryCounts;
  /**
   * Called once before anything else: brings the stock into the form that the strategy keeps it in,
   * and finds again what a crash left beside the database.
   */
  recover(): Promise<void>;
  /** A fault: what is kept beside the store is lost, and made again from it. */
  wipeCache(): Promise<void>;
  /**
   * For the strategy that keeps its row locks while the shopper pays: waits for them and returns
   * what gives them back. Absent for all others. Throws Refusal 503 `contention`, or `overloaded`.
   */
  readonly lockForPayment?: (checkoutId: string) => Promise<() => void>;
}

/** Asked about the SKUs of a checkout before anything is held; throws Refusal to keep it out. */
export type CheckoutGate = (skus: readonly string[]) => void;

export interface CheckoutWishes {
  /** Where there are too few units of a line, as many as there are will do. */
  readonly partial?: boolean;
  readonly gate?: CheckoutGate;
}

export interface Checkout {
  readonly id: string;
  readonly customer: string;
  readonly lines: readonly OrderLine[];
  /** Asked for and not held; only a checkout that may be partial has any. */
  readonly missing: readonly Line[];
  readonly totalMinor: number;
  readonly currency: string;
  readonly expiresAtUs: number;
}

export interface OrderView {
  readonly id: string;
  readonly key: string;
  readonly customer: string;
  readonly status: string;
  readonly lines: readonly OrderLine[];
  readonly totalMinor: number;
  readonly currency: string;
}

/** `accepted`: the outcome comes later (HTTP 202). `replayed`: a stored first answer. */
export interface OrderAnswer {
  readonly order: OrderView;
  readonly accepted: boolean;
  readonly replayed: boolean;
}

export interface OrdersService {
  /** Holds `lines`, or the customer's cart when null. Throws Refusal. */
  checkout(
    customer: string,
    lines: readonly Line[] | null,
    wishes?: CheckoutWishes,
  ): Promise<Checkout>;
  /** Throws Refusal (409, 422, 402, 410). */
  order(
    customer: string,
    key: string,
    request: { readonly checkoutId: string; readonly paymentToken: string },
  ): Promise<OrderAnswer>;
  byKey(customer: string, key: string): Promise<OrderView | 'tombstoned' | undefined>;
  /** Makes a late use of an unused key impossible; returns the order when it was used. */
  tombstone(customer: string, key: string): Promise<OrderView | 'tombstoned'>;
  byId(customer: string, id: string): Promise<OrderView | undefined>;
  /** Newest first, archived ones included; `before` is the last id of the page before, or null. */
  ofCustomer(customer: string, before: string | null, limit: number): Promise<Page<OrderView>>;
  /** Possible until the order is archived. */
  cancel(customer: string, id: string): Promise<OrderView>;
  /** Completes or compensates every order found between two steps; returns how many. */
  recover(): Promise<number>;
  pending(): Promise<{ orders: number; outbox: number; confirmed: number }>;
  /** Orders that are not in the archive, or not yet only there. */
  orderRows(after: string | null, limit: number): Promise<Page<OrderRow>>;
  archivedRows(after: string | null, limit: number): Promise<Page<OrderRow>>;
  /** Stops the moves to the archive, so that the books stand still while they are read, or goes on. */
  setArchiving(moving: boolean): Promise<void>;
  eventRows(after: string | null, limit: number): Promise<Page<EventRow>>;
  notificationRows(
    after: string | null,
    limit: number,
  ): Promise<Page<{ orderId: string; sent: number }>>;
  /** For a message of the payment gateway whose signature was checked. Has its effect once. */
  hearNotice(notice: PaymentNotice): Promise<NoticeOutcome>;
  /** Counts a message that was not taken. */
  refuseNotice(id: string): Promise<void>;
  callbackRows(after: string | null, limit: number): Promise<Page<CallbackEffectRow>>;
}

export interface ArchiveDocument {
  readonly id: string;
  readonly customer: string;
  readonly body: string;
}

/** Holds what its owner has let go of; the owner alone knows what the bodies mean. */
export interface ArchiveService {
  /** Durable when it resolves. Repeating it changes nothing; other content under an id is an error. */
  append(documents: readonly ArchiveDocument[]): Promise<void>;
  byId(id: string): Promise<string | undefined>;
  /** Bodies by descending id, below `before` (exclusive; '' for the highest). */
  ofCustomer(customer: string, before: string, limit: number): Promise<readonly string[]>;
  /** Bodies in the order of their arrival. */
  rows(after: string | null, limit: number): Promise<Page<string>>;
}
/** What the payment gateway says about a charge without having been asked. */
export type PaymentNotice = Pick<
  CallbackRow,
  'id' | 'orderId' | 'kind' | 'amountMinor' | 'currency'
>;

/** `applied` changed the order · `repeated`, `idle` changed nothing · `refused` does not fit it. */
export type NoticeOutcome = 'applied' | 'repeated' | 'idle' | 'refused';

export interface ChargeRequest {
  readonly orderId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly paymentToken: string;
  /** Whose token it must be. */
  readonly customer: string;
}

/** `unknown`: no answer within all attempts; the charge may have happened. */
export type ChargeOutcome =
  | { readonly kind: 'captured'; readonly chargeId: string }
  | { readonly kind: 'declined' }
  | { readonly kind: 'unknown' };

/** Every call is idempotent by orderId. */
export interface PaymentService {
  charge(request: ChargeRequest): Promise<ChargeOutcome>;
  /** What the gateway knows about an order; `none` when it never saw it. Throws if unreachable. */
  lookup(orderId: string): Promise<'captured' | 'declined' | 'voided' | 'refunded' | 'none'>;
  /**
   * Makes sure that the order is not paid for: refunds a capture, or bars a later one.
   * Throws if the gateway cannot be reached.
   */
  cancel(orderId: string): Promise<'refunded' | 'voided'>;
}

/** Where a shopper stands in the waiting room. */
export type QueuePlace =
  | {
      readonly status: 'waiting';
      /** 1 is the next to be admitted. */
      readonly position: number;
      /** Null while nothing tells how quickly people are admitted. */
      readonly estimatedWaitMs: number | null;
    }
  | { readonly status: 'admitted'; readonly token: string; readonly expiresAtUs: number };

/** First come, first served, in front of the checkout of sale items. */
export interface WaitingRoomService {
  /** The customer's one place, taken now if there is none. Throws Refusal 409 `sale_closed`. */
  join(customer: string): Promise<QueuePlace>;
  /** Undefined without a place, and after its token has expired or is used up. */
  look(customer: string): QueuePlace | undefined;
  /**
   * Carries `work` out with a gate that wants `token` for sale items; a checkout that succeeds is
   * counted on it before this resolves. The gate throws Refusal 403 `admission_required`,
   * `admission_invalid`, `admission_foreign`, `admission_expired` or `admission_used`.
   */
  checkOut<T>(
    customer: string,
    token: string,
    work: (gate: CheckoutGate) => Promise<T>,
  ): Promise<T>;
  /** Customers `c-<n>` for n in [from, from + count) need no token. */
  exempt(from: number, count: number): void;
  /** Nobody else is admitted, for good. */
  close(): void;
  reading(): WaitingRoomReading;
  rows(after: string | null, limit: number): Promise<Page<AdmissionRow>>;
}

/** Takes what the payment gateway says by itself, as it came over the network. */
export interface PaymentMessages {
  readonly contentType: string;
  /** Throws when the shop cannot do now what follows from it. */
  take(
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    body: string,
  ): Promise<NoticeOutcome | 'unauthorised'>;
}

/** Turns card numbers into tokens; nothing else of the shop ever sees a number again. */
export interface CardVault {
  /** In the order of `cards`; null for what is no acceptable card. Throws if unreachable. */
  tokenise(
    cards: readonly { readonly customer: string; readonly cardNumber: string }[],
  ): Promise<readonly (string | null)[]>;
}

export interface UserService {
  /** Customers `c-<n>` for n in [from, from + count). */
  createMany(from: number, count: number): Promise<void>;
  register(profile: { email: string; name: string; password: string }): Promise<{ id: string }>;
  login(email: string, password: string): Promise<{ id: string } | undefined>;
  mintToken(customer: string): string;
  /** The customer of a valid token; undefined otherwise. */
  verifyToken(token: string): string | undefined;
}
