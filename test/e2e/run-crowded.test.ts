// The scenarios that crowd, restock or disturb the shop, on the built command.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOnlyResult, runCli, scratchDir, shopDataFolders } from '../support/cli.ts';

/** Short, and with holds that expire soon: the audit waits for the last of them. */
const QUICK: readonly string[] = [
  ...['-p', 'ci', '-d', '3s', '--threshold', 'oversold_units==0'],
  ...['--set', 'load.warmup=0', '--set', 'system.inventory.holdTtl=1500ms'],
  ...['--set', 'system.payment.timeout=300ms', '--set', 'system.payment.attempts=2'],
];

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
  const { result } = readOnlyResult(scratch.path);
  expect(result.run.scenario).toBe(name);
  expect(shopDataFolders(scratch.path)).toEqual([]);
  return { code, result, said: `${stdout}\n${stderr}` };
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
    ['sold-out-tail', []],
    ['retry-storm', ['stall']],
    ['payment-brownout', ['brownout']],
  ])('%s is carried out, and never found incorrect', async (name, disturbances) => {
    const { code, result, said } = await run(name, '60/s');
    expect([0, 81, 82, 99], said).toContain(code);
    expect(result.audit.verdict, JSON.stringify(result.audit, null, 1)).not.toBe('fail');
    expect(result.audit.goals['order_confirmed']).toBeGreaterThan(0);
    expect(result.audit.goals['drain_probe_done']).toBeGreaterThan(0);
    expect([...new Set(faultsOf(result.timeline))]).toEqual(disturbances);
  });

  it('restock sells what came in during the run, and not before', async () => {
    const { code, result, said } = await run('restock', '60/s');
    expect([0, 81, 82, 99], said).toContain(code);
    expect(result.audit.verdict, JSON.stringify(result.audit, null, 1)).not.toBe('fail');
    expect(result.audit.goals['restock_sold']).toBeGreaterThan(0);
    expect(result.business.unitsSold).toBeLessThanOrEqual(result.business.unitsForSale);
  });

  it('restock catches a shop that oversells', async () => {
    const { code, result } = await run('restock', '100/s', '--strategy', 'unsafe');
    expect(code).toBe(80);
    expect(result.audit.oversoldUnits).toBeGreaterThan(0);
  });
});
