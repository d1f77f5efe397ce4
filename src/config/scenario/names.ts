/** Names that an author chooses: what thresholds and reports can say. */
import type { Path } from '../document.ts';
import type { DocumentReader } from '../document-reader.ts';
import { quoteValue } from '../problem.ts';

export const MAX_NAME_LENGTH = 60;
const NAME = /^[A-Za-z][\w-]*$/;

/** `path` ends with the name itself. */
export function checkName(reader: DocumentReader, path: Path, what: string): void {
  const name = String(path.at(-1));
  if (isName(name)) return;
  reader.report(path, `${quoteValue(name)} cannot be the name of ${what}; ${NAME_FORM}`);
}

export const NAME_FORM = `a name is a letter, then letters, digits, "-" and "_", at most ${MAX_NAME_LENGTH}`;

export function isName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && NAME.test(text);
}
