// What goes wrong in mid-run: the run ends, says what it knows, and leaves nothing behind.
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  descendantsOf,
  isAlive,
  readOnlyResult,
  runCli,
  scratchDir,
  shopDataFolders,
} from '../support/cli.ts';
import { SHORT } from './run-options.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

interface Watched {
  readonly outcome: Awaited<ReturnType<typeof runCli>>;
  readonly children: readonly number[];
}

/** Runs a sale and calls `act` once, when load is flowing (the first progress line came). */
async function runAndAct(
  args: readonly string[],
  act: (child: ChildProcess, children: readonly number[]) => void,
  closeStdout = false,
): Promise<Watched> {
  let children: readonly number[] = [];
  let acted = false;
  const outcome = await runCli(['run', 'flash-sale', ...SHORT, '-d', '8s', ...args], {
    cwd: scratch.path,
    env: { TMPDIR: scratch.path },
    closeStdout,
    onProgress: (child, stderr) => {
      if (acted || !/^\d+s\/\d+s /m.test(stderr)) return;
      acted = true;
      children = descendantsOf(child.pid ?? -1);
      act(child, children);
    },
  });
  return { outcome, children };
}

function expectNothingLeft(children: readonly number[]): void {
  expect(children.length).toBeGreaterThanOrEqual(2);
  expect(children.filter(isAlive)).toEqual([]);
  expect(shopDataFolders(scratch.path)).toEqual([]);
}

describe('bad luck in mid-run', () => {
  it('reports and exits 83 when the shop is killed', async () => {
    const { outcome, children } = await runAndAct([], (_child, pids) => {
      process.kill(pids.at(-1) ?? -1, 'SIGKILL');
    });
    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(83);
    const { result } = readOnlyResult(scratch.path);
    expect(result.exitCode).toBe(83);
    expect(result.verdict).toBe('error');
    expect(result.totals.count).toBeGreaterThan(0);
    expectNothingLeft(children);
  });

  it('reports and exits 83 when the shop is stopped and never answers again', async () => {
    const { outcome, children } = await runAndAct(['-d', '20s'], (_child, pids) => {
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
    });
    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(83);
    const { result } = readOnlyResult(scratch.path);
    expect(result.totals.unknown).toBeGreaterThan(0);
    expect(result.audit.verdict).not.toBe('pass');
    expectNothingLeft(children);
  });

  it('stops, audits, reports and exits 105 on one Ctrl-C', async () => {
    const { outcome, children } = await runAndAct([], (child) => child.kill('SIGINT'));
    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(105);
    const { result } = readOnlyResult(scratch.path);
    expect(result.verdict).toBe('interrupted');
    expect(result.audit.invariants.length).toBeGreaterThan(0);
    expectNothingLeft(children);
  });

  it('stops at once and exits 105 on two, leaving nothing behind', async () => {
    const { outcome, children } = await runAndAct([], (child) => {
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), 800);
    });
    expect(outcome.code, outcome.stderr).toBe(105);
    expectNothingLeft(children);
  });

  it('leaves no child and no temporary data when it is itself killed', async () => {
    const { outcome, children } = await runAndAct([], (child) => child.kill('SIGKILL'));
    expect(outcome.signal).toBe('SIGKILL');
    expect(children.length).toBeGreaterThanOrEqual(2);
    await expect
      .poll(() => children.filter(isAlive), { timeout: 20_000, interval: 100 })
      .toEqual([]);
    await expect
      .poll(() => shopDataFolders(scratch.path), { timeout: 20_000, interval: 100 })
      .toEqual([]);
  });

  it('stops printing, not the run, when stdout is closed', async () => {
    const { outcome } = await runAndAct([], () => {}, true);
    const { result } = readOnlyResult(scratch.path);
    expect([0, 81, 82, 99], outcome.stderr).toContain(outcome.code);
    expect(result.audit.verdict).toBe('pass');
    expect(result.exitCode).toBe(outcome.code);
  });
});

describe('a place that cannot be written', () => {
  it('is told before anything is started', async () => {
    const args = ['run', 'flash-sale', '--reports-dir', '/proc/nowhere'];
    const { code, stderr } = await runCli(args, {
      cwd: scratch.path,
      env: { TMPDIR: scratch.path },
    });
    expect(code).toBe(104);
    expect(stderr).toContain('--reports-dir');
    expect(existsSync(path.join(scratch.path, 'reports'))).toBe(false);
    expect(readdirSync(scratch.path)).toEqual([]);
  });
});
