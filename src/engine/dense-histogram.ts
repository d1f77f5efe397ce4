/** One histogram with a counter per bucket: what selected rows are summed into to be questioned. */
import {
  BITS_3_DIGITS,
  highestValueAt,
  indexCount,
  indexOfValue,
  lowestValueAt,
  middleValueAt,
} from './value-index.ts';

export class DenseHistogram {
  readonly bits: number;
  readonly counts: Float64Array;
  total = 0;
  /** The highest index with a count; -1 when empty. */
  top = -1;

  constructor(bits: number = BITS_3_DIGITS) {
    this.bits = bits;
    this.counts = new Float64Array(indexCount(bits));
  }

  add(index: number, count: number): void {
    (this.counts[index] as number) += count;
    this.total += count;
    if (index > this.top) this.top = index;
  }

  /** Adds a count from a histogram with another number of digits. */
  addFrom(index: number, count: number, bits: number): void {
    this.add(indexOfValue(lowestValueAt(index, bits), this.bits), count);
  }

  clear(): void {
    this.counts.fill(0, 0, this.top + 1);
    this.total = 0;
    this.top = -1;
  }

  /** Index of the smallest value v such that at least q of the counts are ≤ v; -1 when empty. */
  indexAt(q: number): number {
    if (this.total === 0) return -1;
    const rank = rankOf(q, this.total);
    let cumulative = 0;
    for (let index = 0; index <= this.top; index++) {
      cumulative += this.counts[index] as number;
      if (cumulative >= rank) return index;
    }
    return this.top;
  }

  /** The quantile in µs, as HdrHistogram reports it: the highest value of its bucket. NaN: empty. */
  quantileUs(q: number): number {
    const index = this.indexAt(q);
    return index < 0 ? Number.NaN : highestValueAt(index, this.bits);
  }

  countUpTo(index: number): number {
    let cumulative = 0;
    for (let i = 0; i <= Math.min(index, this.top); i++) cumulative += this.counts[i] as number;
    return cumulative;
  }

  maxUs(): number {
    return this.top < 0 ? Number.NaN : highestValueAt(this.top, this.bits);
  }

  meanUs(): number {
    let sum = 0;
    for (let index = 0; index <= this.top; index++) {
      const count = this.counts[index] as number;
      if (count > 0) sum += count * middleValueAt(index, this.bits);
    }
    return this.total === 0 ? Number.NaN : sum / this.total;
  }
}

/** The rank that a quantile asks for; products like 0.99 × 100 must not be lifted by rounding. */
export function rankOf(q: number, total: number): number {
  return Math.max(1, Math.ceil(q * total - 1e-9 * total));
}
