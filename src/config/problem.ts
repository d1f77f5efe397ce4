/** A mistake in what the user wrote: where it is, what was found, what is allowed instead. */

export interface Problem {
  /** The file as named by the user, or the flag or environment variable. */
  readonly source: string;
  /** 1-based; absent when the problem has no place in a file. */
  readonly line?: number;
  readonly column?: number;
  /** The field, `load.rate`; '' when it is the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** More are counted, not listed: a wrong file should not scroll the screen away. */
const MAX_LISTED = 50;

/** One line each: `profiles/x.yaml:7:13  load.rate  "fast" is not a rate; write it like 250/s`. */
export function formatProblems(problems: readonly Problem[]): string[] {
  const lines = problems.slice(0, MAX_LISTED).map(({ source, line, column, path, message }) => {
    const place = line === undefined ? source : `${source}:${line}:${column ?? 1}`;
    return [place, path, message]
      .filter((part) => part !== '')
      .map(visible)
      .join('  ');
  });
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`… and ${more} more`);
  return lines;
}

/** In the order of reading: by place in the file, flags and variables after it. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => {
    const lineA = a.line ?? Number.POSITIVE_INFINITY;
    const lineB = b.line ?? Number.POSITIVE_INFINITY;
    if (lineA !== lineB) return lineA - lineB;
    return (a.column ?? 0) - (b.column ?? 0);
  });
}

const MAX_QUOTED = 60;

/** A found value for a message: short, on one line, nothing that a terminal would obey. */
export function quoteValue(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of fields';
  const text = String(value);
  const short = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  return typeof value === 'string' ? `"${visible(short)}"` : visible(short);
}

/** Controls, surrogate halves and direction marks could forge what a terminal shows. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

function visible(text: string): string {
  return text.replace(
    INVISIBLE,
    (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`,
  );
}
