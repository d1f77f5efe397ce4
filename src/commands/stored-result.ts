/** Reads back what a run or a search left: its file, or the folder it is in. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseCapacity, parseResult } from '../analysis/parse-result.ts';
import { EcomsimError, messageOf } from '../base/errors.ts';
import type { CapacityReport } from '../contract/capacity.ts';
import type { RunResult } from '../contract/run-result.ts';

const MAX_BYTES = 256 * 1024 * 1024;
const CAPACITY_FILE = 'capacity.json';

/** Throws EcomsimError INVALID_RESULT. `folder` is relative to `cwd`. */
export async function readStoredResult(
  given: string,
  cwd: string,
): Promise<{ result: RunResult; folder: string }> {
  const { text, file } = await readStored(given, cwd, 'result.json');
  return { result: parseResult(text), folder: folderOf(file, cwd) };
}

/** As `readStoredResult`. */
export async function readStoredCapacity(
  given: string,
  cwd: string,
): Promise<{ report: CapacityReport; folder: string }> {
  const { text, file } = await readStored(given, cwd, CAPACITY_FILE);
  return { report: parseCapacity(text), folder: folderOf(file, cwd) };
}

/** Told by its name alone: what it holds is checked when it is read. */
export async function isStoredCapacity(given: string, cwd: string): Promise<boolean> {
  if (path.basename(given) === CAPACITY_FILE) return true;
  const inside = path.resolve(cwd, given, CAPACITY_FILE);
  return stat(inside).then(
    (found) => found.isFile(),
    () => false,
  );
}

function folderOf(file: string, cwd: string): string {
  return path.relative(cwd, path.dirname(file)) || '.';
}

async function readStored(
  given: string,
  cwd: string,
  name: string,
): Promise<{ text: string; file: string }> {
  const named = path.resolve(cwd, given);
  try {
    const file = (await stat(named)).isDirectory() ? path.join(named, name) : named;
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    return { text: await readFile(file, 'utf8'), file };
  } catch (error) {
    throw new EcomsimError('INVALID_RESULT', `cannot read ${given}: ${messageOf(error)}`, {
      details: [`name a ${name}, or the folder it is in`],
      cause: error,
    });
  }
}
