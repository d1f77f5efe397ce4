/**
 * The bucket layout of HdrHistogram as plain functions: value ↔ index, without the 80 kB of
 * counters that each histogram object would hold. Tested against hdr-histogram-js.
 */

/** log2 of the sub-buckets that give 3 and 2 significant decimal digits. */
export const BITS_3_DIGITS = 11;
export const BITS_2_DIGITS = 8;

/** Values are whole microseconds in [0, 2^30): about 18 minutes. Larger ones are clamped. */
export const VALUE_MAX_US = 2 ** 30 - 1;

/** Number of indexes of a layout. */
export function indexCount(bits: number): number {
  return (30 - bits + 2) << (bits - 1);
}

/** `value` must be a whole number in [0, VALUE_MAX_US]. */
export function indexOfValue(value: number, bits: number): number {
  const bucket = 32 - bits - Math.clz32(value | ((1 << bits) - 1));
  return (bucket << (bits - 1)) + (value >>> bucket);
}

/** The smallest value that falls on this index. */
export function lowestValueAt(index: number, bits: number): number {
  const half = bits - 1;
  const bucket = (index >>> half) - 1;
  if (bucket < 0) return index;
  return ((index & ((1 << half) - 1)) + (1 << half)) << bucket;
}

/** The largest value that falls on this index: what a quantile is reported as. */
export function highestValueAt(index: number, bits: number): number {
  const bucket = Math.max(0, (index >>> (bits - 1)) - 1);
  return lowestValueAt(index, bits) + (1 << bucket) - 1;
}

/** The middle of the values on this index: what a mean is computed from. */
export function middleValueAt(index: number, bits: number): number {
  const bucket = Math.max(0, (index >>> (bits - 1)) - 1);
  return lowestValueAt(index, bits) + (bucket === 0 ? 0 : 1 << (bucket - 1));
}
