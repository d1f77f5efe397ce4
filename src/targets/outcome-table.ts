/**
 * What an answer, or the lack of one, means: one table from HTTP status, problem code and
 * transport failure to the four outcome classes. A read has no effect, so whatever is no business
 * refusal there is `failed`; a write that may have taken effect is `unknown`.
 */
import type { Call } from '../contract/call.ts';
import { traitsOf } from '../contract/operation.ts';
import type { Outcome, Reason } from '../contract/outcome.ts';

export interface Ruling {
  readonly onWrite: Outcome;
  readonly onRead: Outcome;
  readonly reason: Reason;
}

/** The target's correct no. */
const refused = (reason: Reason): Ruling => ({ onWrite: 'refused', onRead: 'refused', reason });
/** Surely without effect. */
const failed = (reason: Reason): Ruling => ({ onWrite: 'failed', onRead: 'failed', reason });
/** May have taken effect, if it could have any. */
const unknown = (reason: Reason): Ruling => ({ onWrite: 'unknown', onRead: 'failed', reason });

/** Status and `code` of the problem document; the code alone never decides. */
export const BY_CODE: Readonly<Record<number, Readonly<Record<string, Ruling>>>> = {
  402: { payment_declined: refused('payment_declined') },
  403: {
    blocked: refused('blocked'),
    /** The waiting room wants a token, or one that is still good. */
    admission_required: refused('admission_required'),
    admission_expired: refused('admission_required'),
    admission_used: refused('admission_required'),
  },
  404: { not_found: refused('not_found') },
  409: {
    sold_out: refused('sold_out'),
    limit_reached: refused('limit_reached'),
    price_changed: refused('price_changed'),
    sale_closed: refused('sale_closed'),
    checkout_expired: refused('checkout_expired'),
    empty_cart: refused('empty_cart'),
    /** The order is past cancelling. */
    illegal_state: refused('rejected'),
    /** A tombstone came too late: the key belongs to an order. */
    key_used: refused('key_reused'),
    /** Another attempt with this key runs: that one's outcome decides. */
    key_in_progress: unknown('key_in_progress'),
  },
  410: { tombstoned: refused('tombstoned') },
  422: { key_reused: refused('key_reused') },
  503: { contention: refused('contention') },
};

/** Answers that carry `x-shed: before-dispatch`. */
export const BY_SHED: Readonly<Record<number, Ruling>> = {
  429: refused('rate_limited'),
  503: refused('shed'),
};

/** Status alone, when neither the code nor the shed marker decides. */
export const BY_STATUS: Readonly<Record<number, Ruling>> = {
  // A redirect is never followed. 307 and 308 were not processed here; 301 to 303 after a write may
  // follow an effect (post, redirect, get).
  301: unknown('redirect_refused'),
  302: unknown('redirect_refused'),
  303: unknown('redirect_refused'),
  307: failed('redirect_refused'),
  308: failed('redirect_refused'),
  400: failed('bad_request'),
  401: failed('unauthorised'),
  // A business no needs its code: without one nobody knows what was refused.
  402: unknown('bad_answer'),
  403: failed('unauthorised'),
  404: failed('rejected'),
  405: failed('rejected'),
  406: failed('rejected'),
  408: unknown('server_error'),
  409: unknown('bad_answer'),
  410: failed('rejected'),
  411: failed('bad_request'),
  412: failed('rejected'),
  413: failed('bad_request'),
  414: failed('bad_request'),
  415: failed('bad_request'),
  416: failed('bad_request'),
  417: failed('bad_request'),
  422: failed('bad_request'),
  425: unknown('server_error'),
  428: failed('rejected'),
  // Without the marker nobody promised that nothing was started.
  429: unknown('rate_limited'),
  431: failed('bad_request'),
  499: unknown('server_error'),
  501: failed('rejected'),
  505: failed('rejected'),
};

const OTHER_4XX = unknown('rejected');
const OTHER_5XX = unknown('server_error');
const OTHER = unknown('bad_answer');

/** For a complete answer that is not a 2xx. `code` is '' when the answer had none. */
export function rulingOfRefusal(status: number, code: string, shed: boolean): Ruling {
  const codes = BY_CODE[status];
  if (codes !== undefined && Object.hasOwn(codes, code)) return codes[code] as Ruling;
  const marked = shed ? BY_SHED[status] : undefined;
  if (marked !== undefined) return marked;
  const plain = BY_STATUS[status];
  if (plain !== undefined) return plain;
  if (status >= 400 && status < 500) return OTHER_4XX;
  if (status >= 500 && status < 600) return OTHER_5XX;
  return OTHER;
}

/** A 2xx whose body is missing, cut, encoded, not JSON or not what was agreed. */
export const BAD_ANSWER = unknown('bad_answer');

/** How an exchange can end without a complete answer. */
export type TransportFailure =
  | 'timeout'
  | 'connection_lost'
  | 'bad_answer'
  | 'answer_too_large'
  | 'cut_off';

const AFTER_FIRST_BYTE: Readonly<Record<TransportFailure, Ruling>> = {
  timeout: unknown('timeout'),
  connection_lost: unknown('connection_lost'),
  bad_answer: BAD_ANSWER,
  answer_too_large: unknown('answer_too_large'),
  // Cut off by ourselves while the target still worked: nobody's failure, a read's neither.
  cut_off: { onWrite: 'unknown', onRead: 'unknown', reason: 'cut_off' },
};

const BEFORE_FIRST_BYTE: Readonly<Record<TransportFailure, Ruling>> = {
  timeout: failed('timeout'),
  connection_lost: failed('connect_failed'),
  bad_answer: failed('connect_failed'),
  answer_too_large: failed('connect_failed'),
  cut_off: failed('cut_off'),
};

export function rulingOfTransport(failure: TransportFailure, sent: boolean): Ruling {
  return (sent ? AFTER_FIRST_BYTE : BEFORE_FIRST_BYTE)[failure];
}

/** The request could not be expressed, so it was never sent. */
export const NOT_SENDABLE = failed('bad_request');
/** Every connection was busy and the queue for one was full. */
export const NO_CONNECTION = failed('connect_failed');

export function applyRuling(call: Call, ruling: Ruling): void {
  const isRead = traitsOf(call.operation).effect === 'read';
  call.outcome = isRead ? ruling.onRead : ruling.onWrite;
  call.reason = ruling.reason;
}
