/** Ids of checkouts and orders: sorted by time, unguessable, unique across restarts. */
import { randomFillSync } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';

export interface IdSource {
  /** `<prefix>-<unique>` of letters and digits. */
  next(prefix: string): string;
}

const POOL_BYTES = 8192;
/** 72 random bits in an id: no two of one millisecond will ever be equal. */
const RANDOM_BYTES = 9;

/** Sorted by millisecond, so that new rows go to the end of an index. */
export function createIdSource(clock: Clock): IdSource {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    next(prefix) {
      if (used + RANDOM_BYTES > POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      const random = pool.toString('hex', used, used + RANDOM_BYTES);
      used += RANDOM_BYTES;
      return `${prefix}-${Math.floor(clock.wallMs()).toString(36)}${random}`;
    },
  };
}
