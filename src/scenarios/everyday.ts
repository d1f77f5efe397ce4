/**
 * The everyday shop: visitors who mostly look, buyers who mostly buy, everything on sale from the
 * start and never short. Scenarios built on it differ in how arrivals come over time.
 */
import { defined } from '../base/assert.ts';
import type { Profile } from '../contract/profile.ts';
import type { Journey, Phase, Population, RateShape, Scenario } from '../contract/scenario.ts';
import { browseJourney } from './browse-journey.ts';
import { generateCatalogue } from './catalogue.ts';
import { expectedSessions, expectedUnits } from './demand.ts';
import { shopperJourney } from './flash-sale-journeys.ts';
import { type ScenarioInputs, type Stretch, stretchesOf } from './inputs.ts';
import { popularityOf, ZIPF_EXPONENT } from './popularity.ts';
import { probeShares } from './probe-shares.ts';
import { paceOf } from './think-times.ts';

const CURRENCY = 'EUR';
/** Share of sessions that come for an item on offer rather than by popularity. */
const OFFER_SHARE = 0.15;
/** Only until the shop has opened, in the first instants of the load. */
const POLL_MS = 300;
/** Fewer expected replays than the share aims at (rounding apart), and there may be none. */
const SURE_REPLAYS = 11.9;

/** Shares of visitors who only look. */
export const MOSTLY_LOOKING = 0.95;
export const MOSTLY_BUYING = 0.4;

export interface EverydayPlan {
  readonly name: string;
  readonly title: string;
  /** Share of arrivals that look without buying; the rest are shoppers. */
  readonly looking: number;
  /** How arrivals come before anything is measured; left out when `load.warmup` is 0. */
  readonly warmup: RateShape;
  /** In order; those without length are left out. */
  readonly measured: readonly Stretch[];
}

export function buildEveryday(plan: EverydayPlan, inputs: ScenarioInputs): Scenario {
  const { profile, seed } = inputs;
  const { durationMs } = profile.load;
  const pace = paceOf(durationMs);
  const phases = phasesOf(plan, inputs);
  const journeys = [browseJourney(pace), shopperJourney({ pollMs: POLL_MS, presaleMs: 0, pace })];
  const unitsOf = unitsByRank(profile, unitsReaching(phases, journeys, 'checkout'));
  const orders = unitsReaching(phases, journeys, 'order');
  const probes = probeShares(orders);
  const required = ['order_confirmed', 'drain_probe_done'];
  return {
    name: plan.name,
    title: plan.title,
    seed,
    currency: CURRENCY,
    catalogue: generateCatalogue({ size: profile.sale.skus, seed, unitsOf }),
    zipfExponent: ZIPF_EXPONENT,
    phases,
    populations: POPULATIONS,
    journeys,
    sale: {
      opensAtMs: 0,
      closesAtMs: null,
      hotItems: Array.from({ length: profile.sale.hotSkus }, (_, rank) => rank),
      demandToStock: 1,
      perCustomer: profile.system.limits.perCustomer,
    },
    probes,
    requiredGoals:
      orders * probes.replay >= SURE_REPLAYS ? [...required, 'replay_answered'] : required,
  };
}

const POPULATIONS: readonly Population[] = [
  { name: 'browser', journey: 'browse', hotShare: OFFER_SHARE, accounts: { kind: 'own' } },
  { name: 'shopper', journey: 'browse-and-buy', hotShare: OFFER_SHARE, accounts: { kind: 'own' } },
];

function phasesOf(plan: EverydayPlan, { profile, stages }: ScenarioInputs): Phase[] {
  const mix = { browser: plan.looking, shopper: 1 - plan.looking };
  const { warmupMs } = profile.load;
  const measured = stages === undefined ? plan.measured : stretchesOf(stages);
  const phases = [
    { name: 'warmup', durationMs: warmupMs, shape: plan.warmup, measured: false, mix },
    ...measured.map((phase) => ({ ...phase, measured: true, mix })),
  ];
  return phases.filter((phase) => phase.durationMs > 0);
}

/** Units that all sessions together take to `operation`, when all goes well. */
function unitsReaching(
  phases: readonly Phase[],
  journeys: readonly Journey[],
  operation: 'checkout' | 'order',
): number {
  const sessions = expectedSessions(phases);
  return POPULATIONS.reduce((sum, { name, journey: journeyName }) => {
    const journey = defined(
      journeys.find((candidate) => candidate.name === journeyName),
      `journey ${journeyName}`,
    );
    return sum + (sessions.get(name) ?? 0) * expectedUnits(journey, operation, 'all');
  }, 0);
}

/**
 * What is expected to reach the checkout, abandoned holds included, five standard deviations of
 * Poisson demand above that, and a few more: nothing is ever short, yet a probe can sell it out.
 */
function unitsByRank(profile: Profile, checkouts: number): (rank: number) => number {
  const { zipf } = popularityOf(profile);
  const { hotSkus } = profile.sale;
  return (rank) => {
    const offered = rank < hotSkus ? OFFER_SHARE / hotSkus : 0;
    const expected = checkouts * (offered + (1 - OFFER_SHARE) * zipf.probability(rank));
    return Math.ceil(expected + 5 * Math.sqrt(expected)) + 5;
  };
}
