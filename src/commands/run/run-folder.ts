/** The folder of one run: made before anything starts, written phase by phase, never half a file. */
import { createHash, type Hash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import { formatIsoTime } from '../../base/units.ts';
import type { RunResult } from '../../contract/run-result.ts';

/** Sub-folder of the operation history, one segment per load worker and one for the probes. */
export const HISTORY_DIR = 'history';

type Artefact = RunResult['artefacts'][number];

/** Whole, or in parts that are made as they are written. */
export type FileContent = string | Uint8Array | Iterable<string | Uint8Array>;

export interface RunFolder {
  readonly runId: string;
  readonly path: string;
  /** Path as a person would type it from the working directory. */
  readonly shownPath: string;
  file(name: string): string;
  /** Writes a file in one step; a failure is kept and told, never thrown into a measurement. */
  write(name: string, content: FileContent): Promise<void>;
  /** Adds a file that something else wrote. */
  adopt(name: string): Promise<void>;
  artefacts(): readonly Artefact[];
  /** What could not be written, in plain words. */
  problems(): readonly string[];
  /** Removes an empty run that never started. */
  discard(): Promise<void>;
}

function stamp(wallMs: number): string {
  return formatIsoTime(wallMs).slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

/** Names come from us alone: date, scenario name (checked) and four random hex digits. */
export async function createRunFolder(options: {
  readonly reportsDir: string;
  readonly scenario: string;
  readonly wallMs: number;
  readonly cwd: string;
  /** Default true; what only gathers runs has none of its own. */
  readonly holdsHistory?: boolean;
}): Promise<RunFolder> {
  const { reportsDir, scenario, wallMs, cwd } = options;
  const runId = `${stamp(wallMs)}-${scenario}-${randomBytes(2).toString('hex')}`;
  const folder = path.resolve(cwd, reportsDir, runId);
  try {
    await makeFolders(options.holdsHistory === false ? folder : path.join(folder, HISTORY_DIR));
    await probeWritable(folder);
  } catch (error) {
    throw new EcomsimError(
      'OUTPUT_NOT_WRITABLE',
      `cannot write to ${path.resolve(cwd, reportsDir)}: ${messageOf(error)}`,
      { details: ['choose another place with --reports-dir <dir>'], cause: error },
    );
  }
  const relative = path.relative(cwd, folder);
  return openRunFolder(runId, folder, relative.startsWith('..') ? folder : relative);
}

/**
 * Step by step from the top: `mkdir` with `recursive` never returns below /proc, where creating
 * answers "no such file" although the parent exists.
 */
async function makeFolders(folder: string): Promise<void> {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = path.dirname(at)) missing.unshift(at);
  for (const one of missing) {
    await mkdir(one).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function probeWritable(folder: string): Promise<void> {
  const probe = path.join(folder, '.probe');
  const handle = await open(probe, 'wx', 0o600);
  try {
    await handle.writeFile('x'.repeat(4096));
    await handle.sync();
  } finally {
    await handle.close();
    await rm(probe, { force: true });
  }
}

function openRunFolder(runId: string, folder: string, shownPath: string): RunFolder {
  const artefacts = new Map<string, Artefact>();
  const problems: string[] = [];
  const register = (name: string, sha256: string): void => {
    artefacts.set(name, { name, path: name, sha256 });
  };
  return {
    runId,
    path: folder,
    shownPath,
    file: (name) => path.join(folder, name),
    write: async (name, content) => {
      try {
        const hash = createHash('sha256');
        await writeAtomically(path.join(folder, name), hashed(content, hash));
        if (name !== 'result.json') register(name, hash.digest('hex'));
      } catch (error) {
        problems.push(`${name} could not be written: ${messageOf(error)}`);
      }
    },
    adopt: async (name) => {
      try {
        const hash = createHash('sha256').update(await readFile(path.join(folder, name)));
        register(name, hash.digest('hex'));
      } catch (error) {
        problems.push(`${name} could not be read back: ${messageOf(error)}`);
      }
    },
    artefacts: () => [...artefacts.values()],
    problems: () => problems,
    discard: async () => {
      if (artefacts.size === 0) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The same content, which the hash has seen once it has been written. */
function* hashed(content: FileContent, hash: Hash): Generator<string | Uint8Array> {
  const isWhole = typeof content === 'string' || content instanceof Uint8Array;
  for (const part of isWhole ? [content] : content) {
    hash.update(part);
    yield part;
  }
}

/** A reader never sees half a file: write beside it, then rename. */
export async function writeAtomically(file: string, content: FileContent): Promise<void> {
  const temporary = `${file}.part`;
  try {
    await writeFile(temporary, content, { mode: 0o644 });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
