/** The states of an order as a table: whatever is not in it cannot happen. */
import { EcomsimError } from '../../base/errors.ts';

export const ORDER_STATES = [
  'pending',
  'paying',
  'payment_unknown',
  'confirmed',
  'archived',
  'declined',
  'rejected',
  'expired',
  'cancelled',
  'refunding',
  'refunded',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

export const ORDER_MOVES: Readonly<Record<OrderState, readonly OrderState[]>> = {
  pending: ['paying', 'rejected', 'expired', 'cancelled'],
  paying: ['payment_unknown', 'confirmed', 'declined', 'cancelled', 'refunding'],
  payment_unknown: ['confirmed', 'declined', 'cancelled', 'refunding'],
  confirmed: ['archived', 'refunding'],
  archived: [],
  declined: [],
  rejected: [],
  expired: [],
  cancelled: [],
  refunding: ['refunded'],
  refunded: [],
};

/** States in which something is still to be done. */
const OPEN: ReadonlySet<OrderState> = new Set([
  'pending',
  'paying',
  'payment_unknown',
  'refunding',
]);

export function isOpen(state: OrderState): boolean {
  return OPEN.has(state);
}

/** Throws EcomsimError ILLEGAL_TRANSITION. */
export function assertMove(from: OrderState, to: OrderState, orderId: string): void {
  if (ORDER_MOVES[from].includes(to)) return;
  throw new EcomsimError(
    'ILLEGAL_TRANSITION',
    `Order ${orderId} cannot go from ${from} to ${to}; allowed: ${ORDER_MOVES[from].join(', ') || 'nothing'}.`,
  );
}
