/** Reads one group of fields from a parsed document; every mistake is reported at its place. */
import { suggestion } from '../base/nearest-name.ts';
import { formatDuration, parseDurationMs } from '../base/units.ts';
import type { Path, Places, Tree } from './document.ts';
import { type Problem, quoteValue } from './problem.ts';

export interface ReadDocument {
  readonly source: string;
  readonly places: Places;
  readonly problems: Problem[];
}

const MAX_TEXT_CHARS = 10_000;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class FieldReader {
  readonly path: Path;
  readonly #document: ReadDocument;
  readonly #tree: Tree;

  constructor(document: ReadDocument, tree: Tree, path: Path = []) {
    this.#document = document;
    this.#tree = tree;
    this.path = path;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#tree, name);
  }

  raw(name: string): unknown {
    return this.has(name) ? this.#tree[name] : undefined;
  }

  /** Names that mean something here; every other one is a mistake. */
  only(known: readonly string[]): void {
    for (const name of Object.keys(this.#tree)) {
      if (known.includes(name)) continue;
      const message = `is not a field${suggestion(name, known)}; known: ${known.join(', ')}`;
      this.report([name], message, 'key');
    }
  }

  report(below: Path, message: string, at: 'key' | 'value' = 'value'): void {
    reportAt(this.#document, [...this.path, ...below], message, at);
  }

  missing(name: string, how: string): void {
    reportAt(this.#document, [...this.path, name], `is missing; ${how}`, 'value');
  }

  /** Undefined when absent, or reported. Numbers are taken as they are written. */
  text(name: string, maxChars = MAX_TEXT_CHARS): string | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
    if (typeof value !== 'string') {
      this.report([name], value === null ? EMPTY : `${quoteValue(value)} is not text`);
      return undefined;
    }
    if (value.length <= maxChars) return value;
    this.report([name], `is longer than ${maxChars} characters`);
    return undefined;
  }

  /** As `text`, and reported when absent. */
  needed(name: string, how: string): string | undefined {
    if (!this.has(name)) this.missing(name, how);
    return this.text(name);
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
    const value = this.raw(name);
    if (value === undefined) return otherwise;
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    const near = typeof value === 'string' ? suggestion(value, allowed) : '';
    this.report([name], `${quoteValue(value)} is not allowed${near}; known: ${allowed.join(', ')}`);
    return otherwise;
  }

  flag(name: string): boolean {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'boolean') return value === true;
    this.report([name], `${quoteValue(value)} is neither true nor false`);
    return false;
  }

  durationMs(name: string, range: { readonly min: number; readonly max: number }): number | null {
    const value = this.raw(name);
    if (value === undefined) return null;
    const ms = typeof value === 'string' ? parseDurationMs(value) : undefined;
    if (ms === undefined) {
      this.report([name], `${quoteValue(value)} is not a duration; write it like 20s or 250ms`);
      return null;
    }
    if (ms >= range.min && ms <= range.max) return ms;
    const allowed = `from ${formatDuration(range.min)} to ${formatDuration(range.max)}`;
    this.report([name], `${quoteValue(value)} is out of range; allowed is ${allowed}`);
    return null;
  }

  group(name: string): FieldReader | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (isTree(value)) return new FieldReader(this.#document, value, [...this.path, name]);
    this.report([name], value === null ? EMPTY : `${quoteValue(value)} is not a group of fields`);
    return undefined;
  }

  /** Each entry with its place; an entry that is no group is reported and left out. */
  groups(name: string, maxItems: number): FieldReader[] {
    return this.items(name, maxItems).flatMap((item, index) => {
      const path = [...this.path, name, index];
      if (isTree(item)) return [new FieldReader(this.#document, item, path)];
      this.report([name, index], `${quoteValue(item)} is not a group of fields`);
      return [];
    });
  }

  items(name: string, maxItems: number): readonly unknown[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.report([name], value === null ? EMPTY : `${quoteValue(value)} is not a list`);
      return [];
    }
    if (value.length <= maxItems) return value;
    this.report([name], `has more than ${maxItems} entries`);
    return value.slice(0, maxItems);
  }

  /** A list of names; one alone may stand without brackets. */
  words(name: string, maxItems: number): string[] {
    const value = this.raw(name);
    const items =
      Array.isArray(value) || value === undefined ? this.items(name, maxItems) : [value];
    return items.flatMap((item, index) => {
      if (typeof item === 'string' || Number.isSafeInteger(item)) return [String(item)];
      this.report(Array.isArray(value) ? [name, index] : [name], `${quoteValue(item)} is not text`);
      return [];
    });
  }

  /** Names that the user chose, each with a text. */
  texts(name: string, maxItems: number): Record<string, string> {
    const group = this.group(name);
    const texts: Record<string, string> = {};
    if (group === undefined) return texts;
    const names = Object.keys(group.#tree);
    if (names.length > maxItems) group.report([], `has more than ${maxItems} fields`);
    for (const one of names.slice(0, maxItems)) {
      const text = group.text(one);
      if (text !== undefined) texts[one] = text;
    }
    return texts;
  }

  entries(): [string, unknown][] {
    return Object.entries(this.#tree);
  }
}

const EMPTY = 'is empty; give a value or leave the field out';

/** At the nearest place that the file has for it. */
export function reportAt(
  { source, places, problems }: ReadDocument,
  path: Path,
  message: string,
  at: 'key' | 'value' = 'value',
): void {
  let place = at === 'key' ? places.keyAt(path) : places.valueAt(path);
  for (let length = path.length; place === undefined && length > 0; length--) {
    const part = path.slice(0, length);
    place = places.valueAt(part) ?? places.keyAt(part);
  }
  problems.push({ source, ...place, path: path.join('.'), message });
}
