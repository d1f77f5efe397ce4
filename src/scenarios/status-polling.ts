/** The page that a shopper reloads while nobody knows yet what became of an order. */
import type { Distribution } from '../base/distributions.ts';
import type { JourneyStep, Transition } from '../contract/scenario.ts';

export interface WaitingOptions {
  /** Its own name in the journey. */
  readonly step: string;
  /** Time between two reloads. */
  readonly poll: Distribution;
  /** Rules for the time after the outcome is known; absent: the session is at its end. */
  readonly after?: readonly Transition[];
  /** The step that places the order, for those who are told that it never arrived. */
  readonly order?: string;
}

/** Chance to reload once more while the payment is open: seven looks on average. */
const PATIENCE = 0.85;

/**
 * Reloads while the payment is open; half of those without an answer try again. Who is told that
 * there is no such order mostly presses "pay" again: with the key it had, so it counts once.
 */
export function waitingForOutcome(options: WaitingOptions): JourneyStep {
  const { step, poll, after = [], order } = options;
  const again: Transition[] =
    order === undefined
      ? []
      : [
          {
            outcomes: ['refused'],
            reasons: ['not_found'],
            probability: 0.7,
            to: order,
            think: poll,
          },
        ];
  return {
    operation: 'orderStatus',
    item: 'wanted',
    quantity: 1,
    next: [
      { outcomes: ['ok'], reasons: ['accepted'], probability: PATIENCE, to: step, think: poll },
      { outcomes: ['ok'], reasons: ['accepted'], to: 'end', think: poll },
      { outcomes: ['unknown'], probability: 0.5, to: step, think: poll },
      ...again,
      ...after,
    ],
  };
}
