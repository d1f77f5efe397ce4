/**
 * A built-in scenario with virtual users instead of arrivals. It is planned (stock, margins, probes,
 * polling) as the open scenario that it can be at most: users ÷ the shortest that one journey and
 * the pause after it last on average, which is without any response time.
 */
import { assert, defined } from '../base/assert.ts';
import { type Distribution, meanMs } from '../base/distributions.ts';
import { MAX_RATE_PER_SEC } from '../contract/rate-curve/shape-problems.ts';
import type { Phase, RateShape, Scenario } from '../contract/scenario.ts';
import { expectedJourneyOf } from './demand.ts';
import type { ScenarioInputs, Stage, UserStretch } from './inputs.ts';
import { human, paceOf } from './think-times.ts';

/** Between two visits, for unhurried people; short runs are paced like their think times. */
const PAUSE_MEAN_MS = 1000;
/** Before stages, which begin with nobody: enough to warm the target up. */
const WARM_UP_SHARE = 0.1;
/** No answer comes quicker, so journeys without any thinking do not come infinitely often. */
const ANSWER_MIN_MS = 0.1;
/** Beyond it users take turns with fewer accounts each: all are made before the run. */
const ACCOUNTS_MAX = 200_000;

type Build = (inputs: ScenarioInputs) => Promise<Scenario>;

/** `inputs.users` in place of the scenario's own curve; at least one user somewhere in it. */
export async function buildClosed(
  build: Build,
  inputs: ScenarioInputs,
  stretches: readonly UserStretch[],
): Promise<Scenario> {
  const { profile, seed } = inputs;
  const pauseBetween = human(PAUSE_MEAN_MS, paceOf(profile.load.durationMs));
  const peakUsers = stretches.reduce(
    (peak, { fromUsers, toUsers }) => Math.max(peak, fromUsers, toUsers),
    0,
  );
  assert(peakUsers >= 1, 'a closed scenario has users');
  const atRate = (perUserSec: number): Promise<Scenario> => {
    const ratePerSec = Math.min(MAX_RATE_PER_SEC, peakUsers * perUserSec);
    const load = { ...profile.load, ratePerSec };
    return build({
      profile: { ...profile, load },
      seed,
      stages: equalStages(stretches, perUserSec),
    });
  };
  // What people do does not depend on how many there are, so any rate tells how long it takes.
  const draft = await atRate(1 / peakUsers);
  const planned = await atRate(journeysPerUserSec(draft, pauseBetween, stretches));
  return {
    ...planned,
    model: {
      kind: 'closed',
      pauseBetween,
      accountsPerUser: accountsPerUser(planned.phases, pauseBetween, peakUsers),
    },
    phases: phasesOf(planned.phases, stretches),
  };
}

/**
 * Expected journeys of a user per second, at most: by renewal at most t ÷ cycle + 1 in a time t (for
 * cycles that age, as sums of think times do), so that the first one is added as a share.
 */
function journeysPerUserSec(
  draft: Scenario,
  pauseBetween: Distribution,
  stretches: readonly UserStretch[],
): number {
  const cycleMs = Math.min(
    ...draft.phases
      .filter(({ measured }) => measured)
      .map((phase) => cycleOf(phase, draft, pauseBetween)),
  );
  let userMs = 0;
  let comers = 0;
  for (const { durationMs, fromUsers, toUsers } of stretches) {
    userMs += ((fromUsers + toUsers) / 2) * durationMs;
    comers += Math.max(0, toUsers - fromUsers);
  }
  comers += stretches[0]?.fromUsers ?? 0;
  return 1000 / cycleMs + (1000 * comers) / userMs;
}

function cycleOf(phase: Phase, scenario: Scenario, pauseBetween: Distribution): number {
  const { operations, thinkMs } = expectedJourneyOf(phase, scenario);
  return thinkMs + operations * ANSWER_MIN_MS + meanMs(pauseBetween);
}

/** Stages of arrivals, in straight lines from 0, with the areas of the stretches of users. */
function equalStages(stretches: readonly UserStretch[], perUserSec: number): Stage[] {
  let before = 0;
  return stretches.map(({ durationMs, fromUsers, toUsers }) => {
    before = Math.max(0, fromUsers + toUsers - before);
    return { durationMs, perSec: Math.min(MAX_RATE_PER_SEC, before * perUserSec) };
  });
}

/**
 * So many that nobody comes back with the cart of an earlier visit: every journey is followed by a
 * pause, so five standard deviations more than pauses fit into the run are enough for any target.
 */
export function accountsPerUser(
  phases: readonly Phase[],
  pauseBetween: Distribution,
  peakUsers: number,
): number {
  const totalMs = phases.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const pauses = totalMs / meanMs(pauseBetween);
  const enough = Math.ceil(pauses + 5 * Math.sqrt(pauses)) + 2;
  return Math.max(1, Math.min(enough, Math.floor(ACCOUNTS_MAX / peakUsers)));
}

/** The warm-up brings users up; the measured phases are the stretches, one for one. */
function phasesOf(planned: readonly Phase[], stretches: readonly UserStretch[]): Phase[] {
  const first = defined(stretches[0], 'a first stretch');
  const peakUsers = Math.max(...stretches.map(({ toUsers }) => toUsers));
  const warmUsers = first.fromUsers > 0 ? first.fromUsers : Math.ceil(peakUsers * WARM_UP_SHARE);
  const measured = planned.filter((phase) => phase.measured);
  assert(measured.length === stretches.length, 'stages take the place of the measured phases');
  return planned.map((phase) => {
    if (!phase.measured) return { ...phase, shape: line(0, warmUsers) };
    const { name, fromUsers, toUsers } = defined(
      stretches[measured.indexOf(phase)],
      `the stretch of phase ${phase.name}`,
    );
    return { ...phase, name, shape: line(fromUsers, toUsers) };
  });
}

function line(fromUsers: number, toUsers: number): RateShape {
  return fromUsers === toUsers
    ? { kind: 'constant', perSec: toUsers }
    : { kind: 'ramp', fromPerSec: fromUsers, toPerSec: toUsers };
}
