/** What the answers under one idempotency key prove about its order. */

import type { Attempt } from './attempt.ts';
import type { KeyUse } from './evidence.ts';
import { isConfirmedStatus, NOT_BOUGHT } from './order-states.ts';

/**
 * `confirmed`: acknowledged as bought · `not_bought`: a terminal no · `open`: a request may have
 * taken effect and no answer tells · `unused`: surely nothing took effect.
 */
export type Conclusion = 'confirmed' | 'not_bought' | 'open' | 'unused';

/** True when this answer acknowledges that the order is bought and paid. */
export function confirms(attempt: Attempt): boolean {
  const { operation, outcome, orderStatus } = attempt;
  // A tombstone that came too late is refused with the order that has the key.
  if (operation === 'tombstoneKey') return isConfirmedStatus(orderStatus);
  if (outcome !== 'ok' || attempt.reason === 'accepted') return false;
  if (operation === 'orderStatus' || orderStatus !== '') return isConfirmedStatus(orderStatus);
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

function someAttempt(use: KeyUse, test: (attempt: Attempt) => boolean): boolean {
  return use.orders.some(test) || use.reads.some(test) || use.tombstones.some(test);
}

/** An `ok` that is neither a yes nor a no was accepted: its outcome comes later. */
function mayHaveEffect({ outcome }: Attempt): boolean {
  return outcome === 'unknown' || outcome === 'ok';
}

export function conclusionOf(use: KeyUse): Conclusion {
  if (someAttempt(use, confirms)) return 'confirmed';
  if (someAttempt(use, isFinalNo)) return 'not_bought';
  return use.orders.some(mayHaveEffect) ? 'open' : 'unused';
}
