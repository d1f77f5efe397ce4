/** Reads back what a run left: a result.json, or the folder it is in. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseResult } from '../analysis/parse-result.ts';
import { EcomsimError, messageOf } from '../base/errors.ts';
import type { RunResult } from '../contract/run-result.ts';

const MAX_BYTES = 256 * 1024 * 1024;

/** Throws EcomsimError INVALID_RESULT. `folder` is relative to `cwd`. */
export async function readStoredResult(
  given: string,
  cwd: string,
): Promise<{ result: RunResult; folder: string }> {
  const named = path.resolve(cwd, given);
  let text: string;
  let file = named;
  try {
    file = (await stat(named)).isDirectory() ? path.join(named, 'result.json') : named;
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new EcomsimError('INVALID_RESULT', `cannot read ${given}: ${messageOf(error)}`, {
      details: ['name a result.json, or the run folder it is in'],
      cause: error,
    });
  }
  return { result: parseResult(text), folder: path.relative(cwd, path.dirname(file)) || '.' };
}
