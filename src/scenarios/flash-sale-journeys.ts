/** The three journeys of a flash sale as data: shopper, fast refresher and bot. */
import type { Distribution } from '../base/distributions.ts';
import type { Journey, JourneyStep, Transition } from '../contract/scenario.ts';
import { waitingForOutcome } from './status-polling.ts';
import { around, human, NO_THINK } from './think-times.ts';

export interface JourneyTimes {
  /** Mean time between two looks at the live stock while the sale is still closed. */
  readonly pollMs: number;
  /** Longest wait for the sale: bounds how often a session can look. */
  readonly presaleMs: number;
  /** 1 = unhurried; below 1 everybody thinks faster, so that journeys end in a short run. */
  readonly pace: number;
}

/** Steps beyond the looks before T0 that the longest sensible session takes. */
const STEPS_AFTER_OPENING = 40;

function maxStepsOf(times: JourneyTimes): number {
  return Math.ceil(times.presaleMs / (times.pollMs * 0.6)) + STEPS_AFTER_OPENING;
}

/** A look at the shop that got no answer is repeated half of the time, as people do. */
export function lookAgain(to: string, think: Distribution): Transition {
  return { outcomes: ['refused', 'failed', 'unknown'], probability: 0.5, to, think };
}

/** Refusals that say "not now" rather than "no". */
function tryAgainLater(to: string, think: Distribution): Transition {
  return {
    outcomes: ['refused'],
    reasons: ['contention', 'shed', 'rate_limited'],
    probability: 0.5,
    to,
    think,
  };
}

/** Browses, waits for the opening without hurry, buys from the cart, sometimes walks away. */
export function shopperJourney(times: JourneyTimes): Journey {
  const { pace } = times;
  const glance = human(500, pace);
  const read = human(900, pace);
  return {
    name: 'browse-and-buy',
    start: 'home',
    maxSteps: maxStepsOf(times),
    steps: {
      home: {
        operation: 'home',
        item: 'browsed',
        quantity: 1,
        next: [
          { outcomes: ['ok'], probability: 0.5, to: 'search', think: glance },
          { outcomes: ['ok'], to: 'product', think: glance },
          lookAgain('home', read),
        ],
      },
      search: {
        operation: 'search',
        item: 'browsed',
        quantity: 1,
        next: [
          { outcomes: ['ok'], probability: 0.3, to: 'other', think: glance },
          { to: 'product', think: glance },
        ],
      },
      other: {
        operation: 'viewProduct',
        item: 'browsed',
        quantity: 1,
        next: [{ to: 'product', think: read }],
      },
      product: {
        operation: 'viewProduct',
        item: 'wanted',
        quantity: 1,
        next: [{ outcomes: ['ok'], to: 'stock', think: read }, lookAgain('product', read)],
      },
      stock: {
        operation: 'viewStock',
        item: 'wanted',
        quantity: 1,
        next: [
          { reasons: ['sale_upcoming'], to: 'stock', think: around(times.pollMs * 2) },
          { reasons: ['in_stock'], probability: 0.8, to: 'cart', think: glance },
          { reasons: ['out_of_stock'], probability: 0.3, to: 'stock', think: read },
          lookAgain('stock', read),
        ],
      },
      cart: {
        operation: 'addToCart',
        item: 'wanted',
        quantity: 1,
        next: [
          { outcomes: ['ok'], probability: 0.5, to: 'viewCart', think: glance },
          { outcomes: ['ok'], to: 'checkout', think: glance },
        ],
      },
      viewCart: {
        operation: 'viewCart',
        item: 'wanted',
        quantity: 1,
        next: [{ to: 'checkout', think: glance }],
      },
      ...payingSteps({ pace, abandon: 0.15, form: human(1000, pace), persistence: 0.3 }),
    },
  };
}

/** Reloads the product page until the sale opens, then buys as fast as a hand can. */
export function refresherJourney(times: JourneyTimes): Journey {
  const { pace } = times;
  return {
    name: 'refresh-and-buy',
    start: 'stock',
    maxSteps: maxStepsOf(times),
    steps: {
      stock: {
        operation: 'viewStock',
        item: 'wanted',
        quantity: 1,
        next: [
          { reasons: ['sale_upcoming'], to: 'stock', think: around(times.pollMs) },
          { reasons: ['in_stock'], to: 'cart', think: around(200 * pace) },
          { reasons: ['out_of_stock'], probability: 0.5, to: 'stock', think: around(900 * pace) },
          lookAgain('stock', around(times.pollMs)),
        ],
      },
      cart: {
        operation: 'addToCart',
        item: 'wanted',
        quantity: 1,
        next: [{ outcomes: ['ok'], to: 'checkout', think: around(250 * pace) }],
      },
      ...payingSteps({ pace, abandon: 0.1, form: around(600 * pace), persistence: 0.5 }),
    },
  };
}

interface PayingOptions {
  readonly pace: number;
  /** Share of checkouts that are left: their holds expire. */
  readonly abandon: number;
  /** Time to fill in the payment form. */
  readonly form: Distribution;
  /** Chance of waiting for a freed unit after a sold-out answer. */
  readonly persistence: number;
}

/** From the checkout on, humans behave alike. The cart is kept, so nothing is added twice. */
function payingSteps(options: PayingOptions): Record<string, JourneyStep> {
  const pause = human(1000, options.pace);
  return {
    checkout: {
      operation: 'checkout',
      item: 'wanted',
      quantity: 1,
      next: [
        { outcomes: ['ok'], probability: options.abandon, to: 'end', think: NO_THINK },
        { outcomes: ['ok'], to: 'order', think: options.form },
        {
          outcomes: ['refused'],
          reasons: ['sold_out'],
          probability: options.persistence,
          to: 'recheck',
          think: pause,
        },
        { outcomes: ['refused'], reasons: ['sale_closed'], to: 'recheck', think: pause },
        tryAgainLater('checkout', pause),
        { outcomes: ['unknown'], probability: 0.5, to: 'checkout', think: pause },
      ],
    },
    recheck: {
      operation: 'viewStock',
      item: 'wanted',
      quantity: 1,
      next: [
        { reasons: ['sale_upcoming'], to: 'recheck', think: pause },
        { reasons: ['in_stock'], to: 'checkout', think: around(300 * options.pace) },
        {
          reasons: ['out_of_stock'],
          probability: options.persistence,
          to: 'recheck',
          think: pause,
        },
      ],
    },
    order: {
      operation: 'order',
      item: 'wanted',
      quantity: 1,
      next: [
        {
          outcomes: ['ok'],
          reasons: ['accepted'],
          to: 'status',
          think: around(800 * options.pace),
        },
        { outcomes: ['ok'], probability: 0.3, to: 'status', think: pause },
        {
          outcomes: ['refused'],
          reasons: ['payment_declined', 'checkout_expired'],
          probability: 0.5,
          to: 'checkout',
          think: pause,
        },
        { outcomes: ['unknown'], to: 'status', think: pause },
      ],
    },
    status: waitingForOutcome({
      step: 'status',
      poll: around(800 * options.pace),
      order: 'order',
    }),
  };
}

/** No thinking, no cart: straight to the checkout, again after success, past every limit. */
export function botJourney(times: JourneyTimes): Journey {
  return {
    name: 'scalp',
    start: 'poll',
    maxSteps: maxStepsOf(times),
    steps: {
      poll: {
        operation: 'viewStock',
        item: 'wanted',
        quantity: 1,
        next: [
          { reasons: ['sale_upcoming'], to: 'poll', think: around(times.pollMs * 0.8) },
          { outcomes: ['ok'], to: 'checkout', think: NO_THINK },
          { probability: 0.8, to: 'poll', think: around(times.pollMs * 0.8) },
        ],
      },
      checkout: {
        operation: 'checkout',
        item: 'wanted',
        quantity: 1,
        direct: true,
        next: [
          { outcomes: ['ok'], to: 'order', think: NO_THINK },
          // Ignores "sold out": a hold may expire. Four tries on average.
          { reasons: ['sold_out'], probability: 0.75, to: 'checkout', think: around(200) },
          { reasons: ['limit_reached'], probability: 0.3, to: 'checkout', think: around(100) },
          { reasons: ['sale_closed'], to: 'poll', think: around(times.pollMs * 0.5) },
          { probability: 0.6, to: 'checkout', think: around(250) },
        ],
      },
      order: {
        operation: 'order',
        item: 'wanted',
        quantity: 1,
        next: [
          { outcomes: ['unknown'], to: 'status', think: around(300) },
          { probability: 0.8, to: 'checkout', think: NO_THINK },
        ],
      },
      status: {
        operation: 'orderStatus',
        item: 'wanted',
        quantity: 1,
        next: [{ probability: 0.5, to: 'checkout', think: NO_THINK }],
      },
    },
  };
}
