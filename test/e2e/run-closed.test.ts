// Virtual users on the built command: what was asked for is what is told, on the page and in JSON.
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

it.each([
  ['-u', ['-u', '20', '-d', '3s'], 20, ['steady']],
  ['stages', ['-s', '1s:30', '-s', '2s:30'], 30, ['stage-1', 'stage-2']],
] as const)('ecomsim run soak with %s lets users come back', async (_, flags, users, phases) => {
  const [profile, name] = SHORT;
  const args = ['run', 'soak', `${profile}`, `${name}`, '--set', 'load.warmup=1s', ...flags];
  const selected = phases.flatMap((phase) => ['--threshold', `home#${phase}:max<60s`]);
  const { code, stdout, stderr } = await runCli([...args, ...selected], {
    cwd: scratch.path,
    env: { TMPDIR: scratch.path },
  });
  // A busy machine may be late or slow; what is asked for here holds all the same.
  expect([0, 81, 82, 99], `${stdout}\n${stderr}`).toContain(code);
  const { result } = readOnlyResult(scratch.path);
  expect(result.load.model).toBe('closed');
  expect(result.load.virtualUsers).toBe(users);
  expect(result.load.journeysDue).toBe(result.load.journeysStarted);
  expect(result.load.journeysStarted).toBeGreaterThan(users);
  expect(result.audit.verdict, JSON.stringify(result.audit, null, 1)).toBe('pass');
  expect(result.warnings.map((warning) => warning.code)).toContain('closed-model');
  expect(stdout).toContain(`${users} virtual users`);
  expect(stdout).toContain('coordinated omission');
  expect(stderr).toContain(`closed model, at most ${users} virtual users`);
  expect(shopDataFolders(scratch.path)).toEqual([]);
});
