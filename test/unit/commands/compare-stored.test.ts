// Stored results as arms: single files, run folders, folders of runs, and what is refused.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EcomsimError } from '../../../src/base/errors.ts';
import { compareStored } from '../../../src/commands/compare/stored.ts';
import type { RunResult } from '../../../src/contract/run-result.ts';
import { scratchDir } from '../../support/cli.ts';
import { SAMPLES } from '../../support/sample-results.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

function store(folder: string, change: (result: RunResult) => void = () => undefined): void {
  const result = structuredClone(SAMPLES.pass());
  result.run.id = folder.replaceAll('/', '-');
  change(result);
  mkdirSync(path.join(scratch.path, folder), { recursive: true });
  writeFileSync(path.join(scratch.path, folder, 'result.json'), JSON.stringify(result));
}

function storeSide(name: string, p99Ms: number): void {
  for (let i = 0; i < 5; i++) {
    store(`${name}/run-${i}`, (result) => {
      result.totals.responseTimeMs.p99 = p99Ms + i / 10;
      result.business.goodputPerSec = 10 + i / 100;
      result.capacity.estimatePerSec = null;
    });
  }
}

async function problemsOf(given: readonly string[], options = {}): Promise<string> {
  const failed: unknown = await compareStored(given, options, scratch.path).catch(
    (error: unknown) => error,
  );
  if (failed instanceof EcomsimError) return failed.details.join('\n');
  throw new Error('it was compared');
}

describe('stored results', () => {
  it('are one arm for each argument, a folder of runs being an arm of several', async () => {
    storeSide('old', 100);
    storeSide('new', 120);
    const { arms, exitCode, judgements } = await compareStored(['old', 'new'], {}, scratch.path);
    expect(arms.map(({ label, runs }) => [label, runs.length])).toEqual([
      ['old', 5],
      ['new', 5],
    ]);
    expect(judgements[0]?.metrics[0]?.verdict).toBe('slower');
    expect(exitCode).toBe(84);
    const lenient = await compareStored(['old', 'new'], { margin: '30%' }, scratch.path);
    expect(lenient.exitCode).toBe(0);
  });

  it('of single runs cannot be told apart', async () => {
    store('one');
    store('other');
    const files = ['one/result.json', 'other'];
    const { exitCode } = await compareStored(files, { margin: '5%' }, scratch.path);
    expect(exitCode).toBe(81);
  });

  it('are refused with every problem at once', async () => {
    store('one');
    store('elsewhere', (result) => {
      result.run.scenario = 'spike';
    });
    mkdirSync(path.join(scratch.path, 'empty'));
    const said = await problemsOf(['one', 'one', 'elsewhere', 'empty'], {
      margin: 'little',
      repeat: '6',
    });
    expect(said).toContain('one: the same run as in one');
    expect(said).toContain('different scenarios: flash-sale, spike');
    expect(said).toContain('cannot read empty');
    expect(said).toContain('--margin "little"');
    expect(said).toContain('--repeat is for runs');
  });

  it('of the folder of a comparison are refused, whose arms would be mixed', async () => {
    storeSide('campaign', 100);
    storeSide('old', 100);
    writeFileSync(path.join(scratch.path, 'campaign', 'comparison.json'), '{}');
    expect(await problemsOf(['old', 'campaign'])).toContain('holds the runs of several arms');
  });
});
