/**
 * How a value is put into a request: escaped for the place that it stands in, so that a value from
 * a target or a file never becomes syntax. Templates are compiled once into constant text and
 * renderings; whatever lacks its value makes the whole request unsendable.
 */
import type { TextPart } from '../../contract/target-mapping/template.ts';

/** Undefined: the value is missing, or cannot stand in this place. */
export type Render<C> = (context: C) => string | undefined;

/** One placeholder's value. Only `text` is needed; the others save work where it can be saved. */
export interface ValueSource<C> {
  readonly text: Render<C>;
  /** JSON text of the value with its own type; its text as a JSON string when absent. */
  readonly json?: Render<C>;
  readonly inPath?: Render<C>;
  /** JSON text without the quotes around it. */
  readonly inString?: Render<C>;
  /** No value holds a character that a header may not have. */
  readonly headerSafe?: boolean;
}

export type Place = 'path' | 'query' | 'header' | 'string' | 'json';

/** Needs no escape in any place; `.` and `..` are looked for where they matter. */
const PLAIN = /^[A-Za-z0-9_.:~-]*$/;
const HALF_PAIR = /\p{Cs}/u;
/** RFC 9110, field values. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export function isFieldValue(value: string): boolean {
  return FIELD_VALUE.test(value);
}

/** Percent-encoded; undefined for half a surrogate pair, which is no character. */
export function escapeInQuery(value: string): string | undefined {
  if (PLAIN.test(value)) return value;
  return HALF_PAIR.test(value) ? undefined : encodeURIComponent(value);
}

/** As one segment; undefined for what would be another segment or none. */
export function escapeInPath(value: string): string | undefined {
  if (value === '' || value === '.' || value === '..') return undefined;
  return escapeInQuery(value);
}

/** For between the quotes of a JSON string. */
export function escapeInString(value: string): string {
  return PLAIN.test(value) ? value : JSON.stringify(value).slice(1, -1);
}

export function renderIn<C>(place: Place, source: ValueSource<C>): Render<C> {
  const { text } = source;
  switch (place) {
    case 'path':
      return source.inPath ?? escaped(text, escapeInPath);
    case 'query':
      return escaped(text, escapeInQuery);
    case 'header':
      return source.headerSafe === true ? text : escaped(text, inHeader);
    case 'string':
      return source.inString ?? escaped(text, escapeInString);
    case 'json':
      return source.json ?? joined(['"', renderIn('string', source), '"']);
  }
}

function inHeader(value: string): string | undefined {
  return FIELD_VALUE.test(value) ? value : undefined;
}

function escaped<C>(text: Render<C>, toPlace: (value: string) => string | undefined): Render<C> {
  return (context) => {
    const value = text(context);
    return value === undefined ? undefined : toPlace(value);
  };
}

/** Constant text when nothing has to be put in, else the rendering of all pieces together. */
export function joined<C>(pieces: readonly (string | Render<C>)[]): Render<C> {
  const all = merged(pieces);
  const [head, ...rest] = all;
  if (head === undefined) return () => '';
  if (rest.length === 0) return typeof head === 'string' ? () => head : head;
  if (typeof head === 'string' && rest.length <= 2) return framed(head, rest);
  return (context) => {
    let text = '';
    for (const piece of all) {
      const part = typeof piece === 'string' ? piece : piece(context);
      if (part === undefined) return undefined;
      text += part;
    }
    return text;
  };
}

/** The usual case, without a loop: one value with text before it, and perhaps after it. */
function framed<C>(head: string, rest: readonly (string | Render<C>)[]): Render<C> {
  const value = rest[0] as Render<C>;
  const tail = (rest[1] ?? '') as string;
  return (context) => {
    const part = value(context);
    return part === undefined ? undefined : head + part + tail;
  };
}

/** Pieces of text that follow each other become one. */
export function merged<C>(pieces: readonly (string | Render<C>)[]): (string | Render<C>)[] {
  const result: (string | Render<C>)[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (piece === '') continue;
    if (typeof piece === 'string' && typeof last === 'string') result.splice(-1, 1, last + piece);
    else result.push(piece);
  }
  return result;
}

/** The pieces of a parsed template; `constant` escapes its own text where it stands. */
export function piecesOf<C>(
  parts: readonly TextPart[],
  place: Place,
  sourceOf: (name: string) => ValueSource<C>,
  constant: (text: string) => string = (text) => text,
): (string | Render<C>)[] {
  return parts.map((part) =>
    typeof part === 'string' ? constant(part) : renderIn(place, sourceOf(part.name)),
  );
}
