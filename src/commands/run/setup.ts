/** Everything a run needs, read and checked before anything is started. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { AboveCalibration } from '../../analysis/result-parts.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import { suggestion } from '../../base/nearest-name.ts';
import { readCalibration } from '../../config/calibration-file.ts';
import type { PlannedFault } from '../../contract/fault.ts';
import type { HistoryScope } from '../../contract/load.ts';
import { OPERATION_NAMES } from '../../contract/operation.ts';
import type { Profile } from '../../contract/profile.ts';
import type { Scenario } from '../../contract/scenario.ts';
import type { Target } from '../../contract/target.ts';
import { planFaults } from '../../faults/plan-faults.ts';
import { resolveReporter } from '../../reporters/registry.ts';
import { plannedRequestsPerSec } from '../../scenarios/planned-requests.ts';
import { describeScenario } from '../../scenarios/registry.ts';
import { createTarget } from '../../targets/target-registry.ts';
import { checkThresholdNames, tightestLatencyMs } from '../../thresholds/evaluate.ts';
import { parseThreshold } from '../../thresholds/parse.ts';
import type { Threshold } from '../../thresholds/threshold.ts';
import { wantsColor } from '../color.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { type ClientFlags, readClientFlags } from './client-flags.ts';
import { refuseImpossible, thisMachine } from './fits-machine.ts';
import { assertCanIntervene } from './interventions.ts';
import { openLiveTarget, readLiveFile, refuseStrayFlags, targetFileOf } from './live-setup.ts';
import { readLoadModel } from './load-model.ts';
import { optionText as text, optionTexts as texts } from './option-values.ts';
import { isScenarioFile } from './own-scenario.ts';
import { readScenario } from './read-scenario.ts';
import { machineFacts } from './run-facts.ts';

export interface RunSetup {
  readonly profile: Profile;
  readonly scenario: Scenario;
  readonly target: Target;
  readonly client: ClientFlags;
  /** In order of time. */
  readonly faults: readonly PlannedFault[];
  readonly thresholds: readonly Threshold[];
  readonly tightestThresholdMs: number | null;
  readonly workers: number;
  /** Of this run's flags, beside those of the profile. */
  readonly askedThresholds: readonly string[];
  /** Driven as a target file says: not started, seeded or measured by us. */
  readonly isLive: boolean;
  /** `--insecure`. */
  readonly insecure: boolean;
  readonly history: HistoryScope;
  readonly aboveCalibration: AboveCalibration | null;
  readonly outs: readonly { readonly format: string; readonly path: string }[];
  readonly reportsDir: string;
  readonly quiet: boolean;
  readonly color: boolean;
}

const DEFAULT_SEED = 1;
const MAX_WORKERS = 64;

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

/** Each is known to be well written; whether it fits, only the length of the load tells. */
function readFaults(profile: Profile, scenario: Scenario): readonly PlannedFault[] {
  const startOf = scenario.phases.findIndex(({ measured }) => measured);
  const lengthMs = (phases: Scenario['phases']): number =>
    phases.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const { faults, problems } = planFaults({
    texts: profile.faults ?? [],
    seed: scenario.seed,
    loadMs: lengthMs(scenario.phases),
    interestingFromMs: Math.max(
      lengthMs(scenario.phases.slice(0, startOf)),
      scenario.sale.opensAtMs,
    ),
    payment: profile.system.payment,
  });
  if (problems.length === 0) return faults;
  throw new EcomsimError('INVALID_VALUE', 'a fault does not fit into this run:', {
    details: problems,
  });
}

/** Null where nothing speaks against the plan: within what was calibrated, or never calibrated. */
async function compareWithCalibration(
  scenario: Scenario,
  workers: number,
  { env }: CommandContext,
): Promise<AboveCalibration | null> {
  const known = await readCalibration(env, machineFacts());
  if (known === undefined) return null;
  const plannedPerSec = plannedRequestsPerSec(scenario);
  // Each worker is taken to have a core of its own, as the one that was calibrated.
  const validPerSec = known.validPerSec * workers;
  return plannedPerSec > validPerSec ? { plannedPerSec, validPerSec } : null;
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
  refuseStrayFlags(options);
  const targetFile = targetFileOf(options);
  const live = targetFile === undefined ? undefined : await readLiveFile(targetFile, context);
  const { scenario, profile } = await readScenario(scenarioName, {
    options,
    context,
    seed,
    model,
    ...(targetFile !== undefined && live !== undefined && { live: { targetFile, ...live } }),
  });
  const thresholds = readThresholds(profile, scenario);
  const auto = Math.max(1, machineFacts().cores - 1);
  const wanted = profile.load.workers;
  const workers = Math.min(MAX_WORKERS, wanted === 'auto' ? auto : wanted);
  refuseImpossible(scenario, thisMachine(workers));
  const target =
    live?.file === undefined
      ? await createTarget(profile.target, { system: profile.system, seed, clock: context.clock })
      : await openLiveTarget(live.file, options, context);
  const faults = readFaults(profile, scenario);
  assertCanIntervene(scenario, target, faults);
  return {
    profile,
    scenario,
    faults,
    aboveCalibration: await compareWithCalibration(scenario, workers, context),
    thresholds,
    tightestThresholdMs: tightestLatencyMs(thresholds) ?? null,
    target,
    client: readClientFlags(options, target),
    askedThresholds: texts(options, 'threshold'),
    isLive: live !== undefined,
    insecure: options['insecure'] === true,
    workers,
    history: readHistoryScope(options),
    outs,
    reportsDir: text(options, 'reportsDir') ?? 'reports',
    quiet: options['quiet'] === true,
    color: wantsColor(options, context),
  };
}
