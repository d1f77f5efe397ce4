import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createSystemClock } from '../../../../src/base/clock.ts';
import {
  isMemoryFileSystem,
  measureSyncMs,
} from '../../../../src/reference-system/storage/disk.ts';

test('a sync takes a time that can be measured, and leaves no file', () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-disk-'));
  expect(measureSyncMs(dir, createSystemClock(), 5)).toBeGreaterThan(0);
  expect(fs.readdirSync(dir)).toEqual([]);
  fs.rmdirSync(dir);
});

test.skipIf(!fs.existsSync('/dev/shm'))('a memory file system is recognised', () => {
  expect(isMemoryFileSystem('/dev/shm')).toBe(true);
  expect(isMemoryFileSystem('/proc')).toBe(false);
});
