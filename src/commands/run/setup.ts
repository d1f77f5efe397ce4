/** Everything a run needs, read and checked before anything is started. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import { suggestion } from '../../base/nearest-name.ts';
import { formatProblems } from '../../config/problem.ts';
import { loadProfile } from '../../config/profile-file.ts';
import type { HistoryScope } from '../../contract/load.ts';
import { OPERATION_NAMES } from '../../contract/operation.ts';
import type { Profile } from '../../contract/profile.ts';
import type { Scenario } from '../../contract/scenario.ts';
import type { Target } from '../../contract/target.ts';
import { resolveReporter } from '../../reporters/registry.ts';
import type { ScenarioInputs } from '../../scenarios/inputs.ts';
import { buildScenario, describeScenario } from '../../scenarios/registry.ts';
import { listStrategies } from '../../targets/reference/strategies.ts';
import { createTarget, targetNames } from '../../targets/target-registry.ts';
import { checkThresholdNames, tightestLatencyMs } from '../../thresholds/evaluate.ts';
import { parseThreshold } from '../../thresholds/parse.ts';
import type { Threshold } from '../../thresholds/threshold.ts';
import { wantsColor } from '../color.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { refuseImpossible, thisMachine } from './fits-machine.ts';
import { assertCanIntervene } from './interventions.ts';
import { type LoadModelReading, readLoadModel } from './load-model.ts';
import { isScenarioFile, readOwnScenario, scenarioFileProblems } from './own-scenario.ts';
import { machineFacts, profilesDir } from './run-facts.ts';

export interface RunSetup {
  readonly profile: Profile;
  readonly scenario: Scenario;
  readonly target: Target;
  readonly thresholds: readonly Threshold[];
  readonly tightestThresholdMs: number | null;
  readonly workers: number;
  readonly history: HistoryScope;
  readonly outs: readonly { readonly format: string; readonly path: string }[];
  readonly reportsDir: string;
  readonly quiet: boolean;
  readonly color: boolean;
}

const DEFAULT_SEED = 1;
const MAX_WORKERS = 64;

function text(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

function texts(options: OptionValues, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** Throws EcomsimError with every problem of the profile and the load model at once. */
export async function readProfile(
  options: OptionValues,
  context: CommandContext,
  model?: LoadModelReading,
): Promise<Profile> {
  const override = (name: string, value: string | undefined): Record<string, string> =>
    value === undefined ? {} : { [name]: value };
  const loaded = await loadProfile({
    nameOrPath: text(options, 'profile') ?? 'laptop',
    profilesDir: profilesDir(),
    overrides: {
      ...override('rate', text(options, 'rate')),
      ...override('duration', text(options, 'duration')),
      ...model?.overrides,
      ...override('strategy', text(options, 'strategy')),
      ...override('target', text(options, 'target')),
      ...override('workers', text(options, 'workers')),
      thresholds: texts(options, 'threshold'),
      set: texts(options, 'set'),
    },
    env: context.env,
    knownStrategies: listStrategies().map(({ name }) => name),
    knownTargets: targetNames,
  });
  const problems = [...(model?.problems ?? []), ...(loaded.ok ? [] : loaded.problems)];
  if (loaded.ok && problems.length === 0) return loaded.profile;
  const count = problems.length;
  throw new EcomsimError(
    'INVALID_FILE',
    count === 1
      ? 'there is a problem with the input:'
      : `there are ${count} problems with the input:`,
    { details: formatProblems(problems) },
  );
}

export function readSeed(options: OptionValues): number {
  const given = text(options, 'seed');
  if (given === undefined) return DEFAULT_SEED;
  const seed = Number(given);
  if (/^\d{1,16}$/.test(given) && Number.isSafeInteger(seed)) return seed;
  throw new EcomsimError(
    'INVALID_VALUE',
    `--seed "${given}" is not a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
  );
}

const HISTORY_SCOPES: readonly HistoryScope[] = ['off', 'writes', 'all'];

function readHistoryScope(options: OptionValues): HistoryScope {
  const given = text(options, 'history') ?? 'writes';
  const scope = HISTORY_SCOPES.find((name) => name === given);
  if (scope !== undefined) return scope;
  throw new EcomsimError(
    'INVALID_VALUE',
    `--history "${given}"${suggestion(given, HISTORY_SCOPES)}; known: ${HISTORY_SCOPES.join(', ')}`,
  );
}

/** Told before anything is started, not after the run that was to fill the file. */
function refuseUnwritable(file: string): void {
  try {
    if (existsSync(file) && statSync(file).isDirectory()) throw new Error('it is a folder');
    accessSync(path.dirname(file), constants.W_OK);
  } catch (error) {
    throw new EcomsimError('OUTPUT_NOT_WRITABLE', `cannot write ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

export function readOuts(options: OptionValues, cwd: string): RunSetup['outs'] {
  return texts(options, 'out').map((given) => {
    const [format, ...rest] = given.split('=');
    const file = rest.join('=');
    if (format === undefined || file === '') {
      throw new EcomsimError('INVALID_VALUE', `--out "${given}" is not <format>=<path>`);
    }
    resolveReporter(format);
    const resolved = path.resolve(cwd, file);
    refuseUnwritable(resolved);
    return { format, path: resolved };
  });
}

/** Parsed already by config; names are checked here because only the scenario knows them. */
function readThresholds(profile: Profile, scenario: Scenario): Threshold[] {
  const names = {
    operations: OPERATION_NAMES,
    populations: scenario.populations.map(({ name }) => name),
    phases: scenario.phases.map(({ name }) => name),
  };
  const thresholds: Threshold[] = [];
  const problems: string[] = [];
  for (const expression of profile.thresholds) {
    const parsed = parseThreshold(expression);
    if (parsed.threshold === undefined) {
      problems.push(`${expression}: ${parsed.problem.message}`);
      continue;
    }
    const problem = checkThresholdNames(parsed.threshold, names);
    if (problem === undefined) thresholds.push(parsed.threshold);
    else problems.push(`${expression}: ${problem}`);
  }
  if (problems.length === 0) return thresholds;
  throw new EcomsimError('INVALID_VALUE', 'a threshold cannot be judged in this scenario:', {
    details: problems,
  });
}

interface ScenarioQuestion {
  readonly options: OptionValues;
  readonly context: CommandContext;
  readonly seed: number;
  readonly model: LoadModelReading;
}

/** The scenario, built in or from a file, and the profile as it applies to it. */
async function readScenario(
  name: string,
  { options, context, seed, model }: ScenarioQuestion,
): Promise<{ readonly scenario: Scenario; readonly profile: Profile }> {
  const inputsOf = (profile: Profile): ScenarioInputs => ({
    profile,
    seed,
    ...model.inputsFor(profile),
  });
  if (!isScenarioFile(name)) {
    const profile = await readProfile(options, context, model);
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
    profile = await readProfile(options, context, model);
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

export async function readSetup(
  scenarioName: string,
  options: OptionValues,
  context: CommandContext,
): Promise<RunSetup> {
  if (!isScenarioFile(scenarioName)) describeScenario(scenarioName);
  const seed = readSeed(options);
  const outs = readOuts(options, context.cwd);
  const model = readLoadModel(options);
  const { scenario, profile } = await readScenario(scenarioName, { options, context, seed, model });
  const thresholds = readThresholds(profile, scenario);
  const auto = Math.max(1, machineFacts().cores - 1);
  const wanted = profile.load.workers;
  const workers = Math.min(MAX_WORKERS, wanted === 'auto' ? auto : wanted);
  refuseImpossible(scenario, thisMachine(workers));
  const target = await createTarget(profile.target, {
    system: profile.system,
    seed,
    clock: context.clock,
  });
  assertCanIntervene(scenario, target);
  return {
    profile,
    scenario,
    thresholds,
    tightestThresholdMs: tightestLatencyMs(thresholds) ?? null,
    target,
    workers,
    history: readHistoryScope(options),
    outs,
    reportsDir: text(options, 'reportsDir') ?? 'reports',
    quiet: options['quiet'] === true,
    color: wantsColor(options, context),
  };
}
