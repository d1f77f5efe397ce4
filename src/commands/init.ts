/** `ecomsim init [file]`: a commented starter profile; never overwrites. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EcomsimError, messageOf } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { starterProfile } from '../config/starter-profile.ts';
import type { CommandContext, OptionValues } from './command.ts';

const DEFAULT_FILE = 'profile.yaml';

export async function execute(
  args: readonly string[],
  _options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const file = args[0] ?? DEFAULT_FILE;
  try {
    await writeFile(path.resolve(context.cwd, file), starterProfile(), { flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new EcomsimError(
      'OUTPUT_NOT_WRITABLE',
      exists
        ? `${file} exists already and is not overwritten; name another file: ecomsim init <file>`
        : `cannot write ${file}: ${messageOf(error)}`,
      { cause: error },
    );
  }
  context.stdout.write(
    `Wrote ${file}. Next:\n  ecomsim validate ${file}\n  ecomsim run flash-sale -p ${asPath(file)}\n`,
  );
  return EXIT.pass;
}

/** A bare name without an extension would be looked up among the shipped profiles. */
function asPath(file: string): string {
  return /[/.]/.test(file) ? file : `./${file}`;
}
