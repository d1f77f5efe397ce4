/** Layers → profile, or every problem at once: the file, then variables, then flags. */
import type { z } from 'zod';
import { suggestion } from '../base/nearest-name.ts';
import type { Profile } from '../contract/profile.ts';
import { crossProblems } from './cross-checks.ts';
import { nearestPlace, type ParsedDocument, type Path, type Tree, valueAt } from './document.ts';
import { groupsOf, leafPathsOf } from './field-paths.ts';
import { collectOverrides, type Environment, type ProfileOverrides, setPath } from './overrides.ts';
import { type Problem, quoteValue, sortProblems } from './problem.ts';
import {
  DEFAULT_THRESHOLDS,
  type KnownNames,
  profileOf,
  profileSchema,
  type WrittenProfile,
} from './profile-schema.ts';

export interface ProfileLayers {
  readonly name: string;
  /** How the user named the file. */
  readonly source: string;
  readonly document: ParsedDocument;
  readonly overrides: ProfileOverrides;
  readonly env: Environment;
  readonly known: KnownNames;
}

const DEFAULT_LISTS = { thresholds: DEFAULT_THRESHOLDS, faults: [] as readonly string[] };

export type CheckedProfile =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly problems: Problem[] };

export function checkProfile(layers: ProfileLayers): CheckedProfile {
  const check = new ProfileCheck(layers);
  const profile = check.run();
  if (profile !== undefined && check.problems.length === 0) return { ok: true, profile };
  return { ok: false, problems: sortProblems(check.problems) };
}

class ProfileCheck {
  readonly problems: Problem[];
  readonly #layers: ProfileLayers;
  readonly #schema: ReturnType<typeof profileSchema>;
  readonly #groups: ReadonlyMap<string, readonly string[]>;
  /** Path → the flag or variable that set it. */
  readonly #origins = new Map<string, string>();

  constructor(layers: ProfileLayers) {
    this.#layers = layers;
    this.#schema = profileSchema(layers.known);
    this.#groups = groupsOf(this.#schema);
    this.problems = [...layers.document.problems];
  }

  run(): Profile | undefined {
    // An unreadable file still leaves the flags to be checked.
    const tree = this.#layers.document.tree ?? (Object.create(null) as Tree);
    this.#applyOverrides(tree);
    const wrong = new Set<string>();
    const written = this.#parse(tree, wrong);
    if (written === undefined) return undefined;
    for (const { paths, message } of crossProblems(written, wrong)) {
      this.#report(this.#firstWritten(paths, tree), message);
    }
    return profileOf(this.#layers.name, written);
  }

  #applyOverrides(tree: Tree): void {
    const fields = leafPathsOf(this.#groups);
    const list = collectOverrides(this.#layers.overrides, this.#layers.env, fields);
    this.problems.push(...list.problems);
    for (const { source, path, value } of list.overrides) {
      if (setPath(tree, path, value)) this.#origins.set(path.join('.'), source);
    }
    this.#append(tree, { name: 'thresholds', flag: '--threshold' }, list.thresholds);
    this.#append(tree, { name: 'faults', flag: '--fault' }, list.faults);
  }

  /** Flags that add to a list of the file instead of taking its place. */
  #append(
    tree: Tree,
    { name, flag }: { readonly name: keyof typeof DEFAULT_LISTS; readonly flag: string },
    texts: readonly string[],
  ): void {
    if (texts.length === 0) return;
    const own = tree[name] ?? [...DEFAULT_LISTS[name]];
    if (!Array.isArray(own)) return;
    tree[name] = [...own, ...texts];
    texts.forEach((text, index) => {
      this.#origins.set(`${name}.${own.length + index}`, `${flag} ${quoteValue(text)}`);
    });
  }

  /**
   * Reports every issue. Wrong fields are then taken out, so that what remains can be checked
   * against each other: the second pass cannot fail.
   */
  #parse(tree: Tree, wrong: Set<string>): WrittenProfile | undefined {
    const first = this.#schema.safeParse(tree);
    if (first.success) return first.data;
    for (const issue of first.error.issues) {
      const path = issue.path.filter((part) => typeof part !== 'symbol');
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) {
          this.#reportUnknown(path, key);
          remove(tree, [...path, key]);
        }
        continue;
      }
      this.#reportIssue(issue, path);
      this.#markWrong(path.join('.'), wrong);
    }
    for (const path of wrong) remove(tree, path.split('.'));
    const second = this.#schema.safeParse(tree);
    return second.success ? second.data : undefined;
  }

  /** A group that is no group makes all of its fields wrong; a list is wrong as a whole. */
  #markWrong(path: string, wrong: Set<string>): void {
    const list = Object.keys(DEFAULT_LISTS).find((name) => path.startsWith(name));
    wrong.add(list ?? path);
    for (const field of leafPathsOf(this.#groups)) {
      if (field.startsWith(`${path}.`)) wrong.add(field);
    }
  }

  #reportIssue(issue: z.core.$ZodIssue, path: Path): void {
    const value = valueAt(this.#layers.document.tree, path);
    if (issue.code === 'custom') {
      const offset = (issue.params as { offset?: number } | undefined)?.offset;
      this.#report(path, issue.message, offset);
    } else if (issue.code === 'invalid_type' && issue.expected === 'object') {
      const names = this.#groups.get(path.join('.')) ?? [];
      const found = value === null ? 'is empty' : `is ${quoteValue(value)}`;
      this.#report(path, `${found}; it holds the fields ${names.join(', ')}`);
    } else {
      this.#report(path, issue.message);
    }
  }

  #reportUnknown(path: Path, key: string): void {
    const group = path.join('.');
    const names = this.#groups.get(group) ?? [];
    const elsewhere = leafPathsOf(this.#groups).find((field) => field.split('.').at(-1) === key);
    const near = suggestion(key, names);
    const help =
      near !== '' ? near : elsewhere === undefined ? '' : ` (it belongs at ${elsewhere})`;
    const place = this.#layers.document.places.keyAt([...path, key]);
    this.problems.push({
      source: this.#layers.source,
      ...place,
      path: [...path, key].join('.'),
      message: `is not a field${help}; known: ${names.join(', ')}`,
    });
  }

  #report(path: Path, message: string, offset?: number): void {
    const id = path.join('.');
    const source = this.#origins.get(id) ?? this.#origins.get(String(path[0]));
    if (source !== undefined) {
      this.problems.push({ source, path: id, message });
      return;
    }
    const place = nearestPlace(this.#layers.document.places, path, offset);
    this.problems.push({ source: this.#layers.source, ...place, path: id, message });
  }

  /** The place where the user can act: a flag first, then what the file says, then the first. */
  #firstWritten(paths: readonly string[], tree: Tree): Path {
    const chosen =
      paths.find((path) => this.#origins.has(path)) ??
      paths.find((path) => valueAt(tree, path.split('.')) !== undefined) ??
      paths[0];
    return (chosen ?? '').split('.');
  }
}

function remove(tree: Tree, path: Path): void {
  const group = valueAt(tree, path.slice(0, -1));
  const name = path.at(-1);
  if (name === undefined || typeof group !== 'object' || group === null) return;
  delete (group as Tree)[String(name)];
}
