/** Profiles by name or path: finding, loading, listing and checking them. */
import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { suggestion } from '../base/nearest-name.ts';
import type { Profile } from '../contract/profile.ts';
import { checkProfile } from './check-profile.ts';
import { type ParsedDocument, parseYamlText } from './document.ts';
import { otherKind } from './file-kind.ts';
import { type Environment, type ProfileOverrides, processEnvironment } from './overrides.ts';
import { type Problem, quoteValue } from './problem.ts';
import { readTextFile } from './text-file.ts';

export interface LoadProfileOptions {
  /** `laptop`, looked up in `profilesDir`, or a path: with a slash or an extension. */
  readonly nameOrPath: string;
  readonly profilesDir: string;
  readonly overrides?: ProfileOverrides;
  /** The environment of the process when absent. */
  readonly env?: Environment;
  readonly knownStrategies: readonly string[];
  readonly knownTargets: readonly string[];
  /** What is wrong with an entry of `faults`; absent: they are not looked at. */
  readonly faultProblem?: (text: string) => string | undefined;
}

export type LoadedProfile =
  | { readonly ok: true; readonly profile: Profile; readonly source: string }
  | { readonly ok: false; readonly problems: Problem[] };

export interface ProfileEntry {
  readonly name: string;
  readonly description: string;
  readonly file: string;
}

const EXTENSIONS: readonly string[] = ['.yaml', '.yml', '.json'];
const PLAIN_NAME = /^[A-Za-z0-9][\w-]{0,63}$/;

/** Never throws for what is in the file, the environment or the flags. */
export async function loadProfile(options: LoadProfileOptions): Promise<LoadedProfile> {
  const found = await findFile(options.nameOrPath, options.profilesDir);
  if ('message' in found) return { ok: false, problems: [found] };
  const checked = await checkFile(found.file, options);
  return checked.ok ? { ...checked, source: found.file } : checked;
}

export interface ValidateOptions {
  readonly knownStrategies: readonly string[];
  readonly knownTargets: readonly string[];
  /** What is wrong with an entry of `faults`; absent: they are not looked at. */
  readonly faultProblem?: (text: string) => string | undefined;
}

/** For `ecomsim validate`: the file alone, without variables and flags. Empty when all is well. */
export async function validateFile(path: string, options: ValidateOptions): Promise<Problem[]> {
  const checked = await checkFile(path, { ...options, overrides: {}, env: {} });
  return checked.ok ? [] : checked.problems;
}

/** The profiles of a folder by name. A file that cannot be read is listed with the reason. */
export async function listProfiles(profilesDir: string): Promise<ProfileEntry[]> {
  const entries: ProfileEntry[] = [];
  for (const file of await profileFiles(profilesDir)) {
    const path = join(profilesDir, file);
    const { document } = await readDocument(path);
    const description = document.tree?.['description'];
    const problem = document.problems[0];
    entries.push({
      name: basename(file, extname(file)),
      description:
        typeof description === 'string'
          ? description
          : problem === undefined
            ? ''
            : `(${problem.message})`,
      file: path,
    });
  }
  return entries;
}

async function profileFiles(profilesDir: string): Promise<string[]> {
  const files = await readdir(profilesDir).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return [];
    throw thrown;
  });
  return files.filter((file) => EXTENSIONS.includes(extname(file))).sort();
}

async function findFile(
  nameOrPath: string,
  profilesDir: string,
): Promise<{ readonly file: string } | Problem> {
  const isPath = /[/\\]/.test(nameOrPath) || EXTENSIONS.includes(extname(nameOrPath));
  if (isPath) return { file: nameOrPath };
  const problem = { source: `profile ${quoteValue(nameOrPath)}`, path: '' };
  if (nameOrPath === '') return { ...problem, message: 'a profile needs a name' };
  try {
    const files = await profileFiles(profilesDir);
    const names = files.map((file) => basename(file, extname(file)));
    const file = files[names.indexOf(nameOrPath)];
    if (file !== undefined) return { file: join(profilesDir, file) };
    const known = names.length === 0 ? `${profilesDir} holds none` : `known: ${names.join(', ')}`;
    const near = suggestion(nameOrPath, names);
    return { ...problem, message: `there is no such profile${near}; ${known}` };
  } catch (thrown) {
    return { ...problem, message: `${profilesDir} cannot be read: ${messageOf(thrown)}` };
  }
}

async function checkFile(
  file: string,
  options: Omit<LoadProfileOptions, 'nameOrPath' | 'profilesDir'>,
): Promise<ReturnType<typeof checkProfile>> {
  const { document, isUsable } = await readDocument(file);
  if (!isUsable) return { ok: false, problems: document.problems };
  const stem = basename(file, extname(file));
  return checkProfile({
    name: PLAIN_NAME.test(stem) ? stem : 'profile',
    source: file,
    document,
    overrides: options.overrides ?? {},
    env: options.env ?? processEnvironment(),
    known: {
      strategies: options.knownStrategies,
      targets: options.knownTargets,
      ...(options.faultProblem !== undefined && { faultProblem: options.faultProblem }),
    },
  });
}

async function readDocument(
  file: string,
): Promise<{ readonly document: ParsedDocument; readonly isUsable: boolean }> {
  const read = await readTextFile(file);
  const document = parseYamlText(read.text ?? '', file);
  const other = document.tree === undefined ? undefined : otherKind(document.tree, 'profile');
  if (read.problem !== undefined) {
    document.problems.push({ source: file, path: '', message: read.problem });
  } else if (other !== undefined) {
    const { name, message } = other;
    const place = document.places.keyAt([name]);
    document.problems.push({ source: file, ...place, path: name, message });
  } else {
    return { document, isUsable: true };
  }
  return { document: { ...document, tree: undefined }, isUsable: false };
}
