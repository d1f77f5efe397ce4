/** Whether the one item that an order is known by is surely in it. */
import type { AcknowledgedOrder } from './acknowledged-orders.ts';
import type { AuditContext } from './context.ts';

/**
 * Of a cart one item is written down; two visits of one customer may have edited it in turn. Without
 * the checkout in the history nobody knows when it was read.
 */
export function isItemSure(
  { carts, evidence }: AuditContext,
  { customer, item, checkoutId }: AcknowledgedOrder,
): boolean {
  const opened = evidence.checkouts.get(checkoutId)?.opened;
  if (opened === undefined) return carts.editsOf(customer).length === 0;
  return carts.surelyCheckedOut(customer, item, opened.invokedUs, opened.doneUs);
}
