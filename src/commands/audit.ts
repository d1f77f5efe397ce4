/** `ecomsim audit <run folder>`: judge a stored run again. */
import path from 'node:path';
import { judge } from '../audit/audit.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { renderAudit } from '../reporters/audit-page.ts';
import { wantsColor } from './color.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { loadAudit } from './run/stored-audit.ts';

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const folder = path.resolve(context.cwd, args[0] ?? '.');
  const report = judge(await loadAudit(folder));
  const color = wantsColor(options, context);
  context.stdout.write(renderAudit(report, { columns: context.stdout.columns, color }));
  if (report.verdict === 'fail') return EXIT.invariantViolated;
  return report.verdict === 'pass' ? EXIT.pass : EXIT.inconclusive;
}
