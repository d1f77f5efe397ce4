/** A run that has come to its end, and how it is shown: the page, and the files that were asked. */
import { messageOf } from '../../base/errors.ts';
import { EXIT, type ExitCode } from '../../base/exit-codes.ts';
import type { RunResult } from '../../contract/run-result.ts';
import { resolveReporter } from '../../reporters/registry.ts';
import type { CommandContext } from '../command.ts';
import { writeAtomically } from './run-folder.ts';
import type { RunSetup } from './setup.ts';

export interface FinishedRun {
  /** Undefined when a second signal ended it before there was one. */
  readonly result: RunResult | undefined;
  /** Where its folder is, as a person would type it. */
  readonly folder: string;
  /** What could not be written, in plain words. */
  readonly problems: readonly string[];
}

/** Writes the further report files and prints the page; the exit code of the whole command. */
export async function showRun(
  run: FinishedRun,
  { outs, color }: Pick<RunSetup, 'outs' | 'color'>,
  { stdout, stderr }: CommandContext,
): Promise<ExitCode> {
  const { result, folder } = run;
  if (result === undefined) return EXIT.interrupted;
  const problems = [...run.problems];
  for (const { format, path } of outs) {
    const reporter = await resolveReporter(format).load({ columns: 80, color: false });
    await writeAtomically(path, reporter.render(result)).catch((error: unknown) => {
      problems.push(`${path} could not be written: ${messageOf(error)}`);
    });
  }
  const { columns } = stdout;
  const page = await resolveReporter('terminal').load({ columns, color, folder });
  stdout.write(String(page.render(result)));
  if (problems.length === 0) return result.exitCode;
  stderr.write(problems.map((problem) => `ecomsim: ${problem}\n`).join(''));
  // Whoever asked for a file must not go on without it believing that all is well.
  return result.exitCode === EXIT.pass ? EXIT.invalidInput : result.exitCode;
}
