// A flash sale behind a waiting room, on the built command.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOnlyResult, runCli, scratchDir, shopDataFolders } from '../support/cli.ts';
import { SHORT } from './run-options.ts';

const ROOM = [
  ...[...SHORT, '-d', '4s', '--rate', '60/s', '--threshold', 'oversold_units==0'],
  ...['--set', 'system.admission.waitingRoom=on'],
];

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

async function run(...more: string[]) {
  const { code, stdout, stderr } = await runCli(['run', 'flash-sale', ...ROOM, ...more], {
    cwd: scratch.path,
    env: { TMPDIR: scratch.path },
  });
  const { result, folder } = readOnlyResult(scratch.path);
  expect(shopDataFolders(scratch.path)).toEqual([]);
  const ledger = JSON.parse(readFileSync(path.join(folder, 'ledger-1.json'), 'utf8'));
  return { code, result, ledger, said: `${stdout}\n${stderr}` };
}

describe('ecomsim run with a waiting room', () => {
  // 82 and 99 are the honest answers of a machine that is too busy, 81 of a run that met too little.
  it('lets people in by its rate, in their order, and the audit finds it so', async () => {
    const { code, result, ledger, said } = await run('--set', 'system.admission.rate=15/s');
    expect([0, 81, 82, 99], said).toContain(code);
    expect(result.audit.verdict, JSON.stringify(result.audit, null, 1)).not.toBe('fail');
    for (const id of ['O9', 'A4']) {
      const judged = result.audit.invariants.find((invariant) => invariant.id === id);
      expect(judged, id).toMatchObject({ verdict: 'pass', violations: [] });
      expect(judged?.checked, id).toBeGreaterThan(10);
    }
    const { waitingRoom } = result.business;
    expect(waitingRoom).toMatchObject({ inversionShare: 0, displacementMax: 0 });
    expect(waitingRoom?.places).toBe(ledger.admissions.length);
    expect(waitingRoom?.admitted).toBeGreaterThan(5);
    expect(Object.keys(waitingRoom?.byPopulation ?? {})).toEqual(
      expect.arrayContaining(['bot', 'refresher']),
    );
    expect(said).toMatch(/Waiting room +\d+ of \d+ places admitted/);
    expect(said).toContain('in the order of arrival');
    const { joinQueue, queueStatus, checkout } = result.operations;
    expect(joinQueue?.ok).toBeGreaterThan(10);
    expect(queueStatus?.ok).toBeGreaterThan(10);
    expect(checkout?.refused).toBeGreaterThan(0);
    expect(result.timeline.some(({ waiting }) => (waiting ?? 0) > 0)).toBe(true);
    // Sale items were sold to those who had been let in, and to nobody else.
    expect(result.business.unitsSold).toBeGreaterThan(0);
    const uses = ledger.admissions.reduce((sum: number, row: any) => sum + row.uses, 0);
    expect(uses).toBeGreaterThanOrEqual(result.business.unitsSold);
  });

  it('lets in no more at a time than its bound', async () => {
    const bound = ['--set', 'system.admission.rate=0', '--set', 'system.admission.atOnce=4'];
    const { result } = await run(...bound, '--set', 'system.admission.tokenTtl=1s');
    expect(result.audit.verdict, JSON.stringify(result.audit, null, 1)).not.toBe('fail');
    const judged = result.audit.invariants.find(({ id }) => id === 'A4');
    expect(judged).toMatchObject({ verdict: 'pass', violations: [] });
    expect(result.business.waitingRoom?.admitted).toBeGreaterThan(4);
  });

  it('says what is wrong with one that would hold nobody back', async () => {
    const { code, stderr } = await runCli(
      ['run', 'flash-sale', ...ROOM, '--set', 'system.admission.rate=0'],
      { cwd: scratch.path },
    );
    expect(code).toBe(104);
    expect(stderr).toContain('a waiting room admits by a rate, or so many at once');
  });
});
