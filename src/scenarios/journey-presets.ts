/** The built-in journeys by name, so that a scenario file can use them without spelling them out. */
import { EcomsimError } from '../base/errors.ts';
import { suggestion } from '../base/nearest-name.ts';
import type { Journey } from '../contract/scenario.ts';
import { browseJourney } from './browse-journey.ts';
import {
  botJourney,
  type JourneyTimes,
  refresherJourney,
  shopperJourney,
} from './flash-sale-journeys.ts';

/** Each journey carries the name that it is listed under. */
const PRESETS: Readonly<Record<string, (times: JourneyTimes) => Journey>> = {
  browse: ({ pace }) => browseJourney(pace),
  'browse-and-buy': shopperJourney,
  'refresh-and-buy': refresherJourney,
  scalp: botJourney,
};

export const journeyPresetNames: readonly string[] = Object.keys(PRESETS);

/** Throws EcomsimError UNKNOWN_NAME with the nearest name. */
export function journeyPreset(name: string, times: JourneyTimes): Journey {
  const build = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (build !== undefined) return build(times);
  throw new EcomsimError(
    'UNKNOWN_NAME',
    `there is no journey "${name}"${suggestion(name, journeyPresetNames)}; ` +
      `known: ${journeyPresetNames.join(', ')}`,
  );
}
