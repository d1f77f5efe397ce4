/** An average web shop of 2019: few add to the cart, fewer check out, and half of those buy. */
import type { Journey } from '../../contract/scenario.ts';
import { lookAgain } from '../flash-sale-journeys.ts';
import { waitingForOutcome } from '../status-polling.ts';
import { around, human, paceOf } from '../think-times.ts';
import type { Funnel } from './funnel.ts';

/** Percent: of sessions that add to the cart, of checkouts that are completed, of carts left. */
const ADD_TO_CART = 5.2;
const CHECKOUT_COMPLETED = 45.2;
const CART_ABANDONED = 68;
/** Orders per cart = checkouts per cart × orders per checkout. */
const CARTS_TO_CHECKOUT = (100 - CART_ABANDONED) / CHECKOUT_COMPLETED;

const MAX_STEPS = 200;

function retailJourney(durationMs: number): Journey {
  const pace = paceOf(durationMs);
  const glance = human(500, pace);
  const read = human(900, pace);
  const browsed = { item: 'browsed', quantity: 1 } as const;
  const wanted = { item: 'wanted', quantity: 1 } as const;
  return {
    name: 'retail-2019',
    start: 'home',
    maxSteps: MAX_STEPS,
    steps: {
      home: {
        ...browsed,
        operation: 'home',
        next: [
          { outcomes: ['ok'], probability: 0.4, to: 'search', think: glance },
          { outcomes: ['ok'], to: 'product', think: glance },
          lookAgain('home', read),
        ],
      },
      search: {
        ...browsed,
        operation: 'search',
        next: [
          { outcomes: ['ok'], probability: 0.2, to: 'search', think: glance },
          { outcomes: ['ok'], to: 'product', think: glance },
          lookAgain('search', read),
        ],
      },
      product: {
        ...browsed,
        operation: 'viewProduct',
        next: [
          { outcomes: ['ok'], probability: 0.4, to: 'product', think: read },
          { outcomes: ['ok'], probability: 0.25, to: 'search', think: read },
          { outcomes: ['ok'], to: 'favourite', think: read },
          lookAgain('product', read),
        ],
      },
      favourite: {
        ...wanted,
        operation: 'viewProduct',
        next: [
          { outcomes: ['ok'], probability: ADD_TO_CART / 100, to: 'cart', think: read },
          { outcomes: ['ok'], to: 'end', think: read },
          lookAgain('favourite', read),
        ],
      },
      cart: {
        ...wanted,
        operation: 'addToCart',
        next: [{ outcomes: ['ok'], to: 'viewCart', think: glance }],
      },
      viewCart: {
        ...wanted,
        operation: 'viewCart',
        next: [
          { outcomes: ['ok'], probability: CARTS_TO_CHECKOUT, to: 'checkout', think: read },
          { outcomes: ['ok'], to: 'end', think: read },
          lookAgain('viewCart', read),
        ],
      },
      checkout: {
        ...wanted,
        operation: 'checkout',
        next: [
          { outcomes: ['ok'], probability: CHECKOUT_COMPLETED / 100, to: 'order', think: read },
          { outcomes: ['unknown'], probability: 0.5, to: 'checkout', think: read },
        ],
      },
      order: {
        ...wanted,
        operation: 'order',
        next: [
          { outcomes: ['ok'], reasons: ['accepted'], to: 'status', think: around(800 * pace) },
          { outcomes: ['unknown'], to: 'status', think: read },
        ],
      },
      status: waitingForOutcome({ step: 'status', poll: around(800 * pace), order: 'order' }),
    },
  };
}

export const RETAIL_FUNNEL: Funnel = {
  name: 'retail-2019',
  description: 'Average web shop: 5.2 % of sessions fill a cart, 45.2 % of checkouts are completed',
  source:
    'Littledata, October 2019 (564 and 543 shops): add to cart, checkout completion; ' +
    'carts abandoned: 68 % on average (Analytics Pack)',
  unit: 'of sessions',
  published: {
    'add to cart': ADD_TO_CART,
    'checkouts completed (of checkouts)': CHECKOUT_COMPLETED,
    'carts abandoned (of carts)': CART_ABANDONED,
  },
  journey: retailJourney,
  figures: (visits) => {
    const [carts = 0, checkouts = 0, orders = 0] = ['cart', 'checkout', 'order'].map((step) =>
      visits.get(step),
    );
    return new Map([
      ['add to cart', carts * 100],
      ['checkouts completed (of checkouts)', (orders / checkouts) * 100],
      ['carts abandoned (of carts)', (1 - orders / carts) * 100],
    ]);
  },
};
