/** `ecomsim init [kind] [file]`: a commented starter file; never overwrites. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EcomsimError, messageOf } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { starterScenario } from '../config/scenario/starter-scenario.ts';
import { scenarioToYaml } from '../config/scenario/write-scenario.ts';
import { starterProfile } from '../config/starter-profile.ts';
import { starterTarget } from '../config/starter-target.ts';
import { buildScenario, describeScenario } from '../scenarios/registry.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { readProfile } from './run/read-profile.ts';

interface Starter {
  readonly defaultFile: string;
  readonly text: (options: OptionValues, context: CommandContext) => Promise<string>;
  /** What to type next, `file` as a person would type it. */
  readonly next: (file: string) => readonly string[];
}

const STARTERS: Readonly<Record<string, Starter>> = {
  profile: {
    defaultFile: 'profile.yaml',
    text: async () => starterProfile(),
    next: (file) => [`ecomsim validate ${file}`, `ecomsim run flash-sale -p ${asPath(file)}`],
  },
  scenario: {
    defaultFile: 'scenario.yaml',
    text: scenarioText,
    next: (file) => [`ecomsim validate ${file}`, `ecomsim run ${asPath(file)}`],
  },
  target: {
    defaultFile: 'target.yaml',
    text: async () => starterTarget(),
    next: (file) => [
      `ecomsim validate ${file} --probe`,
      `ecomsim run flash-sale -r 10/s -t ${asPath(file)}`,
    ],
  },
};

async function scenarioText(options: OptionValues, context: CommandContext): Promise<string> {
  const { from } = options;
  if (from === undefined) return starterScenario();
  const name = String(from);
  describeScenario(name);
  const profile = await readProfile(options, context);
  const written = scenarioToYaml(await buildScenario(name, { profile, seed: 1 }));
  return (
    `# The built-in scenario ${name} as it is for the profile ${profile.name}. Its rates and lengths\n` +
    `# move with -r and -d. See the docs on scenarios for short forms of all this.\n${written}`
  );
}

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const { kind, file: named } = readArguments(args);
  const starter = STARTERS[kind] as Starter;
  if (options['from'] !== undefined && kind !== 'scenario') {
    throw new EcomsimError(
      'USAGE',
      '--from goes with a scenario: ecomsim init scenario --from spike',
    );
  }
  const file = named ?? starter.defaultFile;
  const text = await starter.text(options, context);
  try {
    await writeFile(path.resolve(context.cwd, file), text, { flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new EcomsimError(
      'OUTPUT_NOT_WRITABLE',
      exists
        ? `${file} exists already and is not overwritten; name another file: ecomsim init ${kind} <file>`
        : `cannot write ${file}: ${messageOf(error)}`,
      { cause: error },
    );
  }
  const next = starter.next(file).map((line) => `  ${line}\n`);
  context.stdout.write(`Wrote ${file}. Next:\n${next.join('')}`);
  return EXIT.pass;
}

/** `init mine.yaml` writes a profile, as it did before there were other kinds. */
function readArguments([first, second]: readonly string[]): {
  readonly kind: string;
  readonly file: string | undefined;
} {
  if (first !== undefined && Object.hasOwn(STARTERS, first)) return { kind: first, file: second };
  if (second === undefined) return { kind: 'profile', file: first };
  throw new EcomsimError(
    'UNKNOWN_NAME',
    `there is no starter "${first}"; known: ${Object.keys(STARTERS).join(', ')}`,
  );
}

/** A bare name without an extension would be looked up among the shipped ones. */
function asPath(file: string): string {
  return /[/.]/.test(file) ? file : `./${file}`;
}
