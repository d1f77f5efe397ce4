// Makes a clone ready to run: installs packages from the lockfile and builds dist/, each only when
// stale. The launcher, `npm test`, `npm run check` and `npm pack` all come through here.
//
//   node scripts/setup.mjs            whatever is missing or stale
//   node scripts/setup.mjs --rebuild  compile even when nothing changed
//
// Plain JavaScript on Node built-ins, because it runs before anything is installed.

// @ts-check
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildIsFresh, buildStampOf, replaceBuild, sourceDigest } from './build-output.mjs';
import { installedMatchesLock, lockDigest } from './installed-packages.mjs';
import { takeLock } from './setup-lock.mjs';

export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const LOG = path.join(ROOT, 'ecomsim-setup.log');
const LOCK = path.join(ROOT, '.ecomsim-setup-lock');
const INSTALLED = path.join(ROOT, 'node_modules', '.ecomsim-installed');
const STAGING = path.join(ROOT, '.ecomsim-build');
/** npm says what is wrong first and what could be tried last. */
const LOG_LINES_SHOWN = { first: 16, last: 24 };
/** Stamps are dated a little early: file systems keep time more coarsely than the clock. */
const STAMP_MARGIN_MS = 20;

/** The set-up could not be finished; the message says what to do. */
export class SetupError extends Error {}

/** Tells the person what takes so long, on one line of stderr. */
class Progress {
  #startedMs = Date.now();
  #open = false;

  /** @param {string} text */
  step(text) {
    process.stderr.write(this.#open ? ` ${text} …` : `ecomsim: ${text} …`);
    this.#open = true;
  }

  end(text = `ready after ${Math.round((Date.now() - this.#startedMs) / 1000)} s`) {
    if (this.#open) process.stderr.write(` ${text}\n`);
    this.#open = false;
  }
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

/** Where in the log the output of the latest command begins. */
let stepStartsAt = 0;

/**
 * Runs a command with its output in the log.
 * @param {string} command @param {string[]} args
 * @returns {Promise<boolean>} whether it ended well
 */
function run(command, args) {
  const log = fs.openSync(LOG, 'a');
  stepStartsAt = fs.fstatSync(log).size;
  fs.writeSync(log, `$ ${command} ${args.join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', log, log] });
    children.add(child);
    child.on('error', (error) => {
      reject(new SetupError(`could not start ${command}: ${error.message}`));
    });
    child.on('close', (code) => {
      children.delete(child);
      fs.closeSync(log);
      resolve(code === 0);
    });
  });
}

/** @param {string} what @param {string[]} advice */
function failure(what, advice = []) {
  const lines = fs.readFileSync(LOG).subarray(stepStartsAt).toString().trimEnd().split('\n');
  const hidden = lines.length - LOG_LINES_SHOWN.first - LOG_LINES_SHOWN.last;
  if (hidden > 1) lines.splice(LOG_LINES_SHOWN.first, hidden, `… ${hidden} lines more …`);
  return new SetupError(
    [what, ...lines.map((line) => `  ${line}`), ...advice, `The whole log: ${LOG}`].join('\n'),
  );
}

/** The same words as the launcher's: Node's version, the system, the processor. */
function platform() {
  const system = execFileSync('uname', ['-sm'], { encoding: 'utf8' }).trim();
  return { version: process.version, system, line: `${process.version} ${system}` };
}

/** @param {string} file @param {string} text @param {Date} at */
function stamp(file, text, at) {
  fs.writeFileSync(`${file}-new`, text);
  fs.utimesSync(`${file}-new`, at, at);
  fs.renameSync(`${file}-new`, file);
}

function readStamp() {
  if (!fs.existsSync(INSTALLED)) return undefined;
  const [line = '', lock = ''] = fs.readFileSync(INSTALLED, 'utf8').split('\n');
  return { line, lock, system: line.slice(line.indexOf(' ') + 1) };
}

function nativeModuleLoads() {
  const open = "new (require('better-sqlite3'))(':memory:').close()";
  return run(process.execPath, ['-e', open]);
}

/** @param {Progress} progress @param {Date} at */
async function installWhenStale(progress, at) {
  const here = platform();
  const had = readStamp();
  const lock = lockDigest(ROOT);
  if (had?.line !== here.line || had.lock !== lock) {
    const sameSystem = had === undefined || had.system === here.system;
    if (!sameSystem || !installedMatchesLock(ROOT)) {
      progress.step('installing packages (once; a minute or two)');
      fs.rmSync(INSTALLED, { force: true });
      if (!(await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund']))) {
        throw failure('installing the packages failed; what `npm ci` said:');
      }
    }
    if (!(await nativeModuleLoads())) {
      progress.step(`compiling better-sqlite3 for Node ${here.version}`);
      const rebuilt = await run('npm', ['rebuild', 'better-sqlite3']);
      if (!rebuilt || !(await nativeModuleLoads())) {
        throw failure('the native module better-sqlite3 does not load; the log:', [
          'Without a prebuilt binary it is compiled here, which needs python3, make and a C++',
          'compiler (Debian and Ubuntu: `apt-get install python3 make g++`; macOS: Xcode tools).',
        ]);
      }
    }
  } else if (fs.statSync(INSTALLED).mtimeMs > fs.statSync(lockFile()).mtimeMs) {
    return;
  }
  stamp(INSTALLED, `${here.line}\n${lock}\n`, at);
}

function lockFile() {
  return path.join(ROOT, 'package-lock.json');
}

/** @param {Progress} progress @param {Date} at @param {boolean} rebuild */
async function buildWhenStale(progress, at, rebuild) {
  const digest = sourceDigest(ROOT);
  if (rebuild || !buildIsFresh(ROOT, digest)) {
    progress.step('building');
    fs.rmSync(STAGING, { recursive: true, force: true });
    const compiler = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    if (!(await run(process.execPath, [compiler, '-p', ROOT, '--outDir', STAGING]))) {
      fs.rmSync(STAGING, { recursive: true, force: true });
      throw failure('the sources do not compile:');
    }
    replaceBuild(ROOT, STAGING);
  }
  stamp(buildStampOf(ROOT), `${digest}\n`, at);
}

/** @param {() => void} giveBack */
function giveBackWhenKilled(giveBack) {
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => {
    for (const child of children) child.kill(signal);
    giveBack();
    process.stderr.write('\necomsim: set-up interrupted\n');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`Node.js 20.19 or newer is needed; this is ${process.version}`);
}

/**
 * Installs and builds what is stale.
 * @param {{ rebuild?: boolean }} options
 */
export async function setUp({ rebuild = false } = {}) {
  refuseOldNode();
  const progress = new Progress();
  const giveBack = await takeLock(LOCK, {
    onWait: (pid) => progress.step(`waiting for process ${pid}, which is setting up too`),
    onLost: () => {
      for (const child of children) child.kill('SIGKILL');
      process.stderr.write('\necomsim: another process took over the set-up; run this again\n');
      process.exit(69);
    },
  });
  const stopListening = giveBackWhenKilled(giveBack);
  try {
    fs.rmSync(LOG, { force: true });
    const at = new Date(Date.now() - STAMP_MARGIN_MS);
    await installWhenStale(progress, at);
    await buildWhenStale(progress, at, rebuild);
    fs.rmSync(LOG, { force: true });
    progress.end();
  } catch (error) {
    progress.end('failed');
    throw error;
  } finally {
    stopListening();
    giveBack();
  }
}

async function main() {
  try {
    await setUp({ rebuild: process.argv.includes('--rebuild') });
  } catch (error) {
    const { code = '', message } = /** @type {NodeJS.ErrnoException} */ (error);
    const cannotWrite = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(code);
    if (!(error instanceof SetupError) && !cannotWrite) throw error;
    process.stderr.write(`ecomsim: ${cannotWrite ? `cannot write in ${ROOT}: ` : ''}${message}\n`);
    process.exitCode = 69;
  }
}

if (import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1] ?? '')).href) await main();
