/** Payments stall for a while and nobody has patience: what retries add, and when it is over. */
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
import { RETRY_PRESETS } from './retry-presets.ts';

const BROWSERS = 0.4;
const SHOPPERS = 0.5;
/** The cause lasts a fifth of the time; half of it is left to see how long the effect does. */
const FROM = 0.3;
const UNTIL = 0.5;
/** Times the patience of a client: most payments are still open when it tries again. */
const STALL = 1.5;
/** … and the slowest hundredth take so many times the median. */
const SLOWEST = 3;
/** An impatient hand: a second click while the first is still waiting, on the same page. */
const CLICKS = { share: 0.5, gapMs: 200, key: 'same' } as const;

export function buildRetryStorm(inputs: ScenarioInputs): Scenario {
  const { payment } = inputs.profile.system;
  const { policy } = RETRY_PRESETS.stubborn;
  const p50Ms = Math.max(payment.latency.p50Ms, policy.timeoutMs * STALL);
  const { phases, disturbances } = disturbedLoad(
    {
      name: 'stall',
      from: FROM,
      until: UNTIL,
      payment: {
        latency: { p50Ms, p99Ms: p50Ms * SLOWEST },
        declined: payment.declined,
        lostAnswers: payment.lostAnswers,
      },
      mix: {
        browser: BROWSERS,
        shopper: SHOPPERS,
        'double-clicker': 1 - BROWSERS - SHOPPERS,
      },
    },
    inputs,
  );
  const stubborn = { ...SHOPPER, retry: policy };
  return compose(
    {
      name: 'retry-storm',
      title: 'Retry storm: payments stall, and everybody tries again at once',
      phases,
      journeys: everydayJourneys(inputs.profile),
      populations: () => [
        { ...BROWSER, retry: policy },
        stubborn,
        { ...stubborn, name: 'double-clicker', doubleClick: CLICKS },
      ],
      ...EVERYDAY_STOCK,
      disturbances,
      goals: ['order_confirmed', 'drain_probe_done'],
    },
    inputs,
  );
}
