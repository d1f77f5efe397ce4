/**
 * Text with placeholders, `{name}`. What is in braces but no known name stays as it is, so that
 * GraphQL and JSON can stand in a template; `{{name}}` is the text `{name}` itself.
 */
import type { BodyTemplate } from '../target-mapping.ts';

export interface Placeholder {
  readonly name: string;
}
export type TextPart = string | Placeholder;

/** A name begins with a letter right after the brace: `{ id }` and `{"a"` are never placeholders. */
const BRACED = /\{\{([A-Za-z][^{}\r\n]{0,99})\}\}|\{([A-Za-z][^{}\r\n]{0,99})\}/g;

/** Constant text and placeholders in turn; no two pieces of text follow each other. */
export function parseTemplate(text: string, isKnown: (name: string) => boolean): TextPart[] {
  const parts: TextPart[] = [];
  let constant = '';
  let from = 0;
  for (const match of text.matchAll(BRACED)) {
    const [whole, escaped, name] = match;
    constant += text.slice(from, match.index);
    from = match.index + whole.length;
    if (name !== undefined && isKnown(name)) {
      if (constant !== '') parts.push(constant);
      constant = '';
      parts.push({ name });
    } else {
      constant += escaped === undefined ? whole : `{${escaped}}`;
    }
  }
  constant += text.slice(from);
  if (constant !== '') parts.push(constant);
  return parts;
}

/** All that could be placeholders, each as often as it is there. */
export function bracedNames(text: string): string[] {
  const names: string[] = [];
  for (const [, , name] of text.matchAll(BRACED)) if (name !== undefined) names.push(name);
  return names;
}

/** Calls `visit` for every string of a body with the fields that lead to it. */
export function visitStrings(
  body: BodyTemplate,
  visit: (text: string, place: readonly (string | number)[]) => void,
  place: readonly (string | number)[] = [],
): void {
  if (typeof body === 'string') visit(body, place);
  else if (typeof body === 'object' && body !== null) {
    const isList = Array.isArray(body);
    for (const [field, value] of Object.entries(body)) {
      visitStrings(value, visit, [...place, isList ? Number(field) : field]);
    }
  }
}
