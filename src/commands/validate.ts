/** `ecomsim validate <file>`: every problem of a file at once, or what it means; starts nothing. */
import path from 'node:path';
import { EcomsimError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { type FileKind, readFileKind } from '../config/file-kind.ts';
import { formatProblems } from '../config/problem.ts';
import { validateFile } from '../config/profile-file.ts';
import { loadTarget } from '../config/target-file.ts';
import type { TargetFile } from '../contract/target-file.ts';
import { faultProblem } from '../faults/plan-faults.ts';
import { listStrategies } from '../targets/reference/strategies.ts';
import { targetNames } from '../targets/target-registry.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { readOwnScenario } from './run/own-scenario.ts';
import { readProfile } from './run/read-profile.ts';
import { scenarioSummary } from './scenario-summary.ts';

interface Question {
  /** As typed: a path of our own making would name a place that nobody asked about. */
  readonly file: string;
  readonly options: OptionValues;
  readonly context: CommandContext;
}

/** Each answers with the text for a file without problems, or throws INVALID_FILE with them. */
const VALIDATORS: Readonly<Record<FileKind, (question: Question) => Promise<string>>> = {
  profile: async ({ file }) => {
    const problems = await validateFile(file, {
      knownStrategies: listStrategies().map(({ name }) => name),
      faultProblem,
      knownTargets: targetNames,
    });
    if (problems.length > 0) throw invalidFile(file, formatProblems(problems));
    return `${file} is a valid profile. Run it: ecomsim run flash-sale -p ${file}\n`;
  },
  scenario: async ({ file, options, context }) => {
    const profile = await readProfile({ profile: options['profile'] }, { ...context, env: {} });
    const own = await readOwnScenario({
      file,
      cwd: context.cwd,
      inputs: { profile, seed: 1 },
      isRateAsked: false,
      isDurationAsked: false,
      usersAsked: null,
    });
    return (
      `${file} is a valid scenario.\n\n${scenarioSummary(own.scenario)}\n` +
      `Run it: ecomsim run ${/[/.]/.test(file) ? file : `./${file}`}\n`
    );
  },
  target: async ({ file, context }) => {
    const { operations, ledger } = (await readTarget(file, context)).mapping;
    const parts = Object.keys(ledger);
    return (
      `${file} is a valid target file: ${Object.keys(operations).length} operations, ledger ` +
      `${parts.length === 0 ? 'none' : parts.join(', ')}.\n` +
      `Try it: ecomsim validate ${file} --probe\n` +
      `Run it: ecomsim run flash-sale -r 10/s -t ${file}\n`
    );
  },
};

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const file = path.normalize(args[0] ?? '');
  const kind = await readFileKind(path.resolve(context.cwd, file));
  if (options['probe'] === true) {
    if (kind !== 'target') {
      throw new EcomsimError('USAGE', `--probe needs a target file, and ${file} is none`);
    }
    const { probeTarget } = await import('./probe-target.ts');
    return probeTarget(await readTarget(file, context), options, context);
  }
  context.stdout.write(await VALIDATORS[kind]({ file, options, context }));
  return EXIT.pass;
}

async function readTarget(file: string, context: CommandContext): Promise<TargetFile> {
  const loaded = await loadTarget(file, context.env);
  if (!loaded.ok) throw invalidFile(file, formatProblems(loaded.problems));
  return loaded.target;
}

function invalidFile(file: string, details: readonly string[]): EcomsimError {
  const count = details.length === 1 ? 'a problem' : `${details.length} problems`;
  return new EcomsimError('INVALID_FILE', `${file} has ${count}:`, { details });
}
