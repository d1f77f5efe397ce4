/** `ecomsim validate <file>`: every problem of a profile or a target file at once. */
import path from 'node:path';
import { EcomsimError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { formatProblems, type Problem } from '../config/problem.ts';
import { validateFile } from '../config/profile-file.ts';
import { isTargetFile, loadTarget } from '../config/target-file.ts';
import { listStrategies } from '../targets/reference/strategies.ts';
import { targetNames } from '../targets/target-registry.ts';
import type { CommandContext, OptionValues } from './command.ts';

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const file = args[0] ?? '';
  // As typed: a path of our own making would name a place that nobody asked about.
  const shown = path.normalize(file);
  if (await isTargetFile(shown)) return validateTarget(shown, options, context);
  if (options['probe'] === true) {
    throw new EcomsimError('USAGE', `--probe needs a target file, and ${shown} is none`);
  }
  const problems = await validateFile(shown, {
    knownStrategies: listStrategies().map(({ name }) => name),
    knownTargets: targetNames,
  });
  if (problems.length > 0) throw invalid(shown, problems);
  context.stdout.write(`${shown} is a valid profile. Run it: ecomsim run flash-sale -p ${shown}\n`);
  return EXIT.pass;
}

async function validateTarget(
  shown: string,
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadTarget(shown, context.env);
  if (!loaded.ok) throw invalid(shown, loaded.problems);
  if (options['probe'] === true) {
    const { probeTarget } = await import('./probe-target.ts');
    return probeTarget(loaded.target, options, context);
  }
  const { operations, ledger } = loaded.target.mapping;
  const parts = Object.keys(ledger);
  context.stdout.write(
    `${shown} is a valid target file: ${Object.keys(operations).length} operations, ledger ` +
      `${parts.length === 0 ? 'none' : parts.join(', ')}.\n` +
      `Try it: ecomsim validate ${shown} --probe\n` +
      `Run it: ecomsim run flash-sale -r 10/s -t ${shown}\n`,
  );
  return EXIT.pass;
}

function invalid(shown: string, problems: readonly Problem[]): EcomsimError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new EcomsimError('INVALID_FILE', `${shown} has ${count}:`, {
    details: formatProblems(problems),
  });
}
