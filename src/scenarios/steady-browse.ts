/** Steady browsing: the asked rate all the time, many who look and few who buy. */
import type { Scenario } from '../contract/scenario.ts';
import { buildEveryday, MOSTLY_LOOKING } from './everyday.ts';
import type { ScenarioInputs } from './inputs.ts';

export function buildSteadyBrowse(inputs: ScenarioInputs): Scenario {
  const { ratePerSec, durationMs } = inputs.profile.load;
  const constant = { kind: 'constant', perSec: ratePerSec } as const;
  return buildEveryday(
    {
      name: 'steady-browse',
      title: 'Steady browsing: a constant rate, many look, few buy',
      looking: MOSTLY_LOOKING,
      warmup: { kind: 'ramp', fromPerSec: ratePerSec / 4, toPerSec: ratePerSec },
      measured: [{ name: 'steady', durationMs, shape: constant }],
    },
    inputs,
  );
}
