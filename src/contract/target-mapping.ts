/**
 * How the operations look on a system that is not ours: the checked, serialisable form of a target
 * file. Placeholders in paths, header values and strings of bodies are written `{name}`:
 * `sku` `quantity` `key` `customer` `checkoutId` `orderId` `paymentToken` `searchWords`
 * `cursor` (ledger pages), `run` (another text in every run), `user.<column>` (the feed), and every name that an earlier answer of the
 * session was asked to `extract`. `{env.NAME}` was replaced when the file was read. Only a known
 * name in braces is a placeholder; `{{name}}` is the text `{name}` itself.
 */
import type { OperationName } from './operation.ts';
import type { Outcome, Reason } from './outcome.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Any JSON value; a string that is one placeholder and nothing else keeps the value's own type. */
export type BodyTemplate =
  | string
  | number
  | boolean
  | null
  | readonly BodyTemplate[]
  | { readonly [field: string]: BodyTemplate };

export interface RequestTemplate {
  readonly method: HttpMethod;
  /** From `/` on; values are escaped when they are put in. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: no body. */
  readonly body?: BodyTemplate;
}

/** First rule that matches wins; all its conditions have to hold. */
export interface OutcomeRule {
  /** Any of these statuses; absent: every status. */
  readonly statuses?: readonly number[];
  /** JSON paths of the body and the value that each must have; absent: any value but null. */
  readonly fields: readonly {
    readonly path: string;
    readonly equals?: string | number | boolean | null;
  }[];
  /** `unknown` counts as failed on an operation that only reads. */
  readonly is: Outcome;
  readonly reason: Reason;
  /** What such an answer tells beside its outcome, when all of it is there. */
  readonly extract?: Readonly<Record<string, string>>;
}

export interface OperationMapping {
  readonly request: RequestTemplate;
  /** checkout: buys `{sku}` × `{quantity}` directly instead of the cart; absent: as `request`. */
  readonly direct?: RequestTemplate;
  /**
   * Name → JSON path (`$.a.b[0].c`, `[*]` adds numbers up or takes the first of other values).
   * Names with a meaning of their own: `checkoutId` `orderId` `units` `totalMinor` `status`
   * `stock` `expiresInMs` `expiresAtUs` (host-wide clock) `ticket` (checkout: a number that rises with
   * every hold of the item). All others are values of the session.
   */
  readonly extract: Readonly<Record<string, string>>;
  /**
   * What a success must be: a JSON value (or nothing at all, where nothing is extracted), a JSON
   * object, or anything, a web page for example. `json` when absent.
   */
  readonly answer?: 'json' | 'object' | 'any';
  /** Tried before the table of statuses that every target shares. */
  readonly outcomes: readonly OutcomeRule[];
}

/** Pages of rows that a ledger read walks through. */
export interface LedgerRead {
  readonly request: RequestTemplate;
  /** JSON path of the rows. */
  readonly items: string;
  /** JSON path of the next cursor; absent: one page. */
  readonly next?: string;
  /** Column → JSON path within a row. */
  readonly columns: Readonly<Record<string, string>>;
}

export interface LedgerMapping {
  /** One request per SKU (`{sku}`); `units` is the JSON path of the units available. */
  readonly stock?: { readonly request: RequestTemplate; readonly units: string };
  readonly orders?: LedgerRead & {
    /** Values of the status column that mean confirmed, and cancelled. */
    readonly confirmed: readonly string[];
    readonly cancelled: readonly string[];
    /** … that nothing was bought, and that nothing is decided yet. */
    readonly refused?: readonly string[];
    readonly pending?: readonly string[];
  };
  readonly payments?: LedgerRead & {
    readonly captured: readonly string[];
    readonly refunded: readonly string[];
  };
}

export interface TargetMapping {
  readonly name: string;
  /** `http(s)://host[:port]`, and a path before that of every request when it has one. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Once, before anything else, in order: log in as an operator, seed … Values are shared. */
  readonly setup: readonly OperationMapping[];
  /** What the set-up extracted, by name: filled in by the target before the load. */
  readonly shared?: Readonly<Record<string, string>>;
  /** Once per shopper before its first operation, each recorded as `login`. */
  readonly session: readonly OperationMapping[];
  readonly operations: Readonly<Partial<Record<OperationName, OperationMapping>>>;
  /** Ids must be of letters, digits and `_.:-`, statuses lower-case words; absent: false. */
  readonly strict?: boolean;
  /** Operations that this target does not have: sessions pass over them. */
  readonly skip: readonly OperationName[];
  /** Where the products come from: rows of a set-up answer, or a list in the file. */
  readonly products:
    | { readonly kind: 'list'; readonly skus: readonly string[] }
    | { readonly kind: 'read'; readonly read: LedgerRead };
  /** A CSV file of user data: row i belongs to customer i modulo rows. */
  readonly users: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly string[])[];
  } | null;
  /** What customer i pays with; absent, or beyond its end: a token made of the customer's number. */
  readonly paymentTokens?: readonly string[];
  readonly ledger: LedgerMapping;
  /** `destructive` allows the drain probe to buy what is left. */
  readonly probes: 'none' | 'destructive';
  /** After this a request without an answer can no longer take effect. */
  readonly serverDeadlineMs: number;
}
