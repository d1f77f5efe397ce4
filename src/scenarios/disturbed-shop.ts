/** An everyday shop whose payments are disturbed for a while: before, meanwhile, and after. */
import type { PaymentBehaviour, Profile } from '../contract/profile.ts';
import type { Disturbance, Journey, Phase, Population } from '../contract/scenario.ts';
import { browseJourney } from './browse-journey.ts';
import type { Composition } from './compose.ts';
import { shopperJourney } from './flash-sale-journeys.ts';
import type { ScenarioInputs } from './inputs.ts';
import { type Mix, phasesOf } from './measured-phases.ts';
import { startOf } from './sale-crowd.ts';
import { paceOf } from './think-times.ts';

/** Share of sessions that come for an item on offer rather than by popularity. */
const OFFER_SHARE = 0.15;
/** Only until the shop has opened, in the first instants of the load. */
const POLL_MS = 300;

export interface DisturbancePlan {
  /** Of the disturbance and of its phase. */
  readonly name: string;
  /** Shares of the measured time. */
  readonly from: number;
  readonly until: number;
  readonly payment: PaymentBehaviour;
  /** Weights of the arrivals all the time. */
  readonly mix: Mix;
}

export interface DisturbedLoad {
  readonly phases: readonly Phase[];
  readonly disturbances: readonly Disturbance[];
}

/** The asked rate all the time, so that nothing but the disturbance makes a difference. */
export function disturbedLoad(plan: DisturbancePlan, inputs: ScenarioInputs): DisturbedLoad {
  const { ratePerSec, durationMs } = inputs.profile.load;
  const shape = { kind: 'constant', perSec: ratePerSec } as const;
  const fromMs = Math.round(durationMs * plan.from);
  const untilMs = Math.round(durationMs * plan.until);
  const { mix } = plan;
  const phases = phasesOf(
    {
      warmup: { kind: 'ramp', fromPerSec: ratePerSec / 4, toPerSec: ratePerSec },
      warmupMix: mix,
      measured: [
        { name: 'before', durationMs: fromMs, shape, mix },
        { name: plan.name, durationMs: untilMs - fromMs, shape, mix },
        { name: 'after', durationMs: durationMs - untilMs, shape, mix },
      ],
      stagesMix: mix,
    },
    inputs,
  );
  const startMs = startOf(
    phases,
    phases.find(({ measured }) => measured),
  );
  const measuredMs = startOf(phases, undefined) - startMs;
  const disturbance: Disturbance = {
    name: plan.name,
    atMs: startMs + Math.round(measuredMs * plan.from),
    untilMs: startMs + Math.round(measuredMs * plan.until),
    payment: plan.payment,
  };
  return { phases, disturbances: [disturbance] };
}

export function everydayJourneys(profile: Profile): Journey[] {
  const pace = paceOf(profile.load.durationMs);
  return [browseJourney(pace), shopperJourney({ pollMs: POLL_MS, presaleMs: 0, pace })];
}

export const BROWSER: Population = {
  name: 'browser',
  journey: 'browse',
  hotShare: OFFER_SHARE,
  accounts: { kind: 'own' },
};

export const SHOPPER: Population = {
  name: 'shopper',
  journey: 'browse-and-buy',
  hotShare: OFFER_SHARE,
  accounts: { kind: 'own' },
};

/** Everything is on sale from the start and nothing runs out. */
export const EVERYDAY_STOCK: Pick<Composition, 'opensAtMs' | 'stock'> = {
  opensAtMs: 0,
  stock: { kind: 'ample' },
};
