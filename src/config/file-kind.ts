/** Which kind of file a document is meant to be: by the names at its top. */
import { parseYamlText, type Tree } from './document.ts';
import { readTextFile } from './text-file.ts';

export type FileKind = 'profile' | 'scenario' | 'target';

interface Kind {
  readonly kind: FileKind;
  /** Names at the top of such a file. */
  readonly names: readonly string[];
  readonly usage: string;
}

/** In order of preference where a document has as many names of one kind as of another. */
const KINDS: readonly Kind[] = [
  {
    kind: 'profile',
    names: ['description', 'target', 'system', 'load', 'sale', 'thresholds'],
    usage: 'ecomsim run <scenario> -p <file>',
  },
  {
    kind: 'scenario',
    names: [
      ...['name', 'title', 'model', 'peak', 'mix', 'phases', 'populations', 'journeys'],
      ...['catalogue', 'sale', 'disturbances', 'probes', 'goals'],
    ],
    usage: 'ecomsim run <file>',
  },
  {
    kind: 'target',
    names: ['baseUrl', 'headers', 'session', 'operations', 'ledger'],
    usage: 'ecomsim run <scenario> -t <file>',
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

/** The message for a file that is of another kind than the one it was given as, if it is. */
export function otherKind(tree: Tree, wanted: FileKind): string | undefined {
  const found = fileKindOf(tree);
  const kind = KINDS.find((candidate) => candidate.kind === found);
  if (kind === undefined || found === wanted) return undefined;
  return `is a ${found} file, not a ${wanted}; use it like this: ${kind.usage}`;
}

/** A file that cannot be read counts as a profile, whose reader tells why. */
export async function readFileKind(file: string): Promise<FileKind> {
  const { text } = await readTextFile(file);
  const tree = text === undefined ? undefined : parseYamlText(text, file).tree;
  return tree === undefined ? 'profile' : fileKindOf(tree);
}
