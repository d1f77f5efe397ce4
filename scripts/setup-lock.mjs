// A lock folder that lets one process at a time install and build, and that outlives no crash.
//
// Taking it is one atomic rename of a prepared folder onto the lock's name, which fails while the
// lock holds an owner's file. A dead owner is replaced by deleting that one file: only one waiter
// can, so two never take over together.

// @ts-check
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;
const BEAT_MS = 2_000;
const SILENT_IS_DEAD_MS = 60_000;

/** @param {string} code @param {() => void} action @returns {boolean} false when it failed so */
function succeeds(code, action) {
  try {
    action();
    return true;
  } catch (error) {
    if (code.split('|').includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) {
      return false;
    }
    throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  return succeeds('ESRCH', () => {
    succeeds('EPERM', () => process.kill(pid, 0));
  });
}

/**
 * Who holds the lock, or undefined when nobody does.
 * @param {string} folder
 */
function ownerOf(folder) {
  /** @type {string | undefined} */
  let file;
  let silentForMs = 0;
  const found = succeeds('ENOENT', () => {
    file = fs.readdirSync(folder)[0];
    if (file) silentForMs = Date.now() - fs.statSync(path.join(folder, file)).mtimeMs;
  });
  if (!found || !file) return undefined;
  const [pid = '', host = ''] = decodeURIComponent(file).split('@');
  const dead = host === os.hostname() && !isAlive(Number(pid));
  return { file, pid: Number(pid), dead: dead || silentForMs > SILENT_IS_DEAD_MS };
}

/**
 * Waits for the lock and takes it.
 * @param {string} folder
 * @param {{ onWait: (pid: number) => void, onLost: () => void }} events `onLost` is called when
 *   this process was silent for so long (stopped, say) that another took the lock over
 * @returns {Promise<() => void>} gives the lock back
 */
export async function takeLock(folder, { onWait, onLost }) {
  const name = encodeURIComponent(`${process.pid}@${os.hostname()}`);
  const prepared = `${folder}-${process.pid}`;
  const owned = path.join(folder, name);
  fs.rmSync(prepared, { recursive: true, force: true });
  fs.mkdirSync(prepared);
  fs.writeFileSync(path.join(prepared, name), '');

  let told = false;
  while (!succeeds('ENOTEMPTY|EEXIST', () => fs.renameSync(prepared, folder))) {
    const owner = ownerOf(folder);
    if (owner?.dead) {
      succeeds('ENOENT', () => fs.unlinkSync(path.join(folder, owner.file)));
    } else if (owner) {
      if (!told) onWait(owner.pid);
      told = true;
      await sleep(POLL_MS);
    }
  }
  const now = new Date();
  fs.utimesSync(owned, now, now);

  const beat = setInterval(() => {
    const at = new Date();
    if (!succeeds('ENOENT', () => fs.utimesSync(owned, at, at))) onLost();
  }, BEAT_MS);
  beat.unref();

  return () => {
    clearInterval(beat);
    succeeds('ENOENT', () => fs.unlinkSync(owned));
    succeeds('ENOENT|ENOTEMPTY|EEXIST', () => fs.rmdirSync(folder));
  };
}
