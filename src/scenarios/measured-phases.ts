/** The phases of a load: a warm-up before, then what the scenario or the stages say. */
import type { Phase, RateShape } from '../contract/scenario.ts';
import { type ScenarioInputs, type Stretch, stretchesOf } from './inputs.ts';

export type Mix = Readonly<Record<string, number>>;

export interface PhasePlan {
  /** Before anything is measured; left out when `load.warmup` is 0. */
  readonly warmup: RateShape;
  readonly warmupMix: Mix;
  /** In order; those without length are left out. */
  readonly measured: readonly (Stretch & { readonly mix: Mix })[];
  /** Who comes when stages take the place of `measured`. */
  readonly stagesMix: Mix;
}

export function phasesOf(plan: PhasePlan, { profile, stages }: ScenarioInputs): Phase[] {
  const warmup: Phase = {
    name: 'warmup',
    durationMs: profile.load.warmupMs,
    shape: plan.warmup,
    measured: false,
    mix: plan.warmupMix,
  };
  const measured =
    stages === undefined
      ? plan.measured
      : stretchesOf(stages).map((stretch) => ({ ...stretch, mix: plan.stagesMix }));
  return [warmup, ...measured.map((phase) => ({ ...phase, measured: true }))].filter(
    (phase) => phase.durationMs > 0,
  );
}
