/** Foreign text made safe for a terminal: what could move, hide or reorder text shows as itself. */

const MAX_LENGTH = 400;

/**
 * Categories C (controls, bidi and other formats, lone surrogates, private use, unassigned) and Z
 * except the plain space, what Unicode lets a terminal ignore (zero-width characters, variation
 * selectors, fillers), and the blank Braille pattern.
 */
const UNSAFE = /(?! )[\p{C}\p{Z}\p{DI}\u2800]/gu;
/** More than two combining marks on one letter climb over the lines above. */
const PILED_MARKS = /(\p{M}{2})\p{M}+/gu;

/** One line, visible characters only, at most `maxLength` UTF-16 units. */
export function escapeText(text: string, maxLength = MAX_LENGTH): string {
  const shown = text
    .slice(0, maxLength * 2)
    .replace(UNSAFE, visible)
    .replace(PILED_MARKS, '$1');
  if (shown.length <= maxLength && text.length <= maxLength * 2) return shown;
  return `${shown.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function visible(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}

/** The same value with every string and key in it escaped; cycles are a bug of the caller. */
export function escapeDeep<T>(value: T): T {
  return escapeValue(value) as T;
}

function escapeValue(value: unknown): unknown {
  if (typeof value === 'string') return escapeText(value);
  if (Array.isArray(value)) return value.map(escapeValue);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [escapeText(key), escapeValue(inner)]),
  );
}
