/** What the answers under one idempotency key prove about its order. */

import type { Attempt, KeyUse } from './evidence.ts';
import { CONFIRMED, NOT_BOUGHT } from './order-states.ts';

/**
 * `confirmed`: acknowledged as bought · `not_bought`: a terminal no · `open`: a request may have
 * taken effect and no answer tells · `unused`: surely nothing took effect.
 */
export type Conclusion = 'confirmed' | 'not_bought' | 'open' | 'unused';

/** True when this answer acknowledges that the order is bought and paid. */
export function confirms(attempt: Attempt): boolean {
  const { operation, outcome, orderStatus } = attempt;
  // A tombstone that came too late is refused with the order that has the key.
  if (operation === 'tombstoneKey') return CONFIRMED.has(orderStatus);
  if (outcome !== 'ok' || attempt.reason === 'accepted') return false;
  if (operation === 'orderStatus' || orderStatus !== '') return CONFIRMED.has(orderStatus);
  return true;
}

/** True for a terminal answer that the shop stores under the key. */
export function isFinalNo(attempt: Attempt): boolean {
  const { outcome, reason, orderStatus } = attempt;
  if (outcome === 'refused' && attempt.operation !== 'orderStatus') {
    if (reason === 'payment_declined' || reason === 'checkout_expired') return true;
  }
  if (reason === 'tombstoned' || orderStatus === 'tombstoned') return true;
  const told = outcome === 'ok' || attempt.operation === 'tombstoneKey';
  return told && attempt.reason !== 'accepted' && NOT_BOUGHT.has(orderStatus);
}

function everyAttempt(use: KeyUse): readonly Attempt[] {
  return [...use.orders, ...use.reads, ...use.tombstones];
}

export function conclusionOf(use: KeyUse): Conclusion {
  const attempts = everyAttempt(use);
  if (attempts.some(confirms)) return 'confirmed';
  if (attempts.some(isFinalNo)) return 'not_bought';
  const mayHaveEffect = use.orders.some(
    // An `ok` that is neither a yes nor a no was accepted: its outcome comes later.
    ({ outcome }) => outcome === 'unknown' || outcome === 'ok',
  );
  return mayHaveEffect ? 'open' : 'unused';
}
