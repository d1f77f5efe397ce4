/** Which traffic a run is about: a scenario by name or from a file, for its profile and target. */
import path from 'node:path';
import { EcomsimError } from '../../base/errors.ts';
import { formatProblems } from '../../config/problem.ts';
import type { Profile } from '../../contract/profile.ts';
import type { Scenario } from '../../contract/scenario.ts';
import type { ScenarioInputs } from '../../scenarios/inputs.ts';
import { buildScenario } from '../../scenarios/registry.ts';
import { withWaitingRoom } from '../../scenarios/waiting-room.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { fitScenario, type LiveReading } from './live-setup.ts';
import type { LoadModelReading } from './load-model.ts';
import { optionTexts as texts } from './option-values.ts';
import { isScenarioFile, readOwnScenario, scenarioFileProblems } from './own-scenario.ts';
import { readProfile } from './read-profile.ts';

export interface ScenarioQuestion {
  readonly options: OptionValues;
  readonly context: CommandContext;
  readonly seed: number;
  readonly model: LoadModelReading;
  /** The target file, when the run is against one, with what is wrong with it. */
  readonly live?: LiveReading & { readonly targetFile: string };
}

interface ScenarioReading {
  readonly scenario: Scenario;
  readonly profile: Profile;
}

/** The scenario, built in or from a file, fitted to the target, and the profile as it applies. */
export async function readScenario(
  name: string,
  question: ScenarioQuestion,
): Promise<ScenarioReading> {
  const { live, context } = question;
  const reading = await readUnfitted(name, question);
  if (live?.file === undefined) {
    return { ...reading, scenario: withWaitingRoom(reading.scenario, reading.profile) };
  }
  const scenario = await fitScenario(reading.scenario, live.targetFile, live.file, context);
  return { ...reading, scenario };
}

async function readUnfitted(
  name: string,
  { options, context, seed, model, live }: ScenarioQuestion,
): Promise<ScenarioReading> {
  const inputsOf = (profile: Profile): ScenarioInputs => ({
    profile,
    seed,
    ...model.inputsFor(profile),
  });
  if (!isScenarioFile(name)) {
    const profile = await readProfile(options, context, model, live?.problems);
    return { scenario: await buildScenario(name, inputsOf(profile)), profile };
  }
  const request = {
    file: path.normalize(name),
    cwd: context.cwd,
    isRateAsked: isAsked('rate', 'ECOMSIM_LOAD_RATE', { options, context }),
    isDurationAsked: isAsked('duration', 'ECOMSIM_LOAD_DURATION', { options, context }),
    usersAsked: options['vus'] === undefined ? null : Number(options['vus']),
  };
  let profile: Profile;
  try {
    profile = await readProfile(options, context, model, live?.problems);
  } catch (error) {
    if (!(error instanceof EcomsimError && error.code === 'INVALID_FILE')) throw error;
    // Both at once: the scenario is checked beside the default profile.
    const inputs = { profile: await readProfile({}, { ...context, env: {} }), seed };
    const more = await scenarioFileProblems({ ...request, inputs, usersAsked: null });
    throw new EcomsimError('INVALID_FILE', 'there are problems with the input:', {
      details: [...error.details, ...formatProblems(more)],
    });
  }
  return readOwnScenario({ ...request, inputs: inputsOf(profile) });
}

/** Whether a field of the load was asked for beside the profile's file. */
function isAsked(
  field: 'rate' | 'duration',
  variable: string,
  { options, context }: Pick<ScenarioQuestion, 'options' | 'context'>,
): boolean {
  const isSet = texts(options, 'set').some((given) => given.trim().startsWith(`load.${field}=`));
  return isSet || options[field] !== undefined || (context.env[variable] ?? '') !== '';
}
