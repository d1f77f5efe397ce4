/** Exact division of work: shares differ by at most one and always add up to the whole. */
import { assert } from './assert.ts';

export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The share of `total` whole units that shard `index` of `count` gets. */
export function shareOf(total: number, shard: Shard): number {
  assert(Number.isSafeInteger(total) && total >= 0, 'a total to be shared is a whole number');
  assertShard(shard);
  const base = Math.floor(total / shard.count);
  return base + (shard.index < total % shard.count ? 1 : 0);
}

/** Whether item number `ordinal` of a common sequence belongs to this shard. */
export function owns(shard: Shard, ordinal: number): boolean {
  return ordinal % shard.count === shard.index;
}

function assertShard(shard: Shard): void {
  assert(shard.count >= 1 && shard.index >= 0 && shard.index < shard.count, 'invalid shard');
}
