/** Buys what a probe has checked out, until that is certain. */
import { confirmsOrder } from './contract-probes.ts';
import { ask, type ProbeParts, pauseBefore } from './probe-calls.ts';

export interface ProbePurchase {
  readonly customer: number;
  readonly item: number;
  readonly key: string;
  readonly checkoutId: string;
}

const TRIES_MAX = 8;

/**
 * '' once the order is surely confirmed, otherwise why not. A checkout that is given up would leave
 * an open hold.
 */
export async function buyCheckout(parts: ProbeParts, purchase: ProbePurchase): Promise<string> {
  const { customer, item, key, checkoutId } = purchase;
  const about = { customer, item, key };
  let last = '';
  for (let retry = 0; retry < TRIES_MAX; retry++) {
    if (retry > 0) {
      await pauseBefore(retry, parts.clock);
      const status = await ask(parts, { operation: 'orderStatus', ...about });
      if (confirmsOrder(status)) return '';
      // Only an order that is surely absent is sent again, and under the same key.
      if (status.reason !== 'not_found') continue;
    }
    const order = await ask(parts, {
      operation: 'order',
      ...about,
      checkoutId,
      quantity: 1,
      instantPayment: true,
    });
    if (confirmsOrder(order)) return '';
    last = `${order.outcome} (${order.reason})`;
  }
  return `an order was never confirmed, last answer ${last}`;
}
