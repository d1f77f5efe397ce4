// Builds the failing disk from its source, and puts processes started meanwhile on it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('disk-shim.c', import.meta.url));
const SYNC_OFF = fileURLToPath(new URL('sync-off.cjs', import.meta.url));

export interface DiskFaults {
  readonly seed: number;
  /** A disk that says it synced and did not. */
  readonly ignoreSync?: boolean;
  /** A store that was told not to sync at all. */
  readonly syncOff?: boolean;
  /** Writes `from`, `from` + 1, … from `arm` on fail. */
  readonly fail?: {
    readonly with: 'EIO' | 'ENOSPC';
    readonly from: number;
    readonly count: number;
  };
}

/** Why the shim cannot be used on this machine; '' where it can. */
export function whyNoDiskShim(): string {
  if (process.platform !== 'linux') return 'the failing disk is for Linux only';
  const compiler = spawnSync('cc', ['--version']);
  return compiler.status === 0 ? '' : 'there is no C compiler (cc) to build the failing disk';
}

export class DiskShim {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-disk-'));
  readonly #library = path.join(this.#folder, 'disk-shim.so');
  #cutFile = '';
  #armFile = '';
  #reportFile = '';
  #ordinal = 0;

  constructor() {
    const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC'];
    const built = spawnSync('cc', [...flags, '-o', this.#library, SOURCE, '-ldl', '-lpthread']);
    if (built.status !== 0) throw new Error(`the failing disk: ${built.stderr}`);
  }

  /** What `work` starts has its files below `dir` on the disk; what it starts later does not. */
  async under<T>(dir: string, faults: DiskFaults, work: () => Promise<T>): Promise<T> {
    this.#ordinal++;
    this.#cutFile = path.join(this.#folder, `cut-${this.#ordinal}`);
    this.#armFile = path.join(this.#folder, `arm-${this.#ordinal}`);
    this.#reportFile = path.join(this.#folder, `report-${this.#ordinal}`);
    const { fail } = faults;
    const env: Record<string, string> = {
      LD_PRELOAD: this.#library,
      DISK_SHIM_DIR: dir,
      DISK_SHIM_CUT_FILE: this.#cutFile,
      DISK_SHIM_ARM_FILE: this.#armFile,
      DISK_SHIM_REPORT: this.#reportFile,
      DISK_SHIM_SEED: String(faults.seed),
      ...(faults.ignoreSync === true && { DISK_SHIM_IGNORE_SYNC: '1' }),
      ...(fail !== undefined && { DISK_SHIM_FAIL: `${fail.with}:${fail.from}:${fail.count}` }),
      ...(faults.syncOff === true && { NODE_OPTIONS: `--require ${SYNC_OFF}` }),
    };
    const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, env);
    try {
      return await work();
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  }

  cutPower(): void {
    writeFileSync(this.#cutFile, '');
  }

  arm(): void {
    writeFileSync(this.#armFile, '');
  }

  /** What it did: `cut <writes that were not synced> <of them lost>`, `failed <n> <errno>`. */
  report(): string {
    return existsSync(this.#reportFile) ? readFileSync(this.#reportFile, 'utf8') : '';
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
