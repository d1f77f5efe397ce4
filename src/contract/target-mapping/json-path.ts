/**
 * The small part of JSONPath (RFC 9535) that target files use: `$`, `.name`, `['any name']`, `[0]`,
 * `[*]`. No filters, no recursion: every path looks at each value of an answer at most once.
 */

const MAX_CHARS = 300;
const MAX_STEPS = 20;
/** Own properties only, and never these: an answer must not reach what objects are made of. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const EVERY = null;
/** A key of an object, a place in a list, or every value of a list. */
type Step = string | number | typeof EVERY;

const STEP =
  /\.([\p{L}_$][\p{L}\p{N}_$-]*)|\[(\d{1,5}|\*)\]|\['((?:[^'\\]|\\['\\])*)'\]|\["((?:[^"\\]|\\["\\])*)"\]/uy;

export class JsonPath {
  readonly text: string;
  readonly #steps: readonly Step[];
  readonly #hasEvery: boolean;

  constructor(text: string, steps: readonly Step[]) {
    this.text = text;
    this.#steps = steps;
    this.#hasEvery = steps.includes(EVERY);
  }

  /** The first value that the path leads to; undefined when there is none. */
  first(body: unknown): unknown {
    if (this.#hasEvery) return firstOf(body, this.#steps, 0);
    let value = body;
    for (const step of this.#steps) {
      if (value === undefined) return undefined;
      value = childOf(value, step as string | number);
    }
    return value;
  }

  /**
   * All values, undefined among them where an element of a list lacks the rest of the path; undefined
   * when a `[*]` met something that is no list, or when there are more than `maxValues`.
   */
  all(body: unknown, maxValues: number): unknown[] | undefined {
    const found: unknown[] = [];
    return this.#collect(body, 0, found) && found.length <= maxValues ? found : undefined;
  }

  /** False when a `[*]` met something that is no list. */
  #collect(body: unknown, from: number, found: unknown[]): boolean {
    let value = body;
    for (let i = from; i < this.#steps.length; i++) {
      const step = this.#steps[i] as Step;
      if (step === EVERY) {
        if (!Array.isArray(value)) return false;
        for (let at = 0; at < value.length; at++) {
          if (!this.#collect(value[at], i + 1, found)) return false;
        }
        return true;
      }
      value = childOf(value, step);
    }
    found.push(value);
    return true;
  }
}

function childOf(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (typeof step === 'number') return Array.isArray(value) ? value[step] : undefined;
  if (Array.isArray(value) || !Object.hasOwn(value, step)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[step];
}

function firstOf(body: unknown, steps: readonly Step[], from: number): unknown {
  let value = body;
  for (let i = from; i < steps.length; i++) {
    const step = steps[i] as Step;
    if (step === EVERY) {
      if (!Array.isArray(value)) return undefined;
      for (const element of value as readonly unknown[]) {
        const found = firstOf(element, steps, i + 1);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    value = childOf(value, step);
  }
  return value;
}

export type ParsedPath =
  | { readonly path: JsonPath; readonly problem?: undefined }
  | { readonly problem: string; readonly path?: undefined };

/** Takes time in proportion to the text. */
export function parseJsonPath(text: string): ParsedPath {
  if (text.length > MAX_CHARS) return { problem: `has more than ${MAX_CHARS} characters` };
  if (!text.startsWith('$')) return { problem: 'a path begins with "$", like $.order.id' };
  const steps: Step[] = [];
  for (let at = 1; at < text.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (match === null) return { problem: `is not understood from "${text.slice(at)}" on; ${HOW}` };
    const step = stepOf(match);
    if (typeof step === 'string' && FORBIDDEN.has(step)) {
      return { problem: `may not go through "${step}"` };
    }
    steps.push(step);
  }
  if (steps.length > MAX_STEPS) return { problem: `has more than ${MAX_STEPS} steps` };
  return { path: new JsonPath(text, steps) };
}

const HOW = `a path is made of .name, ['any name'], [0] and [*]`;

function stepOf([, name, place, single, double]: RegExpExecArray): Step {
  if (name !== undefined) return name;
  if (place !== undefined) return place === '*' ? EVERY : Number(place);
  return (single ?? double ?? '').replaceAll(/\\(.)/g, '$1');
}
