/** A day of an online shop in one run: quiet nights, an evening peak, and two campaigns. */
import type { Population, RateShape, Scenario, Surge } from '../contract/scenario.ts';
import { compose } from './compose.ts';
import { findFunnel } from './funnels/registry.ts';
import type { ScenarioInputs } from './inputs.ts';
import { type Mix, phasesOf } from './measured-phases.ts';

const OFFER_SHARE = 0.15;

/** Of the asked rate, which the evening's campaign reaches. */
const LOW = 0.15;
const HIGH = 0.6;
/** Shares of the day: busiest at 17:00, quietest at 05:00. */
const HIGH_AT = 17 / 24;
const CAMPAIGNS = [
  { at: 12 / 24, surplus: 0.3, decay: 0.5 / 24 },
  { at: 20.25 / 24, surplus: 0.42, decay: 0.5 / 24 },
];

/** Quarters of the day. In the evening people know what they want; at night they look around. */
const QUARTERS: readonly { readonly name: string; readonly mix: Mix }[] = [
  { name: 'night', mix: { browser: 0.75, shopper: 0.2, buyer: 0.05 } },
  { name: 'morning', mix: { browser: 0.5, shopper: 0.4, buyer: 0.1 } },
  { name: 'afternoon', mix: { browser: 0.35, shopper: 0.45, buyer: 0.2 } },
  { name: 'evening', mix: { browser: 0.25, shopper: 0.47, buyer: 0.25, 'double-clicker': 0.03 } },
];
const WHOLE_DAY: Mix = { browser: 0.45, shopper: 0.39, buyer: 0.15, 'double-clicker': 0.01 };

/** An impatient hand: a second click while the first is still waiting, on the same page. */
const CLICKS = { share: 0.3, gapMs: 200, key: 'same' } as const;

const own = { kind: 'own' } as const;
const POPULATIONS: readonly Population[] = [
  { name: 'browser', journey: 'tpcw-browsing', hotShare: OFFER_SHARE, accounts: own },
  { name: 'shopper', journey: 'tpcw-shopping', hotShare: OFFER_SHARE, accounts: own },
  { name: 'buyer', journey: 'tpcw-ordering', hotShare: OFFER_SHARE, accounts: own },
  {
    name: 'double-clicker',
    journey: 'tpcw-ordering',
    hotShare: OFFER_SHARE,
    accounts: own,
    doubleClick: CLICKS,
  },
];

export function buildMixedDay(inputs: ScenarioInputs): Scenario {
  const { ratePerSec, durationMs } = inputs.profile.load;
  const quarters = QUARTERS.map(({ name, mix }, index) => {
    const fromMs = Math.round((durationMs * index) / QUARTERS.length);
    const untilMs = Math.round((durationMs * (index + 1)) / QUARTERS.length);
    const shape = curveOf({ ratePerSec, durationMs, fromMs, untilMs });
    return { name, durationMs: untilMs - fromMs, shape, mix };
  });
  const phases = phasesOf(
    {
      warmup: { kind: 'constant', perSec: ratePerSec * LOW },
      warmupMix: QUARTERS[0]?.mix ?? WHOLE_DAY,
      measured: quarters,
      stagesMix: WHOLE_DAY,
    },
    inputs,
  );
  return compose(
    {
      name: 'mixed-day',
      title: 'Mixed day: quiet nights, an evening peak, two campaigns',
      phases,
      journeys: ['tpcw-browsing', 'tpcw-shopping', 'tpcw-ordering'].map((name) =>
        findFunnel(name).journey(durationMs),
      ),
      populations: () => POPULATIONS,
      opensAtMs: 0,
      stock: { kind: 'ample' },
      goals: ['order_confirmed', 'drain_probe_done'],
    },
    inputs,
  );
}

/** One sine over the whole day, seen from the start of a part of it. */
function curveOf(part: {
  readonly ratePerSec: number;
  readonly durationMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
}): RateShape {
  const { ratePerSec, durationMs, fromMs, untilMs } = part;
  const spikes: Surge[] = [];
  for (const { at, surplus, decay } of CAMPAIGNS) {
    const atMs = durationMs * at - fromMs;
    if (atMs < 0 || atMs >= untilMs - fromMs) continue;
    spikes.push({ atMs, surplusPerSec: ratePerSec * surplus, decayMs: durationMs * decay });
  }
  return {
    kind: 'diurnal',
    lowPerSec: ratePerSec * LOW,
    highPerSec: ratePerSec * HIGH,
    periodMs: durationMs,
    highAtMs: (durationMs * (HIGH_AT + 1) - fromMs) % durationMs,
    spikes,
  };
}
