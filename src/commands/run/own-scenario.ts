/** A scenario from a file of the user's: read, checked and built, with every problem at once. */
import { AUDITED_GOALS } from '../../audit/goals.ts';
import { EcomsimError } from '../../base/errors.ts';
import { formatProblems, type Problem } from '../../config/problem.ts';
import { type LoadedScenario, loadScenarioFile } from '../../config/scenario/scenario-file.ts';
import type { Profile } from '../../contract/profile.ts';
import type { Scenario } from '../../contract/scenario.ts';
import type { ScenarioDraft } from '../../contract/scenario-draft.ts';
import { buildClosed } from '../../scenarios/closed-model.ts';
import type { ScenarioInputs } from '../../scenarios/inputs.ts';
import { journeyPresetNames } from '../../scenarios/journey-presets.ts';
import { buildOwnScenario, draftProblems } from '../../scenarios/own-scenario.ts';
import { RETRY_PRESETS, type RetryPreset } from '../../scenarios/retry-presets.ts';

export interface OwnScenarioRequest {
  /** As the user named it. */
  readonly file: string;
  readonly cwd: string;
  readonly inputs: ScenarioInputs;
  /** Whether the profile's rate and duration were asked for, and not just its own. */
  readonly isRateAsked: boolean;
  readonly isDurationAsked: boolean;
  /** `--vus`; null when it was not given. */
  readonly usersAsked: number | null;
}

export interface OwnScenario {
  readonly scenario: Scenario;
  /** With the rate and the lengths that the scenario has. */
  readonly profile: Profile;
}

const RETRIES = Object.fromEntries(
  Object.values<RetryPreset>(RETRY_PRESETS).map(({ name, policy }) => [name, policy ?? null]),
);

/** A path rather than the name of a built-in scenario: it has a slash or an extension. */
export function isScenarioFile(nameOrPath: string): boolean {
  return /[/\\]/.test(nameOrPath) || /\.(?:ya?ml|json)$/i.test(nameOrPath);
}

/** Throws INVALID_FILE with every problem. */
export async function readOwnScenario(request: OwnScenarioRequest): Promise<OwnScenario> {
  const { file, inputs } = request;
  const loaded = await load(request);
  const problems = problemsOf(loaded, inputs);
  const { draft } = loaded;
  if (draft === undefined || problems.length > 0) throw invalidScenario(file, problems);
  const scenario = await build(draft, request);
  const isOpen = scenario.model?.kind !== 'closed' && inputs.stages === undefined;
  const { load: asked } = inputs.profile;
  return {
    scenario,
    profile: {
      ...inputs.profile,
      load: {
        ...asked,
        ratePerSec: isOpen ? draft.peakPerSec : asked.ratePerSec,
        durationMs: totalMs(scenario, true),
        warmupMs: totalMs(scenario, false),
      },
    },
  };
}

/** With virtual users where they were asked for and the file does not count in them itself. */
async function build(
  draft: ScenarioDraft,
  { inputs, usersAsked }: OwnScenarioRequest,
): Promise<Scenario> {
  const { users, ...open } = inputs;
  const { model } = draft;
  if (users === undefined || (model.kind === 'closed' && usersAsked !== null)) {
    return buildOwnScenario(draft, open);
  }
  const asOpen: ScenarioDraft = { ...draft, model: { kind: 'open' } };
  const built = await buildClosed(async (each) => buildOwnScenario(asOpen, each), inputs, users);
  if (model.kind === 'open' || built.model?.kind !== 'closed') return built;
  return { ...built, model: { ...built.model, pauseBetween: model.pauseBetween } };
}

/** For a run whose profile is of no use: what is wrong with the scenario beside that. */
export async function scenarioFileProblems(request: OwnScenarioRequest): Promise<Problem[]> {
  return problemsOf(await load(request), request.inputs);
}

export function invalidScenario(file: string, problems: readonly Problem[]): EcomsimError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new EcomsimError('INVALID_FILE', `${file} has ${count}:`, {
    details: formatProblems(problems),
  });
}

function load(request: OwnScenarioRequest): Promise<LoadedScenario> {
  const { file, cwd, inputs, isRateAsked, isDurationAsked, usersAsked } = request;
  const { ratePerSec, durationMs } = inputs.profile.load;
  const source = isRateAsked ? '--rate' : inputs.stages === undefined ? undefined : '--stage';
  return loadScenarioFile(file, cwd, {
    rate: source === undefined ? null : { perSec: ratePerSec, source },
    users: usersAsked,
    durationMs: isDurationAsked ? durationMs : null,
    profilePeak: ratePerSec,
    presets: journeyPresetNames,
    retries: RETRIES,
    goals: AUDITED_GOALS.map(({ name }) => name),
  });
}

function problemsOf(loaded: LoadedScenario, inputs: ScenarioInputs): Problem[] {
  if (loaded.draft === undefined) return [...loaded.problems];
  return loaded.withProblems(draftProblems(loaded.draft, inputs));
}

function totalMs({ phases }: Scenario, measured: boolean): number {
  return phases.reduce(
    (sum, phase) => sum + (phase.measured === measured ? phase.durationMs : 0),
    0,
  );
}
