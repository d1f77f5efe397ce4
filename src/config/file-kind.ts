/** Which kind of file a document is meant to be: by the names at its top. */
import { parseYamlText, type Tree } from './document.ts';
import { readTextFile } from './text-file.ts';

export type FileKind = 'profile' | 'scenario' | 'target';

interface Kind {
  readonly kind: FileKind;
  /** Names at the top of such a file. */
  readonly names: readonly string[];
  /** What to do with it. */
  readonly usage: string;
}

/** In order of preference where a document has as many names of one kind as of another. */
const KINDS: readonly Kind[] = [
  {
    kind: 'profile',
    names: ['description', 'target', 'system', 'load', 'sale', 'thresholds'],
    usage: 'use it with -p',
  },
  {
    kind: 'scenario',
    names: [
      ...['name', 'title', 'model', 'peak', 'mix', 'phases', 'populations', 'journeys'],
      ...['catalogue', 'sale', 'disturbances', 'probes', 'goals'],
    ],
    usage: 'run it with ecomsim run <file>',
  },
  {
    kind: 'target',
    names: [
      ...['baseUrl', 'headers', 'setup', 'session', 'operations', 'skip', 'products', 'users'],
      ...['ledger', 'runKey'],
    ],
    usage: 'use it with -t',
  },
];

/** A document without a known name counts as a profile: all of its fields have defaults. */
export function fileKindOf(tree: Tree): FileKind {
  let best: Kind | undefined;
  let most = 0;
  for (const kind of KINDS) {
    const count = kind.names.filter((name) => Object.hasOwn(tree, name)).length;
    if (count > most) [best, most] = [kind, count];
  }
  return best?.kind ?? 'profile';
}

/** For a file of another kind than the one it was given as: the name that tells, and what to do. */
export function otherKind(
  tree: Tree,
  wanted: FileKind,
): { readonly name: string; readonly message: string } | undefined {
  const found = fileKindOf(tree);
  const kind = KINDS.find((candidate) => candidate.kind === found);
  const name = kind?.names.find((candidate) => Object.hasOwn(tree, candidate));
  if (kind === undefined || name === undefined || found === wanted) return undefined;
  return { name, message: `this is a ${found} file, not a ${wanted}: ${kind.usage}` };
}

/** A file that cannot be read counts as a profile, whose reader tells why. */
export async function readFileKind(file: string): Promise<FileKind> {
  const { text } = await readTextFile(file);
  const tree = text === undefined ? undefined : parseYamlText(text, file).tree;
  return tree === undefined ? 'profile' : fileKindOf(tree);
}
