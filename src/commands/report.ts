/** `ecomsim report <file>`: renders a stored result again, here or into files. */
import path from 'node:path';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { resolveReporter } from '../reporters/registry.ts';
import { wantsColor } from './color.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { writeAtomically } from './run/run-folder.ts';
import { readOuts } from './run/setup.ts';
import { readStoredResult } from './stored-result.ts';

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const outs = readOuts(options, context.cwd);
  const { result, folder } = await readStoredResult(args[0] ?? '', context.cwd);
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
