/** One request of a shopper on its way: what is asked, its four instants, and what came back. */
import type { OperationName } from './operation.ts';
import type { Outcome, Reason } from './outcome.ts';
import type { TargetMapping } from './target-mapping.ts';

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
  /** Longest time until the answer; 0: the client's own. */
  timeoutMs: number;
  /** login: which of the session's steps. */
  loginStep: number;
  /** Which try of its operation this is: 1, 2, … */
  attempt: number;
  /**
   * What earlier answers of this session gave, by the mapping's own index. The client may put an
   * array here; the engine hands it on to the session's next call and never looks inside.
   */
  values: string[] | null;
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
  bytesSent: number;
  /** Time that this call waited for a new connection to be made; 0 when it found one open. */
  connectUs: number;
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
  /** checkout: the hold's place in the order of holds of its item; -1 where there is none. */
  gotTicket: number;
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
    timeoutMs: 0,
    loginStep: 0,
    attempt: 1,
    values: null,
    intendedAtUs: 0,
    dispatchedAtUs: 0,
    sentAtUs: 0,
    firstByteAtUs: 0,
    doneAtUs: 0,
    outcome: 'unknown',
    reason: 'none',
    status: 0,
    bytesReceived: 0,
    bytesSent: 0,
    connectUs: 0,
    gotCheckoutId: '',
    gotOrderId: '',
    gotOrderStatus: '',
    gotUnits: -1,
    gotTotalMinor: -1,
    gotStock: -1,
    gotExpiresAtUs: -1,
    gotTicket: -1,
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
  call.bytesSent = 0;
  call.connectUs = 0;
  call.gotCheckoutId = '';
  call.gotOrderId = '';
  call.gotOrderStatus = '';
  call.gotUnits = -1;
  call.gotTotalMinor = -1;
  call.gotStock = -1;
  call.gotExpiresAtUs = -1;
  call.gotTicket = -1;
  call.gotReplayed = false;
}

export interface ClientStats {
  connectionsOpen: number;
  connectionsMax: number;
  connectionsOpened: number;
  connectTimeMsTotal: number;
  /** Calls that waited because every connection was busy. */
  waits: number;
  /** On the connections, heads included, since the client was opened. */
  bytesReceived: number;
  bytesSent: number;
  /** Answers that were cut off because they came too slowly. */
  slowAnswers: number;
  /** Connections that were not made because of the address they would have led to. */
  egressRefused: number;
}

/** Of a client that has done nothing. */
export const NO_CLIENT_STATS: Readonly<ClientStats> = {
  connectionsOpen: 0,
  connectionsMax: 0,
  connectionsOpened: 0,
  connectTimeMsTotal: 0,
  waits: 0,
  bytesReceived: 0,
  bytesSent: 0,
  slowAnswers: 0,
  egressRefused: 0,
};

/** Sends calls to a target. One per load worker; also used by the coordinator's probes. */
export interface LoadClient {
  /** Connects and warms up; throws EcomsimError when the target cannot be reached. */
  open(): Promise<void>;
  /**
   * `call` comes with its answered part cleared (resetAnswer). Never throws for operating errors;
   * calls `done` exactly once, never synchronously.
   */
  execute(call: Call, done: (call: Call) => void): void;
  /** The session of `Call.slot` has ended: what the client keeps for it may go. */
  release?(slot: number): void;
  stats(): ClientStats;
  /** Aborts what is in flight (each gets its `done`) and closes the connections. */
  close(): Promise<void>;
}

/**
 * Which addresses a client may connect to, checked after the name was resolved, on the socket's own
 * address. Loopback is always allowed; anything else only when the host is named.
 */
export interface EgressRule {
  /** Host names or addresses whose private addresses may be used (`--allow-host`). */
  readonly privateHosts: readonly string[];
  /** Host names whose owner's consent has been seen. */
  readonly publicHosts: readonly string[];
}

export const LOOPBACK_ONLY: EgressRule = { privateHosts: [], publicHosts: [] };

/** Verification of a server's certificate; the system's own roots when `ca` is empty. */
export interface TlsOptions {
  /** PEM. */
  readonly ca: string;
  /** Accepts any certificate: for a test system with a self-signed one. */
  readonly insecure: boolean;
}

/** What a worker needs to build its client: serialisable, made by Target.prepare. */
export interface ClientSpec {
  readonly kind: 'reference' | 'null' | 'live';
  readonly origin: string;
  readonly skus: readonly string[];
  /** Bearer token per customer index. */
  readonly tokens: readonly string[];
  /** What each customer pays with; a customer without one pays with a test token. */
  readonly paymentTokens: readonly string[];
  /** Upper bound on connections of one client. */
  readonly maxConnections: number;
  readonly timeoutMs: number;
  /** Signs each shopper's own address for the shop's per-address limits; '' when unused. */
  readonly addressSecret: string;
  /** Only for `reference`: checkouts carry the admission token that the session was given. */
  readonly waitingRoom: boolean;
  readonly http: '1.1' | '2';
  readonly tls: TlsOptions;
  /** A connection of its own for every shopper, closed when the session ends. */
  readonly connectionPerShopper: boolean;
  /**
   * An answer that has begun and comes slower than this, after a grace of one second, is cut off;
   * 0: never. Time before the first byte does not count.
   */
  readonly minBytesPerSec: number;
  /** Asks for compressed answers; only then is one layer of compression accepted. */
  readonly compression: boolean;
  readonly egress: EgressRule;
  /** Only for `live`. */
  readonly mapping: TargetMapping | null;
}

/** What a client does unless somebody asks for something else. */
export const CLIENT_DEFAULTS = {
  maxConnections: 256,
  timeoutMs: 10_000,
  paymentTokens: [],
  addressSecret: '',
  waitingRoom: false,
  http: '1.1',
  tls: { ca: '', insecure: false },
  connectionPerShopper: false,
  minBytesPerSec: 32,
  compression: false,
  egress: LOOPBACK_ONLY,
  mapping: null,
} as const satisfies Omit<ClientSpec, 'kind' | 'origin' | 'skus' | 'tokens'>;
