// Each scenario of the everyday shop on the built command: nothing runs out, and the audit is sure.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readOnlyResult, runCli, scratchDir, shopDataFolders } from '../support/cli.ts';
import { SHORT } from './run-options.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

it.each(['steady-browse', 'ramp', 'spike', 'soak'])(
  'ecomsim run %s sells without running out, and passes the audit',
  async (name) => {
    const args = ['run', name, ...SHORT, '-d', '3s', '--threshold', 'oversold_units==0'];
    const { code, stdout, stderr } = await runCli(args, {
      cwd: scratch.path,
      env: { TMPDIR: scratch.path },
    });
    const { result } = readOnlyResult(scratch.path);
    // 82 is the honest answer of a machine that is too busy to generate load on schedule, 99 that
    // of one too busy for the profile's own latency threshold.
    expect([0, 81, 82, 99], `${stdout}\n${stderr}`).toContain(code);
    expect(result.run.scenario).toBe(name);
    expect(result.audit.verdict, JSON.stringify(result.audit, null, 1)).toBe('pass');
    expect(result.audit.goals['order_confirmed']).toBeGreaterThan(0);
    expect(result.business.timeToSellOutMs).toBeNull();
    expect(shopDataFolders(scratch.path)).toEqual([]);
  },
);
