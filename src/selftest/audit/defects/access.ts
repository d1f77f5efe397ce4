/** Defects of who may see and do what. */
import { customerIdOf } from '../../../contract/customer.ts';
import type { OrdersService } from '../../../reference-system/services.ts';
import type { Defect } from '../defect.ts';

/** The owner of each order that went by, as a shop without owner checks would act for them. */
class Owners {
  readonly #ofOrder = new Map<string, string>();

  watched(real: OrdersService): Pick<OrdersService, 'order'> {
    return {
      order: async (customer, key, request) => {
        const answer = await real.order(customer, key, request);
        this.#ofOrder.set(answer.order.id, customer);
        return answer;
      },
    };
  }

  ofOrder(id: string, otherwise: string): string {
    return this.#ofOrder.get(id) ?? otherwise;
  }
}

export const ACCESS_DEFECTS: readonly Defect[] = [
  {
    id: 'anybody-reads-orders',
    text: 'whoever knows the id of an order can read it',
    invariant: 'A1',
    plant: () => ({
      orders: (real) => {
        const owners = new Owners();
        return {
          ...real,
          ...owners.watched(real),
          byId: (customer, id) => real.byId(owners.ofOrder(id, customer), id),
        };
      },
    }),
  },
  {
    id: 'anybody-cancels-orders',
    text: 'whoever knows the id of an order can cancel it',
    invariant: 'A1',
    traffic: { archiveAfterMs: null },
    plant: () => ({
      orders: (real) => {
        const owners = new Owners();
        return {
          ...real,
          ...owners.watched(real),
          cancel: (customer, id) => real.cancel(owners.ofOrder(id, customer), id),
        };
      },
    }),
  },
  {
    id: 'anybody-pays-checkouts',
    text: 'an order can be placed for the checkout of another customer',
    invariant: 'A1',
    plant: () => ({
      procedures: {
        orders: (real, db) => {
          const take = db.prepare('UPDATE checkouts SET customer = ? WHERE id = ?');
          return {
            claim: (args) => {
              const reply = real['claim']?.(args) as readonly [string];
              if (reply[0] !== 'not_found') return reply;
              take.run(args[0], args[3]);
              return real['claim']?.(args);
            },
          };
        },
      },
    }),
  },
  {
    id: 'keys-of-others-read',
    text: 'an order is found by its key, whoever asks',
    invariant: 'A1',
    plant: () => ({
      orders: (real) => {
        const owners = new Map<string, string>();
        return {
          ...real,
          order: (customer, key, request) => {
            owners.set(key, customer);
            return real.order(customer, key, request);
          },
          byKey: (customer, key) => real.byKey(owners.get(key) ?? customer, key),
        };
      },
    }),
  },
  {
    id: 'cart-loses-updates',
    text: 'of two units put into a cart at the same time one is lost',
    invariant: 'O8',
    traffic: { cartShare: 0.4 },
    plant: () => ({
      rewrites: [
        {
          store: 'cart',
          from: 'quantity = quantity + excluded.quantity',
          to: 'quantity = max(quantity, excluded.quantity)',
        },
      ],
    }),
  },
  {
    id: 'cart-keeps-what-is-taken-out',
    text: 'taking an item out of the cart has no effect',
    invariant: 'O8',
    traffic: { cartShare: 0.4 },
    plant: () => ({
      rewrites: [
        {
          store: 'cart',
          from: 'DELETE FROM cart_lines WHERE customer = ? AND sku = ?',
          to: "DELETE FROM cart_lines WHERE customer = ? AND sku = ? AND sku = ''",
        },
      ],
    }),
  },
  {
    id: 'cart-not-emptied',
    text: 'what was bought stays in the cart',
    invariant: 'O8',
    plant: () => ({
      rewrites: [
        {
          store: 'cart',
          from: 'DELETE FROM cart_lines WHERE customer = ? AND touched <= ?',
          to: "DELETE FROM cart_lines WHERE customer = ? AND touched <= ? AND sku = ''",
        },
      ],
    }),
  },
  {
    id: 'carts-mixed-up',
    text: 'every third customer shares the cart of another',
    invariant: 'O8',
    traffic: { cartShare: 0.6 },
    plant: () => ({
      cart: (real) => {
        const cartOf = (customer: string): string =>
          Number(customer.slice(2)) % 3 === 0 ? customerIdOf(0) : customer;
        return {
          ...real,
          put: (customer, line) => real.put(cartOf(customer), line),
          view: (customer) => real.view(cartOf(customer)),
        };
      },
    }),
  },
];
