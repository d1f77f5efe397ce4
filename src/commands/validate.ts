/** `ecomsim validate <file>`: every problem of a profile at once; nothing is started. */
import path from 'node:path';
import { EcomsimError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { formatProblems } from '../config/problem.ts';
import { validateFile } from '../config/profile-file.ts';
import { listStrategies } from '../targets/reference/strategies.ts';
import { targetNames } from '../targets/target-registry.ts';
import type { CommandContext, OptionValues } from './command.ts';

export async function execute(
  args: readonly string[],
  _options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const file = args[0] ?? '';
  // As typed: a path of our own making would name a place that nobody asked about.
  const shown = path.normalize(file);
  const problems = await validateFile(shown, {
    knownStrategies: listStrategies().map(({ name }) => name),
    knownTargets: targetNames,
  });
  if (problems.length === 0) {
    context.stdout.write(
      `${shown} is a valid profile. Run it: ecomsim run flash-sale -p ${shown}\n`,
    );
    return EXIT.pass;
  }
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  throw new EcomsimError('INVALID_FILE', `${shown} has ${count}:`, {
    details: formatProblems(problems),
  });
}
