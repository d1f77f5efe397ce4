/** Runs the built command as a child process, as a person or a CI job would. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunResult } from '../../src/contract/run-result.ts';

export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CLI = path.join(PROJECT_ROOT, 'dist', 'cli.js');

export interface CliOutcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Called with the running process and everything it has written to stderr so far. */
  readonly onProgress?: (child: ChildProcess, stderr: string) => void;
  /** Closes the reading end of stdout at once. */
  readonly closeStdout?: boolean;
}

export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliOutcome> {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: options.cwd ?? PROJECT_ROOT,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  if (options.closeStdout === true) child.stdout.destroy();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    options.onProgress?.(child, stderr);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** A scratch working directory; `dispose` removes it. */
export function scratchDir(): { path: string; dispose: () => void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-'));
  return { path: folder, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The one result below `cwd`/reports. */
export function readOnlyResult(cwd: string): { result: RunResult; folder: string } {
  const reports = path.join(cwd, 'reports');
  const [run, ...others] = readdirSync(reports);
  if (run === undefined || others.length > 0) throw new Error(`expected one run in ${reports}`);
  const folder = path.join(reports, run);
  const text = readFileSync(path.join(folder, 'result.json'), 'utf8');
  return { result: JSON.parse(text) as RunResult, folder };
}

/** Pids of live processes whose command line holds `needle` and whose parent chain has `root`. */
export function descendantsOf(rootPid: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found: number[] = [];
  const queue = [rootPid];
  for (let parent = queue.shift(); parent !== undefined; parent = queue.shift()) {
    for (const [pid, ppid] of table) {
      if (ppid !== parent) continue;
      found.push(pid);
      queue.push(pid);
    }
  }
  return found;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Temporary data folders of shops, by name. */
export function shopDataFolders(tmpdir: string = os.tmpdir()): string[] {
  if (!existsSync(tmpdir)) return [];
  return readdirSync(tmpdir).filter((name) => /^ecomsim-(?!test-)/.test(name));
}
