/** `ecomsim report <file>`: renders a stored result again, here or into files. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseResult } from '../analysis/parse-result.ts';
import { EcomsimError, messageOf } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import type { RunResult } from '../contract/run-result.ts';
import { resolveReporter } from '../reporters/registry.ts';
import { wantsColor } from './color.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { writeAtomically } from './run/run-folder.ts';
import { readOuts } from './run/setup.ts';

const MAX_BYTES = 256 * 1024 * 1024;

async function readResult(
  given: string,
  cwd: string,
): Promise<{ result: RunResult; folder: string }> {
  const named = path.resolve(cwd, given);
  let text: string;
  let file = named;
  try {
    file = (await stat(named)).isDirectory() ? path.join(named, 'result.json') : named;
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new EcomsimError('INVALID_RESULT', `cannot read ${given}: ${messageOf(error)}`, {
      details: ['name a result.json, or the run folder it is in'],
      cause: error,
    });
  }
  return { result: parseResult(text), folder: path.relative(cwd, path.dirname(file)) || '.' };
}

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const outs = readOuts(options, context.cwd);
  const { result, folder } = await readResult(args[0] ?? '', context.cwd);
  for (const { format, path: file } of outs) {
    const reporter = await resolveReporter(format).load({ columns: 80, color: false });
    await writeAtomically(file, reporter.render(result));
    context.stdout.write(`wrote ${path.relative(context.cwd, file) || file}\n`);
  }
  if (outs.length > 0) return EXIT.pass;
  const { columns } = context.stdout;
  const page = await resolveReporter('terminal').load({
    columns,
    color: wantsColor(options, context),
    folder,
  });
  context.stdout.write(String(page.render(result)));
  return EXIT.pass;
}
