/** One request of a shopper on its way: what is asked, its four instants, and what came back. */
import type { OperationName } from './operation.ts';
import type { Outcome, Reason } from './outcome.ts';

/**
 * Filled in by the engine before `execute`, by the client until `done`. Pooled and reused: nobody
 * keeps a reference after `done` has returned. Instants are host-wide microseconds (Clock.nowUs).
 */
export interface Call {
  // --- asked (engine) ---
  operation: OperationName;
  /** Index of the customer; the client knows the credentials. */
  customer: number;
  /** Index into the catalogue; -1 when the operation has none. */
  item: number;
  quantity: number;
  /** checkout only: buy `item` × `quantity` directly instead of the cart. */
  direct: boolean;
  /** Idempotency key, empty when the operation has none. */
  key: string;
  /** From an earlier answer of the session, empty when there is none. */
  checkoutId: string;
  orderId: string;
  /** Uniform number in [0,1) for anything the request wants to vary (search words …). */
  variate: number;
  /** Use the never-declined instant payment (drain probe only). */
  instantPayment: boolean;
  intendedAtUs: number;
  dispatchedAtUs: number;

  // --- answered (client) ---
  /** First byte handed to a socket; 0 when none was. */
  sentAtUs: number;
  firstByteAtUs: number;
  doneAtUs: number;
  outcome: Outcome;
  reason: Reason;
  /** HTTP status, 0 when there was no complete answer. */
  status: number;
  bytesReceived: number;
  /** From the answer: ids are '' and numbers are -1 when it had none. */
  gotCheckoutId: string;
  gotOrderId: string;
  /** Terminal status of an order (`confirmed`, `declined` …), '' when unknown. */
  gotOrderStatus: string;
  gotUnits: number;
  gotTotalMinor: number;
  /** viewStock: units available. */
  gotStock: number;
  /** checkout: when the hold expires, host-wide µs; -1 when unknown. */
  gotExpiresAtUs: number;
  /** order and its probes: true when the answer was marked as a replay of a stored one. */
  gotReplayed: boolean;
  /** Free for the engine: the session slot. */
  slot: number;
}

export function createCall(): Call {
  return {
    operation: 'home',
    customer: 0,
    item: -1,
    quantity: 1,
    direct: false,
    key: '',
    checkoutId: '',
    orderId: '',
    variate: 0,
    instantPayment: false,
    intendedAtUs: 0,
    dispatchedAtUs: 0,
    sentAtUs: 0,
    firstByteAtUs: 0,
    doneAtUs: 0,
    outcome: 'unknown',
    reason: 'none',
    status: 0,
    bytesReceived: 0,
    gotCheckoutId: '',
    gotOrderId: '',
    gotOrderStatus: '',
    gotUnits: -1,
    gotTotalMinor: -1,
    gotStock: -1,
    gotExpiresAtUs: -1,
    gotReplayed: false,
    slot: -1,
  };
}

/** Clears the answered part before a call is sent. */
export function resetAnswer(call: Call): void {
  call.sentAtUs = 0;
  call.firstByteAtUs = 0;
  call.doneAtUs = 0;
  call.outcome = 'unknown';
  call.reason = 'none';
  call.status = 0;
  call.bytesReceived = 0;
  call.gotCheckoutId = '';
  call.gotOrderId = '';
  call.gotOrderStatus = '';
  call.gotUnits = -1;
  call.gotTotalMinor = -1;
  call.gotStock = -1;
  call.gotExpiresAtUs = -1;
  call.gotReplayed = false;
}

export interface ClientStats {
  connectionsOpen: number;
  connectionsMax: number;
  connectionsOpened: number;
  connectTimeMsTotal: number;
  /** Calls that waited because every connection was busy. */
  waits: number;
}

/** Sends calls to a target. One per load worker; also used by the coordinator's probes. */
export interface LoadClient {
  /** Connects and warms up; throws EcomsimError when the target cannot be reached. */
  open(): Promise<void>;
  /** Never throws for operating errors; calls `done` exactly once, never synchronously. */
  execute(call: Call, done: (call: Call) => void): void;
  stats(): ClientStats;
  /** Aborts what is in flight (each gets its `done`) and closes the connections. */
  close(): Promise<void>;
}

/** What a worker needs to build its client: serialisable, made by Target.prepare. */
export interface ClientSpec {
  readonly kind: 'reference' | 'null';
  readonly origin: string;
  readonly skus: readonly string[];
  /** Bearer token per customer index. */
  readonly tokens: readonly string[];
  /** Upper bound on connections of one client. */
  readonly maxConnections: number;
  readonly timeoutMs: number;
  /** Signs each shopper's own address for the shop's per-address limits; '' when unused. */
  readonly addressSecret: string;
}
