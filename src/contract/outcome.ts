/** What became of an operation: four classes and, beside them, a closed list of reasons. */

/**
 * `ok` took effect · `refused` the target's correct business no · `failed` surely without effect ·
 * `unknown` may have taken effect.
 */
export const OUTCOMES = ['ok', 'refused', 'failed', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Reasons are machine names; `none` where nothing needs saying. Index = code in the history. */
export const REASONS = [
  'none',
  // ok, with a fact that journeys branch on
  'accepted',
  'sale_upcoming',
  'in_stock',
  'out_of_stock',
  // refused
  'sold_out',
  'limit_reached',
  'price_changed',
  'sale_closed',
  'checkout_expired',
  'payment_declined',
  'rate_limited',
  'shed',
  'blocked',
  'contention',
  'key_reused',
  'empty_cart',
  'not_found',
  'tombstoned',
  // failed
  'bad_request',
  'unauthorised',
  'connect_failed',
  'redirect_refused',
  'rejected',
  // unknown
  'key_in_progress',
  'timeout',
  'connection_lost',
  'bad_answer',
  'answer_too_large',
  'server_error',
  'cut_off',
  'worker_lost',
  // the waiting room: ok, but not admitted yet; and a checkout refused without a valid token
  'waiting',
  'admission_required',
] as const;
export type Reason = (typeof REASONS)[number];

export const OUTCOME_CODE: Readonly<Record<Outcome, number>> = {
  ok: 0,
  refused: 1,
  failed: 2,
  unknown: 3,
};

export const REASON_CODE: Readonly<Record<Reason, number>> = Object.fromEntries(
  REASONS.map((reason, code) => [reason, code]),
) as Record<Reason, number>;

export interface OutcomeCounts {
  ok: number;
  refused: number;
  failed: number;
  unknown: number;
}

export function emptyOutcomeCounts(): OutcomeCounts {
  return { ok: 0, refused: 0, failed: 0, unknown: 0 };
}
