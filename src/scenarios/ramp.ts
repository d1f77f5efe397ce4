/** A ramp: from hardly anybody to the asked rate in a straight line, to see where it starts to hurt. */
import type { Scenario } from '../contract/scenario.ts';
import { buildEveryday, MOSTLY_BUYING } from './everyday.ts';
import type { ScenarioInputs } from './inputs.ts';

/** Of the asked rate; nothing at all would leave caches and connections cold. */
const START_SHARE = 0.05;

export function buildRamp(inputs: ScenarioInputs): Scenario {
  const { ratePerSec, durationMs } = inputs.profile.load;
  const startPerSec = ratePerSec * START_SHARE;
  return buildEveryday(
    {
      name: 'ramp',
      title: 'Ramp: from hardly anybody to the asked rate',
      looking: MOSTLY_BUYING,
      warmup: { kind: 'constant', perSec: startPerSec },
      measured: [
        {
          name: 'ramp',
          durationMs,
          shape: { kind: 'ramp', fromPerSec: startPerSec, toPerSec: ratePerSec },
        },
      ],
    },
    inputs,
  );
}
