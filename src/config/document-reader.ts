/**
 * Reads a document field by field: what is wrong is reported with its place and replaced by
 * something harmless, so that everything else can still be checked.
 */
import type { z } from 'zod';
import { suggestion } from '../base/nearest-name.ts';
import { nearestPlace, type ParsedDocument, type Path, type Tree, valueAt } from './document.ts';
import { type Problem, quoteValue } from './problem.ts';

export class DocumentReader {
  /** Where a substitute stands in for what was written. */
  readonly wrong: Path[] = [];
  readonly problems: Problem[] = [];
  readonly #document: ParsedDocument;
  readonly #source: string;

  constructor(document: ParsedDocument, source: string) {
    this.#document = document;
    this.#source = source;
  }

  get(path: Path): unknown {
    return valueAt(this.#document.tree, path);
  }

  /** At the value, or at the nearest thing around it that was written. */
  report(path: Path, message: string): void {
    const place = nearestPlace(this.#document.places, path);
    this.wrong.push(path);
    this.problems.push({ source: this.#source, ...place, path: path.join('.'), message });
  }

  reportKey(path: Path, message: string): void {
    const place = this.#document.places.keyAt(path);
    this.problems.push({ source: this.#source, ...place, path: path.join('.'), message });
  }

  /** A problem that lies in another file. */
  reportElsewhere(problem: Problem, path: Path): void {
    this.wrong.push(path);
    this.problems.push(problem);
  }

  /** Reported by somebody else. */
  markWrong(path: Path): void {
    this.wrong.push(path);
  }

  /** True when the path, or something under it, holds a substitute. */
  isWrong(path: Path): boolean {
    return this.wrong.some((wrong) => path.every((part, index) => wrong[index] === part));
  }

  /** Undefined when it is absent, or reported and of no use. */
  group(path: Path, names: readonly string[]): Tree | undefined {
    const value = this.get(path);
    if (value === undefined) return undefined;
    if (!isGroup(value)) {
      this.report(path, `${foundInstead(value)}; it holds the fields ${names.join(', ')}`);
      return undefined;
    }
    this.allow(path, names);
    return value;
  }

  /** Reports every field of the group at `path` that is not among the names. */
  allow(path: Path, names: readonly string[]): void {
    const value = this.get(path);
    if (!isGroup(value)) return;
    for (const key of Object.keys(value)) {
      if (names.includes(key)) continue;
      const help = suggestion(key, names);
      this.reportKey([...path, key], `is not a field${help}; known: ${names.join(', ')}`);
    }
  }

  /** The names in a group that the user chose; reported when it is none. */
  names(path: Path, what: string): string[] {
    const value = this.get(path);
    if (value === undefined) return [];
    if (isGroup(value)) return Object.keys(value);
    this.report(path, `${foundInstead(value)}; it holds ${what}, each under its name`);
    return [];
  }

  /** How many entries a list has; 0 when it is absent, or reported because it is no list. */
  length(path: Path, example: string): number {
    const value = this.get(path);
    if (value === undefined) return 0;
    if (Array.isArray(value)) return value.length;
    this.report(path, `${foundInstead(value)}; write a list: ${example}`);
    return 0;
  }

  /** The paths of a list's entries that are groups, each with these fields only. */
  entries(path: Path, names: readonly string[], example: string): Path[] {
    const found: Path[] = [];
    for (let index = 0; index < this.length(path, example); index++) {
      const at = [...path, index];
      if (isGroup(this.get(at))) {
        this.allow(at, names);
        found.push(at);
      } else {
        this.report(at, `is no entry of ${path.at(-1)}; write it like ${example.slice(1, -1)}`);
      }
    }
    return found;
  }

  /** `otherwise` when it is absent, or reported. */
  read<T>(path: Path, schema: z.ZodType<T>, otherwise: T): T {
    return this.get(path) === undefined ? otherwise : this.#parse(path, schema, otherwise);
  }

  /** Reports what is absent too. */
  require<T>(path: Path, schema: z.ZodType<T>, otherwise: T): T {
    if (this.get(path) !== undefined) return this.#parse(path, schema, otherwise);
    this.report(path, 'is missing');
    return otherwise;
  }

  /** One value or a list of them. */
  readSome<T>(path: Path, schema: z.ZodType<T>): T[] | undefined {
    const value = this.get(path);
    if (value === undefined) return undefined;
    const paths = Array.isArray(value) ? value.map((_, index) => [...path, index]) : [path];
    if (paths.length === 0) this.report(path, 'is an empty list; leave it out, or name something');
    const before = this.problems.length;
    const parsed = paths.map((at) => this.#parse<T | undefined>(at, schema, undefined));
    return this.problems.length > before ? undefined : (parsed as T[]);
  }

  #parse<T>(path: Path, schema: z.ZodType<T>, otherwise: T): T {
    const parsed = schema.safeParse(this.get(path));
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) this.report(path, issue.message);
    return otherwise;
  }
}

export function isGroup(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function foundInstead(value: unknown): string {
  return value === null ? 'is empty' : `is ${quoteValue(value)}`;
}
