/** The cart: prices are locked when a line is added; a placed order empties what it was made of. */
import type { Clock } from '../../base/clock.ts';
import type { EventConsumer } from '../events/event-log.ts';
import { type Cart, type CartService, type CatalogueService, Refusal } from '../services.ts';
import type { Store } from '../storage/store.ts';
import type { CartRows, PutArgs } from './cart-procedures.ts';

export const MAX_CART_LINES = 50;
export const MAX_LINE_QUANTITY = 100;

export interface CartOptions {
  readonly store: Store;
  readonly catalogue: CatalogueService;
  readonly clock: Clock;
}

export function createCartService({ store, catalogue, clock }: CartOptions): CartService {
  return {
    async put(customer, { sku, quantity }) {
      if (!Number.isSafeInteger(quantity) || quantity < 0 || quantity > MAX_LINE_QUANTITY) {
        throw new Refusal(422, 'cart_limit', { maxQuantity: MAX_LINE_QUANTITY });
      }
      const product = catalogue.product(sku);
      if (product === undefined) throw new Refusal(404, 'not_found', { sku });
      const nowUs = Math.floor(clock.nowUs());
      const args: PutArgs = [
        customer,
        sku,
        quantity,
        product.priceMinor,
        nowUs,
        MAX_CART_LINES,
        MAX_LINE_QUANTITY,
      ];
      const rows = await store.call<CartRows | null>('put', args);
      if (rows === null) {
        const facts = { maxLines: MAX_CART_LINES, maxQuantity: MAX_LINE_QUANTITY };
        throw new Refusal(422, 'cart_limit', facts);
      }
      return cartOf(customer, rows);
    },
    async view(customer) {
      return cartOf(customer, await store.call<CartRows>('view', customer));
    },
    async clear(customer) {
      await store.call('clear', [[customer, Math.floor(clock.nowUs())]]);
    },
  };
}

/** Empties the cart that a confirmed order was made of; lines added since then stay. */
export function createCartConsumer({ store }: { store: Store }): EventConsumer {
  return {
    name: 'cart',
    async consume(events) {
      const customers = events
        .filter((event) => event.type === 'order.confirmed' && event.cartUntilUs > 0)
        .map((event) => [event.customer, event.cartUntilUs] as const);
      if (customers.length > 0) await store.callAdmitted('clear', customers);
    },
  };
}

function cartOf(customer: string, rows: CartRows): Cart {
  let totalMinor = 0;
  const lines = rows.map(([sku, quantity, priceMinor]) => {
    totalMinor += quantity * priceMinor;
    return { sku, quantity, priceMinor };
  });
  return { customer, lines, totalMinor };
}
