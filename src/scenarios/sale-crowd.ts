/** What the sales that grow out of the flash sale share: the wait for T0, its people, its bots. */
import type { Journey, Phase, Population, RateShape } from '../contract/scenario.ts';
import { pollIntervalMs } from './flash-sale.ts';
import {
  botJourney,
  type JourneyTimes,
  refresherJourney,
  shopperJourney,
} from './flash-sale-journeys.ts';
import type { ScenarioInputs, Stretch } from './inputs.ts';
import { type Mix, phasesOf } from './measured-phases.ts';
import { paceOf } from './think-times.ts';

const MAX_PRESALE_MS = 5000;
/** Rates as shares of the peak. */
const PRESALE_RATE = 0.4;
/** Of the arrivals that are not bots, the share that does nothing but refresh. */
export const REFRESHERS = { waiting: 0.6, drop: 0.35, tail: 0.2 };
/** Bots hold accounts for this share of a hot item's units, so that they run into the limit. */
const BOT_ACCOUNTS_SHARE = 0.6;

export interface SalePhases {
  /** Share of the duration before T0; at most five seconds of it. */
  readonly presaleShare: number;
  readonly waitingMix: Mix;
  /** Shares of what is left after the presale; the last one gets the rest. */
  readonly parts: readonly {
    readonly name: string;
    readonly share: number;
    readonly shape: (durationMs: number) => RateShape;
    readonly mix: Mix;
  }[];
  readonly stagesMix: Mix;
}

export interface PlannedSale {
  readonly phases: readonly Phase[];
  readonly opensAtMs: number;
  readonly times: JourneyTimes;
}

/** With stages the sale opens with the first of them. */
export function planSale(sale: SalePhases, inputs: ScenarioInputs): PlannedSale {
  const { ratePerSec, durationMs } = inputs.profile.load;
  const presaleMs = Math.round(Math.min(durationMs * sale.presaleShare, MAX_PRESALE_MS));
  const presaleRate = ratePerSec * PRESALE_RATE;
  const presale = {
    name: 'presale',
    durationMs: presaleMs,
    shape: { kind: 'constant', perSec: presaleRate } as const,
    mix: sale.waitingMix,
  };
  let leftMs = durationMs - presaleMs;
  const parts: (Stretch & { readonly mix: Mix })[] = sale.parts.map((part, index) => {
    const isLast = index === sale.parts.length - 1;
    const partMs = isLast ? leftMs : Math.round((durationMs - presaleMs) * part.share);
    leftMs -= partMs;
    const shape = part.shape(Math.max(1, partMs));
    return { name: part.name, durationMs: partMs, shape, mix: part.mix };
  });
  const phases = phasesOf(
    {
      warmup: { kind: 'ramp', fromPerSec: presaleRate / 4, toPerSec: presaleRate },
      warmupMix: sale.waitingMix,
      measured: [presale, ...parts],
      stagesMix: sale.stagesMix,
    },
    inputs,
  );
  const opensAtMs = startOf(
    phases,
    phases.find(({ name }) => name !== 'warmup' && name !== 'presale'),
  );
  const pollMs = pollIntervalMs(phases, inputs.profile);
  const times = { pollMs, presaleMs: opensAtMs, pace: paceOf(durationMs) };
  return { phases, opensAtMs, times };
}

/** Offset of a phase from the start of the load. */
export function startOf(phases: readonly Phase[], wanted: Phase | undefined): number {
  let atMs = 0;
  for (const phase of phases) {
    if (phase === wanted) break;
    atMs += phase.durationMs;
  }
  return atMs;
}

/** Shoppers, refreshers and scalper bots, named as in the flash sale. */
export function crowdMix(botShare: number, refreshers: number): Mix {
  const people = 1 - botShare;
  return { shopper: people * (1 - refreshers), refresher: people * refreshers, bot: botShare };
}

export function crowdJourneys(times: JourneyTimes): Journey[] {
  return [shopperJourney(times), refresherJourney(times), botJourney(times)];
}

/** The accounts of the bots may own three fifths of the units together, by the purchase limit. */
export function crowd(hotUnitsEach: number, perCustomer: number): Population[] {
  const accounts = Math.max(1, Math.round((BOT_ACCOUNTS_SHARE * hotUnitsEach) / perCustomer));
  return [
    { name: 'shopper', journey: 'browse-and-buy', hotShare: 0.8, accounts: { kind: 'own' } },
    { name: 'refresher', journey: 'refresh-and-buy', hotShare: 0.85, accounts: { kind: 'own' } },
    {
      name: 'bot',
      journey: 'scalp',
      hotShare: 1,
      accounts: { kind: 'pool', size: accounts },
      bot: true,
    },
  ];
}

/** A jump to the peak that has decayed to its base by the end of the phase. */
export function dropTo(basePerSec: number, peakPerSec: number): (durationMs: number) => RateShape {
  const DECAYS = 4;
  return (durationMs) => ({
    kind: 'drop',
    basePerSec,
    peakPerSec,
    decayMs: durationMs / DECAYS,
  });
}
