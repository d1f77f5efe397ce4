/** `ecomsim init [what] [file]`: a commented starter file; never overwrites. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EcomsimError, messageOf } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { starterProfile } from '../config/starter-profile.ts';
import { starterTarget } from '../config/starter-target.ts';
import type { CommandContext, OptionValues } from './command.ts';

interface Starter {
  readonly defaultFile: string;
  readonly text: () => string;
  /** How it is used, `file` as a person would type it. */
  readonly next: (file: string) => readonly string[];
}

const STARTERS: Readonly<Record<string, Starter>> = {
  profile: {
    defaultFile: 'profile.yaml',
    text: starterProfile,
    next: (file) => [`ecomsim validate ${file}`, `ecomsim run flash-sale -p ${asPath(file)}`],
  },
  target: {
    defaultFile: 'target.yaml',
    text: starterTarget,
    next: (file) => [
      `ecomsim validate ${file} --probe`,
      `ecomsim run flash-sale -r 10/s -t ${asPath(file)}`,
    ],
  },
};

export async function execute(
  args: readonly string[],
  _options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const [first, second] = args;
  const isWhat = first !== undefined && Object.hasOwn(STARTERS, first);
  if (second !== undefined && !isWhat) {
    const names = Object.keys(STARTERS).join(', ');
    throw new EcomsimError('USAGE', `cannot write a starter for "${first}"; known: ${names}`);
  }
  const starter = STARTERS[isWhat ? first : 'profile'] as Starter;
  const file = (isWhat ? second : first) ?? starter.defaultFile;
  await writeNew(file, starter.text(), context.cwd);
  const next = starter.next(file).map((line) => `  ${line}\n`);
  context.stdout.write(`Wrote ${file}. Next:\n${next.join('')}`);
  return EXIT.pass;
}

async function writeNew(file: string, text: string, cwd: string): Promise<void> {
  try {
    await writeFile(path.resolve(cwd, file), text, { flag: 'wx' });
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
}

/** A bare name without an extension would be looked up among the shipped profiles. */
function asPath(file: string): string {
  return /[/.]/.test(file) ? file : `./${file}`;
}
