/** What a scenario is built from, and the chain of stages that may take the place of its curve. */
import type { Profile } from '../contract/profile.ts';
import type { RateShape } from '../contract/scenario.ts';

/** A straight line from the rate before it (0 before the first) to `perSec`. */
export interface Stage {
  readonly durationMs: number;
  readonly perSec: number;
}

/** A stretch of a closed run: a straight line from one number of virtual users to another. */
export interface UserStretch {
  readonly name: string;
  readonly durationMs: number;
  readonly fromUsers: number;
  readonly toUsers: number;
}

export interface ScenarioInputs {
  readonly profile: Profile;
  /** Safe integer. */
  readonly seed: number;
  /**
   * In place of the scenario's own measured phases. The profile's rate is then their highest and
   * its duration their sum.
   */
  readonly stages?: readonly Stage[];
  /**
   * In place of arrivals: how many virtual users there are in the measured phases. The profile's
   * duration is then their sum; its rate means nothing.
   */
  readonly users?: readonly UserStretch[];
}

/** A stretch of time with a rate curve; the scenario adds who comes. */
export interface Stretch {
  readonly name: string;
  readonly durationMs: number;
  readonly shape: RateShape;
}

/** `stage-1`, `stage-2` …: thresholds select by these names. */
export function stretchesOf(stages: readonly Stage[]): Stretch[] {
  return stages.map(({ durationMs, perSec }, index) => ({
    name: `stage-${index + 1}`,
    durationMs,
    shape: { kind: 'ramp', fromPerSec: stages[index - 1]?.perSec ?? 0, toPerSec: perSec },
  }));
}

/** Stages of virtual users, named as those of arrivals; 0 before the first. */
export function userStretchesOf(
  stages: readonly { readonly durationMs: number; readonly users: number }[],
): UserStretch[] {
  return stages.map(({ durationMs, users }, index) => ({
    name: `stage-${index + 1}`,
    durationMs,
    fromUsers: stages[index - 1]?.users ?? 0,
    toUsers: users,
  }));
}
