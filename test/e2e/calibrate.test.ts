// The calibration on the built command, and what a run makes of it.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readOnlyResult, runCli, scratchDir } from '../support/cli.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

const cli = (args: readonly string[]): ReturnType<typeof runCli> =>
  runCli(args, { cwd: scratch.path, env: { TMPDIR: scratch.path, XDG_CACHE_HOME: scratch.path } });

const file = (): string => path.join(scratch.path, 'ecomsim', 'generator.json');

it('calibrate generator prints what it measured, and keeps it when a rate held', async () => {
  const { code, stdout, stderr } = await cli(['calibrate', 'generator', '--quick']);
  expect(stdout).toMatch(/as fast as it goes +[\d,.]+ /);
  expect(stdout).toMatch(/autocannon, bodies unread +[\d,.]+ /);
  expect(stdout).toMatch(/highest rate on schedule +([\d,.]+|none) +in steps of [\d,.]+\n/);
  expect(stderr).toMatch(/on schedule at \d+ requests\/s\?/);
  // 82 is the honest answer of a machine on which no rate could be kept on schedule.
  expect([0, 82], `${stdout}\n${stderr}`).toContain(code);
  expect(existsSync(file())).toBe(code === 0);
  if (code === 0) {
    const kept = JSON.parse(readFileSync(file(), 'utf8'));
    expect(kept.machine.cores).toBe(os.availableParallelism());
    expect(kept.validPerSec).toBeLessThan(kept.ceilingPerSec);
  }
  expect(readdirSync(path.join(scratch.path, 'ecomsim'))).toHaveLength(code === 0 ? 1 : 0);
});

it('run warns before it starts and in its result when it asks for more than was kept', async () => {
  const kept = {
    version: 1,
    machine: {
      cpuModel: os.cpus()[0]?.model.trim() ?? 'unknown',
      cores: os.availableParallelism(),
      node: process.versions.node,
    },
    measuredAt: '2026-01-02T03:04:05.678Z',
    ceilingPerSec: 40,
    validPerSec: 20,
    resolutionPerSec: 1,
  };
  mkdirSync(path.dirname(file()), { recursive: true });
  writeFileSync(file(), JSON.stringify(kept));
  const args = ['run', 'soak', '-p', 'ci', '-d', '1s', '-r', '80/s', '--set', 'load.warmup=0s'];
  const { stderr } = await cli([...args, '--workers', '1']);
  const warned = stderr.indexOf('kept its schedule up to 20');
  expect(warned).toBeGreaterThan(0);
  expect(warned).toBeLessThan(stderr.indexOf('starting the target'));
  const { result } = readOnlyResult(scratch.path);
  const warning = result.warnings.find(({ code }) => code === 'above-calibration');
  expect(warning?.advice).toMatch(/Lower --rate to \d+% of what it is/);
});
