/** YAML or JSON text → plain values without prototypes, and where in the text each one stands. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import { messageOf } from '../base/errors.ts';
import { findLimitBreach, MAX_ALIASES, MAX_DEPTH } from './document-limits.ts';
import { type Problem, quoteValue } from './problem.ts';

export type Path = readonly (string | number)[];
export type Tree = { [key: string]: unknown };

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The places of one document. A value's place may be asked for keys too, for unknown names. */
export interface Places {
  keyAt(path: Path): Place | undefined;
  /** `offset` counts characters into a value that is written on one line. */
  valueAt(path: Path, offset?: number): Place | undefined;
}

/** The place of a value, or of the nearest thing around it that was written. */
export function nearestPlace(places: Places, path: Path, offset?: number): Place | undefined {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    const found = places.valueAt(part, length === path.length ? offset : undefined);
    if (found !== undefined) return found;
    const key = places.keyAt(part);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** What stands at a path; undefined when nothing does. */
export function valueAt(tree: Tree | undefined, path: Path): unknown {
  let value: unknown = tree;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Record<string | number, unknown>)[name];
  }
  return value;
}

export interface ParsedDocument {
  /** Undefined when the text as a whole is unusable; `problems` then says why. */
  readonly tree: Tree | undefined;
  readonly places: Places;
  readonly problems: Problem[];
}

/** Values after aliases are followed; a profile has about fifty. */
const MAX_NODES = 20_000;
/** Of the parser's own complaints, the first few: later ones follow from them. */
const MAX_SYNTAX_PROBLEMS = 5;
/** Names through which a prototype could be reached. */
const FORBIDDEN_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** Never throws for what the text contains. */
export function parseYamlText(text: string, source: string): ParsedDocument {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const reader = new TreeReader(source, lines, problems);
  const breach = findLimitBreach(text);
  if (breach !== undefined) {
    const before = text.slice(0, breach.offset);
    const line = before.split('\n').length;
    const column = before.length - before.lastIndexOf('\n');
    problems.push({ source, line, column, path: '', message: breach.message });
    return { tree: undefined, places: reader, problems };
  }
  const parsed = parseSafely(text, lines);
  if (typeof parsed === 'string') {
    problems.push({ source, path: '', message: parsed });
    return { tree: undefined, places: reader, problems };
  }
  for (const error of parsed.errors.slice(0, MAX_SYNTAX_PROBLEMS)) {
    reader.report(error.pos[0], [], syntaxMessage(error));
  }
  if (parsed.errors.length > 0) return { tree: undefined, places: reader, problems };
  return { tree: reader.read(parsed.contents), places: reader, problems };
}

function parseSafely(text: string, lineCounter: LineCounter): Document.Parsed | string {
  try {
    return parseDocument(text, {
      lineCounter,
      schema: 'core',
      merge: false,
      // The library compares every pair of keys; ours uses a set.
      uniqueKeys: false,
      prettyErrors: false,
      // Not `silent`, which would also hide that a text holds several documents.
      logLevel: 'error',
    });
  } catch (thrown) {
    // Too deep for the stack in a way that the token check does not see, or a parser bug.
    return `not valid YAML: ${messageOf(thrown)}`;
  }
}

function syntaxMessage(error: YAMLParseError): string {
  if (error.code === 'MULTIPLE_DOCS') return 'holds several documents ("---"); keep one';
  return `not valid YAML: ${error.message}`;
}

/** Thrown and caught inside this file only: the rest of the document is not worth reading. */
class TooMuch extends Error {}

class TreeReader implements Places {
  readonly #source: string;
  readonly #lines: LineCounter;
  readonly #problems: Problem[];
  readonly #keys = new Map<string, number>();
  readonly #values = new Map<string, { offset: number; inner: number }>();
  readonly #anchors = new Map<string, Node>();
  #nodes = 0;
  #aliases = 0;

  constructor(source: string, lines: LineCounter, problems: Problem[]) {
    this.#source = source;
    this.#lines = lines;
    this.#problems = problems;
  }

  report(offset: number | undefined, path: Path, message: string): void {
    const place = offset === undefined ? {} : this.#placeOf(offset);
    this.#problems.push({ source: this.#source, ...place, path: path.join('.'), message });
  }

  keyAt(path: Path): Place | undefined {
    const offset = this.#keys.get(idOf(path));
    return offset === undefined ? undefined : this.#placeOf(offset);
  }

  valueAt(path: Path, offset?: number): Place | undefined {
    const found = this.#values.get(idOf(path));
    if (found === undefined) return undefined;
    return this.#placeOf(found.offset + (offset === undefined ? 0 : found.inner + offset));
  }

  /** The root must be a map; an empty document is an empty one. */
  read(contents: Node | null): Tree | undefined {
    if (contents === null || (isScalar(contents) && contents.value === null)) {
      return Object.create(null) as Tree;
    }
    if (!isMap(contents)) {
      this.report(contents.range?.[0], [], 'must hold fields ("load: …"), one per line');
      return undefined;
    }
    try {
      return this.#map(contents, [], 0);
    } catch (thrown) {
      if (!(thrown instanceof TooMuch)) throw thrown;
      return undefined;
    }
  }

  #placeOf(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #value(node: unknown, path: Path, depth: number): unknown {
    if (!isMap(node) && !isSeq(node) && !isScalar(node) && !isAlias(node)) return null;
    const offset = node.range?.[0];
    if (++this.#nodes > MAX_NODES) this.#stop(offset, path, `has more than ${MAX_NODES} values`);
    if (depth > MAX_DEPTH) this.#stop(offset, path, `is nested more than ${MAX_DEPTH} levels deep`);
    if (offset !== undefined && !this.#values.has(idOf(path))) {
      this.#values.set(idOf(path), { offset, inner: quoteWidth(node) });
    }
    if (isAlias(node)) return this.#value(this.#target(node, path), path, depth + 1);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isMap(node)) return this.#map(node, path, depth);
    if (isSeq(node)) {
      return node.items.map((item, index) => this.#value(item, [...path, index], depth + 1));
    }
    return typeof node.value === 'bigint' ? Number(node.value) : node.value;
  }

  #target(alias: Alias, path: Path): Node | null {
    const offset = alias.range?.[0];
    if (++this.#aliases > MAX_ALIASES) {
      this.#stop(offset, path, `uses more than ${MAX_ALIASES} aliases ("*name")`);
    }
    const target = this.#anchors.get(alias.source);
    if (target === undefined) this.report(offset, path, `there is no anchor "&${alias.source}"`);
    return target ?? null;
  }

  #map(map: YAMLMap, path: Path, depth: number): Tree {
    const tree = Object.create(null) as Tree;
    for (const pair of map.items) {
      const key = this.#key(pair, path);
      if (key === undefined) continue;
      const keyPath = [...path, key];
      const offset = (pair.key as Scalar).range?.[0];
      if (Object.hasOwn(tree, key)) {
        const first = this.keyAt(keyPath);
        const where = first === undefined ? '' : ` (first on line ${first.line})`;
        this.report(offset, keyPath, `is there twice${where}; keep one`);
        continue;
      }
      if (offset !== undefined && !this.#keys.has(idOf(keyPath))) {
        this.#keys.set(idOf(keyPath), offset);
      }
      tree[key] = this.#value(pair.value, keyPath, depth + 1);
    }
    return tree;
  }

  /** Undefined, and reported, when it cannot be the name of a field. */
  #key(pair: Pair, path: Path): string | undefined {
    const node = pair.key;
    const offset = isNode(node) ? node.range?.[0] : undefined;
    if (!isScalar(node) || (typeof node.value !== 'string' && typeof node.value !== 'number')) {
      this.report(offset, path, 'a field needs a plain name');
      return undefined;
    }
    const key = String(node.value);
    if (!FORBIDDEN_KEYS.includes(key)) return key;
    this.report(offset, path, `${quoteValue(key)} is not allowed as a name`);
    return undefined;
  }

  #stop(offset: number | undefined, path: Path, message: string): never {
    this.report(offset, path.slice(0, 4), message);
    throw new TooMuch();
  }
}

function quoteWidth(node: unknown): number {
  return isScalar(node) && node.type?.startsWith('QUOTE') === true ? 1 : 0;
}

/** Field names may hold any character but this one would have to be written as an escape. */
function idOf(path: Path): string {
  return path.join('\u0000');
}
