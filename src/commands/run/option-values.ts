/** Values of the command line as commander hands them over: a text, a list of texts, or nothing. */
import type { OptionValues } from '../command.ts';

export function optionText(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function optionTexts(options: OptionValues, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.map(String) : [];
}
