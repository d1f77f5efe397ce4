/** A soak: half the asked rate for as long as it is asked to last, to see what creeps up. */
import type { Scenario } from '../contract/scenario.ts';
import { buildEveryday, MOSTLY_BUYING } from './everyday.ts';
import type { ScenarioInputs } from './inputs.ts';

const RATE_SHARE = 0.5;

export function buildSoak(inputs: ScenarioInputs): Scenario {
  const { ratePerSec, durationMs } = inputs.profile.load;
  const perSec = ratePerSec * RATE_SHARE;
  return buildEveryday(
    {
      name: 'soak',
      title: 'Soak: half the asked rate, for as long as you like',
      looking: MOSTLY_BUYING,
      warmup: { kind: 'ramp', fromPerSec: perSec / 4, toPerSec: perSec },
      measured: [{ name: 'soak', durationMs, shape: { kind: 'constant', perSec } }],
    },
    inputs,
  );
}
