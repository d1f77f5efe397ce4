/** A spike: everyday traffic, five times as much from one instant to the next, and back again. */
import type { Scenario } from '../contract/scenario.ts';
import { buildEveryday, MOSTLY_BUYING } from './everyday.ts';
import type { ScenarioInputs } from './inputs.ts';

/** The asked rate is that of the spike, which is so many times the everyday rate. */
const FACTOR = 5;
/** Shares of the whole duration. */
const BEFORE_SHARE = 0.35;
const SPIKE_SHARE = 0.2;

export function buildSpike(inputs: ScenarioInputs): Scenario {
  const { ratePerSec, durationMs } = inputs.profile.load;
  const beforeMs = Math.round(durationMs * BEFORE_SHARE);
  const spikeMs = Math.round(durationMs * SPIKE_SHARE);
  const everyday = { kind: 'constant', perSec: ratePerSec / FACTOR } as const;
  return buildEveryday(
    {
      name: 'spike',
      title: 'Spike: everyday traffic, five times as much at once, and back',
      looking: MOSTLY_BUYING,
      warmup: { kind: 'ramp', fromPerSec: everyday.perSec / 4, toPerSec: everyday.perSec },
      measured: [
        { name: 'before', durationMs: beforeMs, shape: everyday },
        { name: 'spike', durationMs: spikeMs, shape: { kind: 'constant', perSec: ratePerSec } },
        { name: 'after', durationMs: durationMs - beforeMs - spikeMs, shape: everyday },
      ],
    },
    inputs,
  );
}
