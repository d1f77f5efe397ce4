/** Payments get slow, are declined more often and lose answers for the middle third of the run. */
import type { CallbackOptions } from '../contract/profile.ts';
import type { Scenario } from '../contract/scenario.ts';
import { compose } from './compose.ts';
import {
  BROWSER,
  disturbedLoad,
  EVERYDAY_STOCK,
  everydayJourneys,
  SHOPPER,
} from './disturbed-shop.ts';
import type { ScenarioInputs } from './inputs.ts';

const BROWSERS = 0.4;
/** As many times slower, at most as slow as the shop is willing to wait for one attempt. */
const SLOWER = 10;
/** Declines of online cards in bad times: about a fifth. */
const DECLINED = 0.2;
const LOST_ANSWERS = 0.1;
/** Its messages suffer as well. */
const TROUBLED_CALLBACKS = 0.2;
/** Below this many expected declines there may be none: P(none) < 1e-5. */
const SURE_DECLINES = 12;
/** Of the shoppers, about so many reach the payment. */
const PAYING = 0.6;

function troubled(callbacks: CallbackOptions): CallbackOptions {
  const { lost, late, duplicated } = callbacks;
  return {
    ...callbacks,
    lost: Math.max(lost, TROUBLED_CALLBACKS),
    late: Math.max(late, TROUBLED_CALLBACKS),
    duplicated: Math.max(duplicated, TROUBLED_CALLBACKS),
  };
}

export function buildPaymentBrownout(inputs: ScenarioInputs): Scenario {
  const { load, system } = inputs.profile;
  const { latency, timeoutMs, declined, lostAnswers, callbacks } = system.payment;
  const p50Ms = Math.max(latency.p50Ms, Math.min(latency.p50Ms * SLOWER, timeoutMs / 2));
  const { phases, disturbances } = disturbedLoad(
    {
      name: 'brownout',
      from: 1 / 3,
      until: 2 / 3,
      payment: {
        latency: { p50Ms, p99Ms: Math.max(p50Ms, latency.p99Ms * SLOWER) },
        declined: Math.max(declined, DECLINED),
        lostAnswers: Math.max(lostAnswers, LOST_ANSWERS),
        ...(callbacks !== undefined && { callbacks: troubled(callbacks) }),
      },
      mix: { browser: BROWSERS, shopper: 1 - BROWSERS },
    },
    inputs,
  );
  const shoppers = (load.ratePerSec * load.durationMs * (1 - BROWSERS)) / 3000;
  const goals = ['order_confirmed', 'drain_probe_done'];
  return compose(
    {
      name: 'payment-brownout',
      title: 'Payment brown-out: slow, declined, unanswered for a third of the time',
      phases,
      journeys: everydayJourneys(inputs.profile),
      populations: () => [BROWSER, SHOPPER],
      ...EVERYDAY_STOCK,
      disturbances,
      goals: shoppers * PAYING * DECLINED >= SURE_DECLINES ? [...goals, 'payment_declined'] : goals,
    },
    inputs,
  );
}
