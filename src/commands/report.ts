/** `ecomsim report <file>`: renders a stored result again, here or into files. */
import path from 'node:path';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { renderCapacity } from '../reporters/capacity-page.ts';
import { resolveReporter } from '../reporters/registry.ts';
import { wantsColor } from './color.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { writeAtomically } from './run/run-folder.ts';
import { readOuts } from './run/setup.ts';
import { isStoredCapacity, readStoredCapacity, readStoredResult } from './stored-result.ts';

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const outs = readOuts(options, context.cwd);
  if (outs.length === 0 && (await isStoredCapacity(args[0] ?? '', context.cwd))) {
    return showCapacity(args[0] ?? '', options, context);
  }
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

async function showCapacity(
  given: string,
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const { report, folder } = await readStoredCapacity(given, context.cwd);
  const { columns } = context.stdout;
  const color = wantsColor(options, context);
  context.stdout.write(renderCapacity(report, { columns, color, folder }));
  return EXIT.pass;
}
