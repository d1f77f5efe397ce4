/**
 * Counts by (row, index) in one open-addressing table: thousands of histograms cost memory only
 * for the buckets that were hit, and what was hit since the last message is listed at once.
 */
import { assert } from '../base/assert.ts';
import { columnBytes, type DeltaSpace } from './delta-space.ts';

/** Counts as they travel between threads; parallel columns. */
export interface EncodedCounts {
  readonly rows: Int32Array;
  readonly indexes: Uint16Array;
  readonly counts: Float64Array;
}

/** Limit of distinct (row, index) pairs of one table: 2^24 × 20 bytes. */
const ENTRIES_MAX = 2 ** 24;
const EMPTY = -1;

export class SparseCounts {
  #rows: Int32Array;
  #indexes: Uint16Array;
  #counts: Float64Array;
  /** Table positions in use, in order of first hit. */
  #used: Uint32Array;
  #size = 0;
  #mask: number;

  /** `initialCapacity` is a power of two. */
  constructor(initialCapacity = 1024) {
    this.#rows = new Int32Array(initialCapacity).fill(EMPTY);
    this.#indexes = new Uint16Array(initialCapacity);
    this.#counts = new Float64Array(initialCapacity);
    this.#used = new Uint32Array(initialCapacity >>> 1);
    this.#mask = initialCapacity - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** `row` in [0, 2^31), `index` in [0, 2^16). */
  add(row: number, index: number, count: number): void {
    const rows = this.#rows;
    const indexes = this.#indexes;
    let hash = Math.imul(row, 0x9e3779b1) ^ Math.imul(index, 0x85ebca6b);
    hash ^= hash >>> 15;
    let at = hash & this.#mask;
    while (rows[at] !== EMPTY) {
      if (rows[at] === row && indexes[at] === index) {
        (this.#counts[at] as number) += count;
        return;
      }
      at = (at + 1) & this.#mask;
    }
    rows[at] = row;
    indexes[at] = index;
    this.#counts[at] = count;
    this.#used[this.#size++] = at;
    if (this.#size === this.#used.length) this.#grow();
  }

  addAll(encoded: EncodedCounts): void {
    const { rows, indexes, counts } = encoded;
    for (let i = 0; i < rows.length; i++) {
      this.add(rows[i] as number, indexes[i] as number, counts[i] as number);
    }
  }

  forEach(visit: (row: number, index: number, count: number) => void): void {
    for (let i = 0; i < this.#size; i++) {
      const at = this.#used[i] as number;
      visit(this.#rows[at] as number, this.#indexes[at] as number, this.#counts[at] as number);
    }
  }

  /** Bytes of a space that `take` will fill. */
  get takenBytes(): number {
    return columnBytes(this.#size, 4) + columnBytes(this.#size, 2) + columnBytes(this.#size, 8);
  }

  /** Everything counted since the last call, in columns of `space`, and forgets it. */
  take(space: DeltaSpace): EncodedCounts {
    const size = this.#size;
    const rows = space.ints(size);
    const indexes = space.shorts(size);
    const counts = space.floats(size);
    for (let i = 0; i < size; i++) {
      const at = this.#used[i] as number;
      rows[i] = this.#rows[at] as number;
      indexes[i] = this.#indexes[at] as number;
      counts[i] = this.#counts[at] as number;
      this.#rows[at] = EMPTY;
    }
    this.#size = 0;
    return { rows, indexes, counts };
  }

  #grow(): void {
    assert(this.#size < ENTRIES_MAX, 'too many distinct histogram buckets');
    const bigger = new SparseCounts((this.#mask + 1) * 2);
    this.forEach((row, index, count) => {
      bigger.add(row, index, count);
    });
    this.#rows = bigger.#rows;
    this.#indexes = bigger.#indexes;
    this.#counts = bigger.#counts;
    this.#used = bigger.#used;
    this.#mask = bigger.#mask;
  }
}
