/** The built-in journeys by name, so that a scenario file can use them without spelling them out. */
import { EcomsimError } from '../base/errors.ts';
import { suggestion } from '../base/nearest-name.ts';
import type { Journey } from '../contract/scenario.ts';
import { browseJourney } from './browse-journey.ts';
import { checkerJourney, hoarderJourney, scraperJourney } from './crowd-journeys.ts';
import {
  botJourney,
  type JourneyTimes,
  refresherJourney,
  shopperJourney,
} from './flash-sale-journeys.ts';
import { FUNNELS } from './funnels/registry.ts';
import { durationOfPace } from './think-times.ts';

export interface PresetInputs {
  readonly times: JourneyTimes;
  /** When an unpaid hold ends, the sweep included. */
  readonly holdMs: number;
  /** Units per customer and item. */
  readonly perCustomer: number;
}

/** Each journey carries the name that it is listed under. */
const PRESETS: Readonly<Record<string, (inputs: PresetInputs) => Journey>> = {
  browse: ({ times }) => browseJourney(times.pace),
  'browse-and-buy': ({ times }) => shopperJourney(times),
  'refresh-and-buy': ({ times }) => refresherJourney(times),
  scalp: ({ times }) => botJourney(times),
  hoard: ({ times, holdMs, perCustomer }) => hoarderJourney({ times, holdMs, units: perCustomer }),
  scrape: scraperJourney,
  'check-again': ({ times }) => checkerJourney(times),
  ...Object.fromEntries(
    FUNNELS.map((funnel) => [
      funnel.name,
      ({ times }: PresetInputs) => funnel.journey(durationOfPace(times.pace)),
    ]),
  ),
};

export const journeyPresetNames: readonly string[] = Object.keys(PRESETS);

/** Throws EcomsimError UNKNOWN_NAME with the nearest name. */
export function journeyPreset(name: string, inputs: PresetInputs): Journey {
  const build = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (build !== undefined) return build(inputs);
  throw new EcomsimError(
    'UNKNOWN_NAME',
    `there is no journey "${name}"${suggestion(name, journeyPresetNames)}; ` +
      `known: ${journeyPresetNames.join(', ')}`,
  );
}
