// How much of a run is kept for the audit: nothing, what it needs, or everything.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHistory } from '../../src/history/history-reader.ts';
import { readOnlyResult, runCli, scratchDir } from '../support/cli.ts';
import { SHORT } from './run-options.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

const run = (...words: string[]): ReturnType<typeof runCli> =>
  runCli(['run', 'steady-browse', ...SHORT, '-d', '2s', ...words], {
    cwd: scratch.path,
    env: { TMPDIR: scratch.path },
  });

describe('ecomsim run --history', () => {
  it('off proves nothing, claims nothing that only a history can tell, and says so', async () => {
    const { code, stdout } = await run('--history', 'off', '--threshold', 'goodput>0/s');
    const { folder, result } = readOnlyResult(scratch.path);
    expect([81, 82, 99]).toContain(code);
    expect(result.otherCodes.concat(result.exitCode)).toContain(81);
    expect(result.audit.verdict).toBe('unknown');
    expect(result.business).toMatchObject({
      ordersConfirmed: null,
      goodputPerSec: null,
      revenueMinor: null,
      timeToSellOutMs: null,
    });
    expect(result.thresholds.find(({ expression }) => expression === 'goodput>0/s')?.ok).toBeNull();
    expect(stdout).toContain('no history was kept');
    expect(stdout).not.toContain('0 oversold');
    expect(existsSync(join(folder, 'history', 'worker-0.history'))).toBe(false);
  });

  it('all keeps the reads that no invariant needs beside what the audit judges by', async () => {
    await run('--history', 'all');
    const { folder, result } = readOnlyResult(scratch.path);
    // Too few orders on a busy machine leave the audit open; nothing may be violated.
    expect(result.audit.verdict, JSON.stringify(result.audit)).not.toBe('fail');
    expect(result.business.ordersConfirmed).not.toBeNull();
    const seen = new Set<string>();
    openHistory([join(folder, 'history', 'worker-0.history')]).forEach(({ operation }) => {
      seen.add(operation);
    });
    expect([...seen]).toEqual(expect.arrayContaining(['viewProduct', 'search']));
  });

  it('refuses another word with the nearest one, and starts nothing', async () => {
    const { code, stderr } = await run('--history', 'write');
    expect(code).toBe(104);
    expect(stderr).toContain('did you mean "writes"');
    expect(existsSync(join(scratch.path, 'reports'))).toBe(false);
  });
});
