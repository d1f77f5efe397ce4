// `ecomsim compare` on the built command: arms that are run, and results that are there already.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/contract/comparison.ts';
import { type CliOutcome, runCli, scratchDir, shopDataFolders } from '../support/cli.ts';
import { SHORT } from './run-options.ts';

const STRATEGIES = ['--vary', 'system.inventory.strategy=guarded-update,unsafe'];

let scratch: ReturnType<typeof scratchDir>;
let outcome: CliOutcome;
let folder: string;
let comparison: Comparison;

beforeAll(async () => {
  scratch = scratchDir();
  outcome = await runCli(['compare', 'flash-sale', ...STRATEGIES, ...SHORT, '-d', '3s'], {
    cwd: scratch.path,
    env: { TMPDIR: scratch.path },
  });
  const reports = path.join(scratch.path, 'reports');
  const [name = ''] = readdirSync(reports);
  folder = path.join(reports, name);
  comparison = JSON.parse(readFileSync(path.join(folder, 'comparison.json'), 'utf8')) as Comparison;
}, 120_000);

afterAll(() => {
  scratch.dispose();
});

describe('ecomsim compare', () => {
  it('runs the strategies under the same plan and shows the oversell of the unsafe one', () => {
    expect(outcome.code, outcome.stderr).toBe(80);
    const [sound, unsafe] = comparison.arms;
    expect(comparison.samePlan).toBe(true);
    expect(sound?.label).toBe('guarded-update');
    expect(sound?.runs[0]?.violated).toEqual([]);
    expect([0, null]).toContain(sound?.oversoldUnits);
    expect(unsafe?.oversoldUnits).toBeGreaterThan(0);
    expect(outcome.stdout).toContain('unsafe, each only as it declares');
    expect(outcome.stdout).toMatch(/^guarded-update .* 0 .*\n^unsafe .* fail$/m);
  });

  it('keeps every run in a folder of its own, and leaves nothing behind', () => {
    const runs = comparison.arms.flatMap(({ runs }) => runs.map((run) => run.folder));
    expect(runs).toHaveLength(2);
    for (const run of runs) {
      expect(readdirSync(path.join(scratch.path, run))).toContain('result.json');
    }
    expect(shopDataFolders(scratch.path)).toEqual([]);
  });

  it('compares stored results, with the same answer', async () => {
    const runs = comparison.arms.flatMap(({ runs }) => runs.map((run) => run.folder));
    const json = path.join(scratch.path, 'again.json');
    const again = await runCli(['compare', ...runs, '-o', `json=${json}`], { cwd: scratch.path });
    expect(again.code, again.stderr).toBe(80);
    const stored = JSON.parse(readFileSync(json, 'utf8')) as Comparison;
    expect(stored.arms.map(({ oversoldUnits }) => oversoldUnits)).toEqual(
      comparison.arms.map(({ oversoldUnits }) => oversoldUnits),
    );
    expect(stored.reason).toContain('only as it declares');
  });

  it.each([
    [['flash-sale'], 'nothing varies'],
    [
      ['flash-sale', '--vary', 'system.inventory.strategy=guarded,unsafe'],
      'did you mean "guarded-update"',
    ],
    [['flash-sale', '--vary', 'load.rat=1,2'], 'did you mean "load.rate"'],
    [['flash-sal', ...STRATEGIES], 'flash-sale'],
    [['a.json', 'b.json'], 'cannot read'],
    [['flash-sale', ...STRATEGIES, '-o', 'terminal=x'], 'written as json'],
  ])('refuses %j before anything is started', async (args, said) => {
    const empty = scratchDir();
    const { code, stderr } = await runCli(['compare', ...args], { cwd: empty.path });
    expect(code).toBe(104);
    expect(stderr).toContain(said);
    expect(readdirSync(empty.path)).toEqual([]);
    empty.dispose();
  });
});
