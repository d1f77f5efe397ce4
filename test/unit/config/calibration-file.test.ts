// The kept calibration: read back on the same machine, and as good as none in every other case.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  calibrationPath,
  prepareCalibration,
  readCalibration,
  type StoredCalibration,
  writeCalibration,
} from '../../../src/config/calibration-file.ts';
import { scratchDir } from '../../support/cli.ts';

const MACHINE = { cpuModel: 'A processor', cores: 4, node: '20.19.0' };
const FOUND: StoredCalibration = {
  version: 1,
  machine: MACHINE,
  measuredAt: '2026-01-02T03:04:05.678Z',
  ceilingPerSec: 40_000,
  validPerSec: 20_000,
  resolutionPerSec: 625,
};

let scratch: ReturnType<typeof scratchDir>;
let env: { XDG_CACHE_HOME: string };

beforeEach(() => {
  scratch = scratchDir();
  env = { XDG_CACHE_HOME: scratch.path };
});

afterEach(() => {
  scratch.dispose();
});

test('what was written is read on the same machine', async () => {
  await prepareCalibration(env);
  await writeCalibration(env, FOUND);
  expect(await readCalibration(env, MACHINE)).toEqual(FOUND);
});

test.each([
  ['another processor', { ...MACHINE, cpuModel: 'Another one' }],
  ['another number of cores', { ...MACHINE, cores: 2 }],
  ['another Node', { ...MACHINE, node: '24.0.0' }],
])('what was written on %s is not', async (_, machine) => {
  await prepareCalibration(env);
  await writeCalibration(env, FOUND);
  expect(await readCalibration(env, machine)).toBeUndefined();
});

describe('a file that is no calibration is as good as none', () => {
  test.each([
    ['empty', ''],
    ['no JSON', '{ "version": 1,'],
    ['another version', JSON.stringify({ ...FOUND, version: 2 })],
    ['a rate that is none', JSON.stringify({ ...FOUND, validPerSec: -1 })],
    ['a rate of nothing', JSON.stringify({ ...FOUND, validPerSec: null })],
    ['no machine', JSON.stringify({ ...FOUND, machine: 'here' })],
    ['binary', '\0\0\0'],
    ['huge', ' '.repeat(2 ** 20 + 1)],
  ])('%s', async (_, text) => {
    await prepareCalibration(env);
    writeFileSync(calibrationPath(env), text);
    expect(await readCalibration(env, MACHINE)).toBeUndefined();
  });

  test('a folder, or nothing at all', async () => {
    expect(await readCalibration(env, MACHINE)).toBeUndefined();
    mkdirSync(calibrationPath(env), { recursive: true });
    expect(await readCalibration(env, MACHINE)).toBeUndefined();
  });
});

test('lies where the user keeps such things', () => {
  expect(calibrationPath({ XDG_CACHE_HOME: '/c' })).toBe('/c/ecomsim/generator.json');
  expect(calibrationPath({ HOME: '/h' })).toBe('/h/.cache/ecomsim/generator.json');
  const relative = calibrationPath({ XDG_CACHE_HOME: 'c', HOME: '/h' });
  expect(relative).toBe('/h/.cache/ecomsim/generator.json');
});

test('a place that cannot be written to is told before anything is measured', async () => {
  const file = path.join(scratch.path, 'file');
  writeFileSync(file, '');
  chmodSync(file, 0o600);
  await expect(prepareCalibration({ XDG_CACHE_HOME: file })).rejects.toThrow(
    /cannot write .*generator\.json.*XDG_CACHE_HOME/,
  );
});
