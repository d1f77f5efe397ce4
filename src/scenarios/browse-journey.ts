/** The journey of a visitor who looks around, compares, and leaves without buying. */
import type { Journey } from '../contract/scenario.ts';
import { lookAgain } from './flash-sale-journeys.ts';
import { human } from './think-times.ts';

const MAX_STEPS = 60;

/** `pace`: 1 = unhurried; below 1 everybody thinks faster. Four to five pages on average. */
export function browseJourney(pace: number): Journey {
  const glance = human(500, pace);
  const read = human(900, pace);
  return {
    name: 'browse',
    start: 'home',
    maxSteps: MAX_STEPS,
    steps: {
      home: {
        operation: 'home',
        item: 'browsed',
        quantity: 1,
        next: [
          { outcomes: ['ok'], probability: 0.4, to: 'search', think: glance },
          { outcomes: ['ok'], probability: 0.85, to: 'product', think: glance },
          lookAgain('home', read),
        ],
      },
      search: {
        operation: 'search',
        item: 'browsed',
        quantity: 1,
        next: [
          { probability: 0.2, to: 'search', think: glance },
          { probability: 0.9, to: 'product', think: glance },
        ],
      },
      product: {
        operation: 'viewProduct',
        item: 'browsed',
        quantity: 1,
        next: [
          { outcomes: ['ok'], probability: 0.4, to: 'product', think: read },
          { outcomes: ['ok'], probability: 0.25, to: 'search', think: read },
          { outcomes: ['ok'], probability: 0.5, to: 'wanted', think: read },
          lookAgain('product', read),
        ],
      },
      wanted: {
        operation: 'viewProduct',
        item: 'wanted',
        quantity: 1,
        next: [{ outcomes: ['ok'], probability: 0.5, to: 'stock', think: read }],
      },
      stock: { operation: 'viewStock', item: 'wanted', quantity: 1, next: [] },
    },
  };
}
