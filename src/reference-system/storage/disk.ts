/** Facts about the disk under the stores, without which a durable throughput says nothing. */
import fs from 'node:fs';
import path from 'node:path';
import type { Clock } from '../../base/clock.ts';

/** `f_type` of Linux' statfs(2). */
const TMPFS_MAGIC = 0x01021994;
const RAMFS_MAGIC = 0x858458f6;

/** True when files in `dir` live in memory, where a sync is free and proves nothing. */
export function isMemoryFileSystem(dir: string): boolean {
  const { type } = fs.statfsSync(dir);
  return type === TMPFS_MAGIC || type === RAMFS_MAGIC;
}

/** Median time in ms to append one 4 KiB page to a file in `dir` and sync it, over `rounds`. */
export function measureSyncMs(dir: string, clock: Clock, rounds = 31): number {
  const file = path.join(dir, `.sync-probe-${process.pid}`);
  const page = Buffer.alloc(4096, 1);
  const times: number[] = [];
  const descriptor = fs.openSync(file, 'w');
  try {
    for (let round = 0; round < rounds; round++) {
      const startUs = clock.nowUs();
      fs.writeSync(descriptor, page);
      fs.fdatasyncSync(descriptor);
      times.push((clock.nowUs() - startUs) / 1000);
    }
  } finally {
    fs.closeSync(descriptor);
    fs.rmSync(file, { force: true });
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? Number.NaN;
}
