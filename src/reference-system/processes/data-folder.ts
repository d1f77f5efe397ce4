/** The folder with a system's files: temporary and removed at the end, or given and kept. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EcomsimError, messageOf } from '../../base/errors.ts';

const PREFIX = 'ecomsim-shop-';
/** Holds the pid of the process that started the system. */
const OWNER_FILE = 'owner.pid';
/** Folders looked at in one sweep: a crowded temporary folder must not slow every start. */
const SWEEP_LIMIT = 500;

export interface DataFolder {
  readonly root: string;
  readonly temporary: boolean;
  /** The folder of one process; created. */
  of(name: string): string;
  /** Removes a temporary folder, or gives a kept one free. Safe to call twice. */
  release(): void;
}

/** Throws TARGET_START_FAILED when the folder cannot be written or is in use. */
export function openDataFolder(given: string | undefined): DataFolder {
  const temporary = given === undefined;
  try {
    if (temporary) sweepLeftovers();
    const root = temporary ? fs.mkdtempSync(path.join(os.tmpdir(), PREFIX)) : path.resolve(given);
    if (!temporary) {
      fs.mkdirSync(root, { recursive: true, mode: 0o700 });
      refuseIfInUse(root);
    }
    fs.writeFileSync(path.join(root, OWNER_FILE), `${process.pid}\n`, { mode: 0o600 });
    return {
      root,
      temporary,
      of: (name) => {
        const folder = path.join(root, name);
        fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
        return folder;
      },
      release: () => {
        if (temporary) removeFolder(root);
        else fs.rmSync(path.join(root, OWNER_FILE), { force: true });
      },
    };
  } catch (error) {
    if (error instanceof EcomsimError) throw error;
    throw new EcomsimError(
      'TARGET_START_FAILED',
      `The shop's data folder ${given ?? os.tmpdir()} cannot be used: ${messageOf(error)}. ` +
        'Free some space there, or choose another folder.',
      { cause: error },
    );
  }
}

/** Retries: a process that is just being killed may still add a file while its folder goes. */
export function removeFolder(root: string): void {
  fs.rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}

function refuseIfInUse(root: string): void {
  const owner = ownerOf(root);
  if (owner === undefined || owner === process.pid || !isAlive(owner)) return;
  throw new EcomsimError(
    'TARGET_START_FAILED',
    `The data folder ${root} is in use by the running process ${owner}. ` +
      'Stop that one first, or choose another folder.',
  );
}

/** Removes the temporary folders of systems whose owner is gone (killed, power lost). */
function sweepLeftovers(): void {
  const uid = process.getuid?.();
  const names = fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const name of names.slice(0, SWEEP_LIMIT)) {
    const folder = path.join(os.tmpdir(), name);
    const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
    // Never follow a link or touch another user's folder in a shared temporary folder.
    if (stat === undefined || !stat.isDirectory()) continue;
    if (uid !== undefined && stat.uid !== uid) continue;
    const owner = ownerOf(folder);
    if (owner !== undefined && !isAlive(owner)) removeFolder(folder);
  }
}

function ownerOf(folder: string): number | undefined {
  const file = path.join(folder, OWNER_FILE);
  if (!fs.existsSync(file)) return undefined;
  const pid = Number.parseInt(fs.readFileSync(file, 'utf8'), 10);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
