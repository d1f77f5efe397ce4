/** How far a sequence is from being sorted: pairs that stand in the wrong order. */

/** Pairs i < j with values[i] > values[j], by merging: O(n log n). Equal values are in order. */
export function countInversions(values: ArrayLike<number>): number {
  let from = Float64Array.from(values);
  let into = new Float64Array(from.length);
  let inversions = 0;
  for (let width = 1; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      inversions += mergeRuns(from, into, { start, width });
    }
    [from, into] = [into, from];
  }
  return inversions;
}

/** Merges two sorted runs; every value taken from the right passes what is left on the left. */
function mergeRuns(
  from: Float64Array,
  into: Float64Array,
  { start, width }: { readonly start: number; readonly width: number },
): number {
  const middle = Math.min(start + width, from.length);
  const end = Math.min(start + 2 * width, from.length);
  let inversions = 0;
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const takesRight =
      left >= middle || (right < end && (from[right] as number) < (from[left] as number));
    if (takesRight) inversions += middle - left;
    into[at] = from[takesRight ? right++ : left++] as number;
  }
  return inversions;
}
