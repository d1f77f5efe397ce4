/**
 * What `ecomsim calibrate generator` found, kept for `run` in the user's cache folder. It is advice:
 * a file that is missing, broken or from another machine is as good as none.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { EcomsimError, messageOf } from '../base/errors.ts';
import type { Environment } from './overrides.ts';
import { readTextFile } from './text-file.ts';

const PER_SEC = z.number().positive().max(1e9);

const SCHEMA = z.object({
  version: z.literal(1),
  machine: z.object({
    cpuModel: z.string().max(200),
    cores: z.number().int().positive(),
    node: z.string().max(50),
  }),
  /** ISO 8601, UTC. */
  measuredAt: z.iso.datetime(),
  /** Requests per second of one load worker: as fast as it goes, and still on schedule. */
  ceilingPerSec: PER_SEC,
  validPerSec: PER_SEC,
  /** By which steps `validPerSec` was searched. */
  resolutionPerSec: PER_SEC,
});

export type StoredCalibration = z.infer<typeof SCHEMA>;
export type CalibratedMachine = StoredCalibration['machine'];

/** `$XDG_CACHE_HOME/ecomsim/generator.json`, in `~/.cache` where that is not an absolute path. */
export function calibrationPath(env: Environment): string {
  const given = env['XDG_CACHE_HOME'] ?? '';
  const cache = path.isAbsolute(given) ? given : path.join(env['HOME'] ?? homedir(), '.cache');
  return path.join(cache, 'ecomsim', 'generator.json');
}

/** Undefined when there is none for this machine; never throws. */
export async function readCalibration(
  env: Environment,
  machine: CalibratedMachine,
): Promise<StoredCalibration | undefined> {
  const { text } = await readTextFile(calibrationPath(env));
  if (text === undefined) return undefined;
  const parsed = SCHEMA.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  const { cpuModel, cores, node } = parsed.data.machine;
  const isOurs = cpuModel === machine.cpuModel && cores === machine.cores && node === machine.node;
  return isOurs ? parsed.data : undefined;
}

/** Undefined for what is not JSON: whoever reads it judges what is. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Makes the folder; throws OUTPUT_NOT_WRITABLE, before anything has been measured. */
export async function prepareCalibration(env: Environment): Promise<void> {
  const file = calibrationPath(env);
  const trial = `${file}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(trial, '');
    await rm(trial);
  } catch (error) {
    throw notWritable(file, error);
  }
}

/** In one step, so that a reader never sees half a file. Throws OUTPUT_NOT_WRITABLE. */
export async function writeCalibration(env: Environment, found: StoredCalibration): Promise<void> {
  const file = calibrationPath(env);
  try {
    await writeFile(`${file}.part`, `${JSON.stringify(found, null, 2)}\n`);
    await rename(`${file}.part`, file);
  } catch (error) {
    throw notWritable(file, error);
  }
}

function notWritable(file: string, cause: unknown): EcomsimError {
  const message = `cannot write ${file}: ${messageOf(cause)}; set XDG_CACHE_HOME to a folder of yours`;
  return new EcomsimError('OUTPUT_NOT_WRITABLE', message, { cause });
}
