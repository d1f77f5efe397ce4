// The main job on the built command: what is printed, what is written, how it exits.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOnlyResult, runCli, scratchDir, shopDataFolders } from '../support/cli.ts';
import { SHORT } from './run-options.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

function run(args: readonly string[]): ReturnType<typeof runCli> {
  return runCli(['run', 'flash-sale', ...args], {
    cwd: scratch.path,
    env: { TMPDIR: scratch.path },
  });
}

describe('ecomsim run flash-sale', () => {
  it('sells out without overselling, and says so', async () => {
    const { code, stdout, stderr } = await run([...SHORT, '--threshold', 'oversold_units==0']);
    const { result, folder } = readOnlyResult(scratch.path);
    // On a machine that is too busy for its own schedule or the profile's thresholds these are the
    // honest answers; what the sale must never be is incorrect.
    expect([0, 81, 82, 99], `${stdout}\n${stderr}`).toContain(code);
    expect(code).toBe(result.exitCode);
    expect(result.audit.verdict, JSON.stringify(result.audit, null, 1)).toBe('pass');
    expect(result.audit.oversoldUnits).toBe(0);
    expect(result.business.unitsSold).toBeLessThanOrEqual(result.business.unitsForSale);
    expect(result.business.timeToSellOutMs).not.toBeNull();
    expect(result.operations['order']?.ok).toBeGreaterThan(0);
    expect(result.audit.goals['sold_out_seen']).toBeGreaterThan(0);
    expect(stdout).toContain('oversold');
    expect(stdout.trimEnd().split('\n').at(-1)).toContain(result.reason);
    for (const { path: name } of result.artefacts) {
      expect(existsSync(path.join(folder, name)), name).toBe(true);
    }
    expect(shopDataFolders(scratch.path)).toEqual([]);
  });

  it('catches every oversell of the unsafe strategy and exits 80', async () => {
    const { code, stdout } = await run([...SHORT, '--strategy', 'unsafe']);
    const { result } = readOnlyResult(scratch.path);
    expect(result.audit.oversoldUnits).toBeGreaterThan(0);
    expect(result.verdict).toBe('fail');
    expect(code).toBe(80);
    const oversell = result.audit.invariants.find(({ id }) => id === 'I1');
    expect(oversell?.verdict).toBe('fail');
    expect(oversell?.violations[0]?.witness.length).toBeGreaterThan(0);
    expect(oversell?.violations[0]?.witness.length).toBeLessThanOrEqual(10);
    expect(stdout).toMatch(/oversold/);
    expect(shopDataFolders(scratch.path)).toEqual([]);
  });

  it('plans the same journeys for the same seed and other ones for another', async () => {
    const digests: string[] = [];
    for (const seed of ['7', '7', '8']) {
      const cwd = scratchDir();
      try {
        await runCli(['run', 'flash-sale', ...SHORT, '-d', '1s', '--seed', seed], {
          cwd: cwd.path,
          env: { TMPDIR: scratch.path },
        });
        digests.push(readOnlyResult(cwd.path).result.run.planDigest);
      } finally {
        cwd.dispose();
      }
    }
    expect(digests[0]).toBe(digests[1]);
    expect(digests[0]).not.toBe(digests[2]);
  });

  it('judges a stored run again from its folder alone, and renders it again', async () => {
    const first = await run([...SHORT, '--strategy', 'unsafe']);
    expect(first.code).toBe(80);
    const { folder, result } = readOnlyResult(scratch.path);
    const again = await runCli(['audit', folder], { cwd: scratch.path });
    expect(again.code).toBe(80);
    expect(again.stdout).toContain('I1');
    const copy = path.join(scratch.path, 'copy.json');
    const page = await runCli(['report', folder], { cwd: scratch.path });
    expect(page.code).toBe(0);
    expect(page.stdout).toContain(result.reason.slice(0, 20));
    const written = await runCli(['report', folder, '-o', `json=${copy}`], { cwd: scratch.path });
    expect(written.code).toBe(0);
    expect(JSON.parse(readFileSync(copy, 'utf8'))).toEqual(result);
  });
});
