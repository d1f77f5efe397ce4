// The scenarios that crowd, restock or disturb the shop, on the built command.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOnlyResult, runCli, scratchDir, shopDataFolders } from '../support/cli.ts';
import { SHORT } from './run-options.ts';

const QUICK = [...SHORT, '-d', '3s', '--set', 'load.warmup=0', '--threshold', 'oversold_units==0'];

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

async function run(name: string, rate: string, ...more: string[]) {
  const { code, stdout, stderr } = await runCli(['run', name, ...QUICK, '--rate', rate, ...more], {
    cwd: scratch.path,
    env: { TMPDIR: scratch.path },
  });
  const { result, folder } = readOnlyResult(scratch.path);
  expect(result.run.scenario).toBe(name);
  expect(shopDataFolders(scratch.path)).toEqual([]);
  return { code, result, folder, said: `${stdout}\n${stderr}` };
}

/** What the timeline says was going on, one entry per second with something. */
function faultsOf(timeline: readonly { readonly faults: readonly string[] }[]): string[] {
  return timeline.flatMap(({ faults }) => faults);
}

describe('ecomsim run', () => {
  // 82 and 99 are the honest answers of a machine that is too busy, 81 of a run that met too little.
  it.each([
    ['mixed-day', []],
    ['bot-attack', []],
    ['retry-storm', ['stall']],
    ['payment-brownout', ['brownout']],
  ])('%s is carried out, and never found incorrect', async (name, disturbances) => {
    const { code, result, said } = await run(name, '60/s', '-d', '2s');
    expect([0, 81, 82, 99], said).toContain(code);
    expect(result.audit.verdict, JSON.stringify(result.audit, null, 1)).not.toBe('fail');
    expect(result.audit.invariants.length).toBeGreaterThan(20);
    expect([...new Set(faultsOf(result.timeline))]).toEqual(disturbances);
  });

  it('restock sells what came in during the run, and not before', async () => {
    const { code, result, folder, said } = await run('restock', '60/s');
    expect([0, 81, 82, 99], said).toContain(code);
    expect(result.audit.verdict, JSON.stringify(result.audit, null, 1)).not.toBe('fail');
    const read = (file: string) => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    const [restock] = read('audit-input.json').restocks;
    expect(restock.doneUs).toBeGreaterThanOrEqual(restock.sentUs);
    const [hot] = read('ledger-1.json').stock;
    expect(hot).toMatchObject({ sku: 'sku-0001', restocked: restock.units });
    expect(hot.seeded + hot.restocked).toBe(result.business.unitsForSale);
    expect(result.business.unitsSold).toBeLessThanOrEqual(result.business.unitsForSale);
  });

  it('restock catches a shop that oversells', async () => {
    const { code, result } = await run('restock', '100/s', '--strategy', 'unsafe');
    expect(code).toBe(80);
    expect(result.audit.oversoldUnits).toBeGreaterThan(0);
  });
});
