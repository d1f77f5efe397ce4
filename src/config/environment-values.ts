/**
 * `{env.NAME}` in a target file: replaced by what the environment holds where it is sent, kept as it
 * is wherever it is shown.
 */
import { suggestion } from '../base/nearest-name.ts';
import type { Secret } from '../contract/target-file.ts';
import type { Path, Tree } from './document.ts';
import { isTree, type ReadDocument, reportAt } from './field-reader.ts';
import type { Environment } from './overrides.ts';

const REFERENCE = /\{env\.([^{}\s]{0,100})\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_VALUE_CHARS = 10_000;
const CONTROL = /\p{Cc}/u;
/** What would read as a placeholder in a template: a value stands for itself alone. */
const BRACED = /\{([A-Za-z][^{}\r\n]{0,99})\}/g;

/** Every variable that the file names, or a problem at each place where one is missing. */
export function readEnvironment(document: ReadDocument, tree: Tree, env: Environment): Secret[] {
  const found = new Map<string, string>();
  visit(tree, [], (text, path) => {
    for (const [, name = ''] of text.matchAll(REFERENCE)) {
      const problem = problemOf(name, env);
      if (problem !== '') reportAt(document, path, problem);
      else found.set(name, env[name] ?? '');
    }
  });
  return [...found].map(([name, value]) => ({ name, value }));
}

function problemOf(name: string, env: Environment): string {
  if (!NAME.test(name)) return `"{env.${name}}" names no environment variable`;
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value === undefined || value === '') {
    const near = suggestion(
      name,
      Object.keys(env).filter((one) => NAME.test(one)),
    );
    return `the environment variable ${name} is not set${near}`;
  }
  if (value.length > MAX_VALUE_CHARS || CONTROL.test(value)) {
    return `the environment variable ${name} is too long or holds control characters`;
  }
  return '';
}

function visit(value: unknown, path: Path, see: (text: string, path: Path) => void): void {
  if (typeof value === 'string') see(value, path);
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visit(item, [...path, index], see);
  } else if (isTree(value)) {
    for (const [name, item] of Object.entries(value)) visit(item, [...path, name], see);
  }
}

/** A copy in which every reference is some plain text, for checks that know no values. */
export function blankEnvironment<T>(value: T): T {
  return replaceIn(value, () => 'x') as T;
}

/** A copy with the values in place. `isTemplate`: for templates, where braces have a meaning. */
export function fillEnvironment<T>(value: T, secrets: readonly Secret[], isTemplate: boolean): T {
  const values = new Map(secrets.map((secret) => [secret.name, secret.value]));
  return replaceIn(value, (whole, name) => {
    const found = values.get(name) ?? whole;
    return isTemplate ? found.replace(BRACED, '{{$1}}') : found;
  }) as T;
}

function replaceIn(value: unknown, replaced: (whole: string, name: string) => string): unknown {
  if (typeof value === 'string') return value.replace(REFERENCE, replaced);
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, replaced));
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, replaceIn(item, replaced)]),
  );
}
