/** The flash sale: waiting and refreshing, the drop at T0, the sold-out tail. */
import type { Profile } from '../contract/profile.ts';
import type { Phase, Population, Scenario } from '../contract/scenario.ts';
import { generateCatalogue } from './catalogue.ts';
import { expectedArrivals, type PlannedDemand, plannedDemand } from './demand.ts';
import {
  botJourney,
  type JourneyTimes,
  refresherJourney,
  shopperJourney,
} from './flash-sale-journeys.ts';
import { type ScenarioInputs, stretchesOf } from './inputs.ts';
import { type Popularity, popularityOf, ZIPF_EXPONENT } from './popularity.ts';
import { probeShares } from './probe-shares.ts';
import { paceOf } from './think-times.ts';

const CURRENCY = 'EUR';

/** Share of the whole duration spent before T0; longer waits only pile up people who poll. */
const PRESALE_SHARE = 0.18;
const MAX_PRESALE_MS = 5_000;
const TAIL_SHARE = 0.25;
/** Rates as shares of the peak. */
const PRESALE_RATE = 0.4;
const TAIL_RATE = 0.2;
/** The drop ends after this many decay times: 98 % of the surplus has gone. */
const DECAYS_IN_DROP = 4;

/** Of the arrivals that are not bots, the share that does nothing but refresh. */
const REFRESHERS = { waiting: 0.6, drop: 0.35, tail: 0.2 };

/** Nobody looks more often than this, and all who wait together look at most … */
const MIN_POLL_MS = 300;
/** … this many times per journey due at the peak: a bound on the load just before T0. */
const LOOKS_PER_PEAK_JOURNEY = 4;

/** Bots hold accounts for this share of a hot item's units, so that they run into the limit. */
const BOT_ACCOUNTS_SHARE = 0.6;

export function buildFlashSale(inputs: ScenarioInputs): Scenario {
  const { profile, seed } = inputs;
  const phases = flashSalePhases(inputs);
  const opensAtMs = phases
    .filter((phase) => phase.name === 'warmup' || phase.name === 'presale')
    .reduce((sum, phase) => sum + phase.durationMs, 0);
  const times: JourneyTimes = {
    pollMs: pollIntervalMs(phases, profile),
    presaleMs: opensAtMs,
    pace: paceOf(profile.load.durationMs),
  };
  const journeys = [shopperJourney(times), refresherJourney(times), botJourney(times)];
  const popularity = popularityOf(profile);
  const demand = plannedDemand({
    phases,
    populations: populationsOf(1),
    journeys,
    hotProbability: popularity.hot,
  });
  const hotUnitsEach = Math.max(
    1,
    Math.round(demand.hotUnits / profile.sale.demandToStock / profile.sale.hotSkus),
  );
  const hotUnits = hotUnitsEach * profile.sale.hotSkus;
  const { perCustomer } = profile.system.limits;
  return {
    name: 'flash-sale',
    title: 'Flash sale: refreshing, the drop, sold out',
    seed,
    currency: CURRENCY,
    catalogue: generateCatalogue({
      size: profile.sale.skus,
      seed,
      unitsOf: unitsByRank({ popularity, demand, hotUnitsEach, hotSkus: profile.sale.hotSkus }),
    }),
    zipfExponent: ZIPF_EXPONENT,
    phases,
    populations: populationsOf(
      Math.max(1, Math.round((BOT_ACCOUNTS_SHARE * hotUnitsEach) / perCustomer)),
    ),
    journeys,
    sale: {
      opensAtMs,
      closesAtMs: null,
      hotItems: Array.from({ length: profile.sale.hotSkus }, (_, rank) => rank),
      demandToStock: profile.sale.demandToStock,
      perCustomer,
    },
    probes: probeShares(Math.min(hotUnits, demand.hotUnits) + demand.otherUnits),
    requiredGoals: requiredGoals(profile),
  };
}

function flashSalePhases({ profile, stages }: ScenarioInputs): Phase[] {
  const { ratePerSec, warmupMs, durationMs } = profile.load;
  const presaleMs = Math.round(Math.min(durationMs * PRESALE_SHARE, MAX_PRESALE_MS));
  const tailMs = Math.round(durationMs * TAIL_SHARE);
  const dropMs = durationMs - presaleMs - tailMs;
  const presaleRate = ratePerSec * PRESALE_RATE;
  const tailRate = ratePerSec * TAIL_RATE;
  const warmup: Phase = {
    name: 'warmup',
    durationMs: warmupMs,
    shape: { kind: 'ramp', fromPerSec: presaleRate / 4, toPerSec: presaleRate },
    measured: false,
    mix: mixOf(profile, REFRESHERS.waiting),
  };
  const mix = mixOf(profile, REFRESHERS.drop);
  const staged = stages && stretchesOf(stages).map((part) => ({ ...part, measured: true, mix }));
  const measured: readonly Phase[] = staged ?? [
    {
      name: 'presale',
      durationMs: presaleMs,
      shape: { kind: 'constant', perSec: presaleRate },
      measured: true,
      mix: mixOf(profile, REFRESHERS.waiting),
    },
    {
      name: 'drop',
      durationMs: dropMs,
      shape: {
        kind: 'drop',
        basePerSec: tailRate,
        peakPerSec: ratePerSec,
        decayMs: dropMs / DECAYS_IN_DROP,
      },
      measured: true,
      mix,
    },
    {
      name: 'tail',
      durationMs: tailMs,
      shape: { kind: 'constant', perSec: tailRate },
      measured: true,
      mix: mixOf(profile, REFRESHERS.tail),
    },
  ];
  return [warmup, ...measured].filter((phase) => phase.durationMs > 0);
}

function mixOf(profile: Profile, refreshers: number): Record<string, number> {
  const bot = profile.sale.botShare;
  return { shopper: (1 - bot) * (1 - refreshers), refresher: (1 - bot) * refreshers, bot };
}

function populationsOf(botAccounts: number): Population[] {
  return [
    { name: 'shopper', journey: 'browse-and-buy', hotShare: 0.8, accounts: { kind: 'own' } },
    { name: 'refresher', journey: 'refresh-and-buy', hotShare: 0.85, accounts: { kind: 'own' } },
    { name: 'bot', journey: 'scalp', hotShare: 1, accounts: { kind: 'pool', size: botAccounts } },
  ];
}

/** Looks of everybody who waits at T0 stay within a fixed multiple of the peak rate. */
export function pollIntervalMs(phases: readonly Phase[], profile: Profile): number {
  let waiting = 0;
  for (const phase of phases) {
    if (phase.name !== 'warmup' && phase.name !== 'presale') continue;
    const polling = (phase.mix['refresher'] ?? 0) + (phase.mix['bot'] ?? 0);
    waiting += expectedArrivals(phase.shape, phase.durationMs) * polling;
  }
  const looksPerSec = profile.load.ratePerSec * LOOKS_PER_PEAK_JOURNEY;
  return Math.round(Math.max(MIN_POLL_MS, (waiting / looksPerSec) * 1000));
}

/**
 * Hot items: planned demand ÷ demandToStock. The rest: four standard deviations of Poisson demand
 * above its mean and a few more, so that they do not run out, yet can be sold out by a probe.
 */
export function unitsByRank(plan: {
  readonly popularity: Popularity;
  readonly demand: PlannedDemand;
  readonly hotUnitsEach: number;
  readonly hotSkus: number;
}): (rank: number) => number {
  const { popularity, demand, hotUnitsEach, hotSkus } = plan;
  return (rank) => {
    if (rank < hotSkus) return hotUnitsEach;
    const share = popularity.zipf.probability(rank) / (1 - popularity.hot);
    const expected = demand.otherUnits * share;
    return Math.ceil(expected + 4 * Math.sqrt(expected)) + 5;
  };
}

/** A sale with more stock than demand is not expected to sell out. */
function requiredGoals(profile: Profile): string[] {
  const always = ['order_confirmed', 'replay_answered', 'drain_probe_done'];
  if (profile.sale.demandToStock < 2) return always;
  return [...always, 'sold_out_seen', 'sold_out_while_held'];
}
