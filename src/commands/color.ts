/** Whether to print colour: only on a terminal, never against the reader's wish. */
import type { CommandContext, OptionValues } from './command.ts';

/** See https://no-color.org: any non-empty NO_COLOR switches colour off. */
export function wantsColor(options: OptionValues, context: CommandContext): boolean {
  if (options['color'] === false) return false;
  if ((context.env['NO_COLOR'] ?? '') !== '') return false;
  return context.stdout.isTerminal && context.env['TERM'] !== 'dumb';
}
