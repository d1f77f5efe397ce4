/** Checks a value against the part of JSON Schema that our own generated schema uses. */
import { assert } from '../base/assert.ts';

export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
}

const MAX_PROBLEMS = 50;
const MAX_KEY_LENGTH = 60;

/** One line per problem, at most 50 and then how many more; empty when the value fits. */
export function schemaProblems(value: unknown, schema: Schema): string[] {
  const check = new Check(schema.$defs ?? {});
  check.visit(value, schema, '');
  const { problems, more } = check;
  return more > 0 ? [...problems, `and ${more} more`] : problems;
}

/** Depth is bounded by the schema, which is not recursive: what it does not name is not visited. */
class Check {
  readonly problems: string[] = [];
  more = 0;
  readonly #definitions: Readonly<Record<string, Schema>>;

  constructor(definitions: Readonly<Record<string, Schema>>) {
    this.#definitions = definitions;
  }

  visit(value: unknown, schema: Schema, path: string): void {
    if (schema.$ref !== undefined) this.visit(value, this.#definition(schema.$ref), path);
    else if (schema.anyOf !== undefined) this.#anyOf(value, schema.anyOf, path);
    else if (schema.const !== undefined && value !== schema.const) {
      this.#report(path, JSON.stringify(schema.const), value);
    } else if (schema.enum !== undefined && !schema.enum.includes(value)) {
      this.#report(path, `one of ${schema.enum.map(String).join(', ')}`, value);
    } else if (schema.type !== undefined && !hasType(value, schema.type)) {
      this.#report(path, [schema.type].flat().join(' or '), value);
    } else if (Array.isArray(value)) this.#array(value, schema, path);
    else if (typeof value === 'object' && value !== null) this.#object(value, schema, path);
  }

  #definition(reference: string): Schema {
    const name = reference.replace('#/$defs/', '');
    const definition = this.#definitions[name];
    assert(definition !== undefined, `the schema lacks ${reference}`);
    return definition;
  }

  #anyOf(value: unknown, schemas: readonly Schema[], path: string): void {
    let fewest: Check | undefined;
    for (const schema of schemas) {
      const attempt = new Check(this.#definitions);
      attempt.visit(value, schema, path);
      if (attempt.problems.length === 0) return;
      if (fewest === undefined || attempt.problems.length <= fewest.problems.length) {
        fewest = attempt;
      }
    }
    for (const problem of fewest?.problems ?? []) this.#add(problem);
  }

  #array(value: readonly unknown[], schema: Schema, path: string): void {
    const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
    if (value.length < minItems || value.length > maxItems) {
      this.#add(`${path}: expected ${minItems} entries, found ${value.length}`);
    }
    if (items === undefined) return;
    value.forEach((item, index) => {
      this.visit(item, items, `${path}[${index}]`);
    });
  }

  #object(value: object, schema: Schema, path: string): void {
    const { properties = {}, required = [], additionalProperties } = schema;
    for (const name of required) {
      if (!Object.hasOwn(value, name)) this.#add(`${joined(path, name)}: missing`);
    }
    for (const [name, inner] of Object.entries(value)) {
      const own = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      if (own !== undefined) this.visit(inner, own, joined(path, name));
    }
  }

  #report(path: string, expected: string, found: unknown): void {
    this.#add(
      `${path === '' ? 'the file' : path}: expected ${expected}, found ${described(found)}`,
    );
  }

  #add(problem: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
    else this.more++;
  }
}

function hasType(value: unknown, type: string | readonly string[]): boolean {
  return [type].flat().some((name) => {
    switch (name) {
      case 'null':
        return value === null;
      case 'array':
        return Array.isArray(value);
      case 'object':
        return typeof value === 'object' && value !== null && !Array.isArray(value);
      case 'integer':
        return Number.isInteger(value);
      case 'number':
        return Number.isFinite(value);
      default:
        return typeof value === name;
    }
  });
}

function joined(path: string, name: string): string {
  const shown = /^[\w-]{1,60}$/.test(name) ? name : quoted(name);
  return path === '' ? shown : `${path}.${shown}`;
}

/** A scalar as JSON, only the kind of anything larger. */
function described(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? quoted(value) : String(value);
}

/** Cut, and in printable ASCII: a problem is told on a terminal. */
function quoted(text: string): string {
  const cut = JSON.stringify(text.slice(0, MAX_KEY_LENGTH));
  return cut.replace(/[^ -~]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
