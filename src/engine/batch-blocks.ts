/**
 * Response times by block of intended time, for intervals that respect correlation. The number of
 * blocks is bounded: when it is reached, neighbours are joined and blocks become twice as long.
 */
import { blockOfRow } from './cells.ts';
import { DenseHistogram } from './dense-histogram.ts';
import { type EncodedCounts, SparseCounts } from './sparse-counts.ts';
import { BITS_2_DIGITS } from './value-index.ts';

const BLOCKS_MAX = 64;
/** Room for operation × outcome. */
const SERIES_MAX = 128;

export class BatchBlocks {
  readonly #firstBlock: number;
  #counts = new SparseCounts(4096);
  /** Half seconds per block. */
  #length = 1;

  /** `firstBlock` is the half second in which measuring starts. */
  constructor(firstBlock: number) {
    this.#firstBlock = firstBlock;
  }

  /** Takes the measured rows of a delta's `blocks`. */
  addAll(encoded: EncodedCounts): void {
    for (let i = 0; i < encoded.rows.length; i++) {
      const { block, series, measured } = blockOfRow(encoded.rows[i] as number);
      if (!measured) continue;
      const offset = Math.max(0, block - this.#firstBlock);
      while (Math.floor(offset / this.#length) >= BLOCKS_MAX) this.#join();
      const row = Math.floor(offset / this.#length) * SERIES_MAX + series;
      this.#counts.add(row, encoded.indexes[i] as number, encoded.counts[i] as number);
    }
  }

  /** Histograms of the chosen series by block, in order of time; empty blocks are left out. */
  histograms(chosen: (series: number) => boolean): DenseHistogram[] {
    const blocks = new Map<number, DenseHistogram>();
    this.#counts.forEach((row, index, count) => {
      if (!chosen(row % SERIES_MAX)) return;
      const block = Math.floor(row / SERIES_MAX);
      const histogram = blocks.get(block) ?? new DenseHistogram(BITS_2_DIGITS);
      histogram.add(index, count);
      blocks.set(block, histogram);
    });
    return [...blocks].sort(([a], [b]) => a - b).map(([, histogram]) => histogram);
  }

  #join(): void {
    const joined = new SparseCounts(4096);
    this.#counts.forEach((row, index, count) => {
      const block = Math.floor(row / SERIES_MAX) >> 1;
      joined.add(block * SERIES_MAX + (row % SERIES_MAX), index, count);
    });
    this.#counts = joined;
    this.#length *= 2;
  }
}
