/** The funnel of a drop: nobody browses; from the product's live stock straight to the checkout. */
import type { Journey } from '../../contract/scenario.ts';
import { lookAgain } from '../flash-sale-journeys.ts';
import { waitingForOutcome } from '../status-polling.ts';
import { around, paceOf } from '../think-times.ts';
import type { Funnel } from './funnel.ts';

/** Looks of somebody who waits for the opening, at the pace below, and what follows them. */
const MAX_STEPS = 400;

function flashDropJourney(durationMs: number): Journey {
  const pace = paceOf(durationMs);
  const reload = around(800 * pace);
  const hurry = around(300 * pace);
  const wanted = { item: 'wanted', quantity: 1 } as const;
  return {
    name: 'flash-drop',
    start: 'look',
    maxSteps: MAX_STEPS,
    steps: {
      look: {
        ...wanted,
        operation: 'viewStock',
        next: [
          { reasons: ['sale_upcoming'], to: 'look', think: reload },
          { reasons: ['in_stock'], to: 'checkout', think: hurry },
          { reasons: ['out_of_stock'], probability: 0.5, to: 'look', think: reload },
          lookAgain('look', reload),
        ],
      },
      checkout: {
        ...wanted,
        operation: 'checkout',
        direct: true,
        next: [
          { outcomes: ['ok'], to: 'order', think: hurry },
          { reasons: ['sold_out'], probability: 0.5, to: 'look', think: reload },
          { reasons: ['sale_closed'], to: 'look', think: reload },
          { outcomes: ['unknown'], probability: 0.5, to: 'checkout', think: reload },
        ],
      },
      order: {
        ...wanted,
        operation: 'order',
        next: [
          { outcomes: ['ok'], reasons: ['accepted'], to: 'status', think: reload },
          { outcomes: ['unknown'], to: 'status', think: reload },
        ],
      },
      status: waitingForOutcome({ step: 'status', poll: reload, order: 'order' }),
    },
  };
}

export const FLASH_DROP_FUNNEL: Funnel = {
  name: 'flash-drop',
  description: 'A drop: no search, no cart; look, check out, pay, and look again when sold out',
  source: 'No page mix of a drop has been published: this is "buy now" with nothing in between',
  unit: 'of pages',
  published: { look: 100 / 3, checkout: 100 / 3, order: 100 / 3 },
  journey: flashDropJourney,
  figures: (visits) => {
    const counts = ['look', 'checkout', 'order'].map(
      (step) => [step, visits.get(step) ?? 0] as const,
    );
    const all = counts.reduce((sum, [, count]) => sum + count, 0);
    return new Map(counts.map(([step, count]) => [step, (count / all) * 100]));
  },
};
