/** What the words of an order's status mean to the judge, who knows them from the contract only. */

/** The customer owns the units. Asked for every answer, and faster than a set. */
export function isConfirmedStatus(status: string): boolean {
  return status === 'confirmed' || status === 'archived';
}

/** Where a confirmed order may be found later. */
export const AFTER_CONFIRMED: ReadonlySet<string> = new Set([
  'confirmed',
  'archived',
  'cancelled',
  'refunding',
  'refunded',
]);

/** Ended without the customer owning anything. */
export const NOT_BOUGHT: ReadonlySet<string> = new Set([
  'declined',
  'rejected',
  'expired',
  'cancelled',
  'refunded',
]);

/** Something is still to be done. */
export const UNFINISHED: ReadonlySet<string> = new Set([
  'pending',
  'paying',
  'payment_unknown',
  'refunding',
]);

export const KNOWN_STATES: ReadonlySet<string> = new Set([
  ...AFTER_CONFIRMED,
  ...NOT_BOUGHT,
  ...UNFINISHED,
]);
