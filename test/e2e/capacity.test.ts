// `ecomsim capacity` on the built command: a first look with a budget of one or two windows.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CapacityReport } from '../../src/contract/capacity.ts';
import { type CliOutcome, runCli, scratchDir, shopDataFolders } from '../support/cli.ts';

const FIRST_LOOK = ['-p', 'ci', '--budget', '26s', '--window', '8s', '-r', '10/s'];

let scratch: ReturnType<typeof scratchDir>;
let outcome: CliOutcome;
let folder: string;
let report: CapacityReport;

beforeAll(async () => {
  scratch = scratchDir();
  outcome = await runCli(['capacity', 'flash-sale', ...FIRST_LOOK], {
    cwd: scratch.path,
    env: { TMPDIR: scratch.path },
  });
  const reports = path.join(scratch.path, 'reports');
  const [name = ''] = readdirSync(reports);
  folder = path.join(reports, name);
  report = JSON.parse(readFileSync(path.join(folder, 'capacity.json'), 'utf8')) as CapacityReport;
}, 120_000);

afterAll(() => {
  scratch.dispose();
});

describe('ecomsim capacity', () => {
  it('measures windows from the rate asked on, and claims nothing that so few can prove', () => {
    // On a machine with other work a window may fail or be invalid; never is the sale incorrect.
    expect([81, 82, 99], outcome.stderr).toContain(outcome.code);
    expect(report.exitCode).toBe(outcome.code);
    const [first] = report.windows;
    expect(first).toMatchObject({ kind: 'ramp', ratePerSec: 10, lengthMs: 8000 });
    expect(first?.constraints.find(({ name }) => name === 'correct')?.ok).not.toBe(false);
    expect(outcome.stderr).toContain('window 1 · ramp 10/s · ');
    expect(outcome.stdout).toContain('Windows, by rate');
  });

  it('keeps the run of every window, with the command that repeats it', () => {
    for (const window of report.windows) {
      const files = readdirSync(path.join(scratch.path, window.folder));
      expect(files).toContain('result.json');
      expect(window.command).toContain(`--stage 8s:${window.ratePerSec}/s`);
    }
    expect(shopDataFolders(scratch.path)).toEqual([]);
  });

  it('is shown again by report, and refuses to go on as another search', async () => {
    const again = await runCli(['report', folder], { cwd: scratch.path });
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toContain('Windows, by rate');
    const other = ['capacity', 'spike', ...FIRST_LOOK, '--resume', folder];
    const refused = await runCli(other, { cwd: scratch.path });
    expect(refused.code).toBe(104);
    expect(refused.stderr).toContain('scenario: flash-sale, now spike');
  });

  it('refuses a search that cannot be, with every problem at once and nothing written', async () => {
    const cwd = path.join(scratch.path);
    const before = readdirSync(path.join(cwd, 'reports'));
    const refused = await runCli(
      ['capacity', 'flash-sale', '--budget', '3s', '--width', 'wide', '--highest', '1/s'],
      { cwd },
    );
    expect(refused.code).toBe(104);
    expect(refused.stderr).toContain('--budget is too small for one window');
    expect(refused.stderr).toContain('--width "wide" is not a share like 10%');
    expect(refused.stderr).toContain('--highest 1/s is below the first rate');
    expect(readdirSync(path.join(cwd, 'reports'))).toEqual(before);
  });
});
