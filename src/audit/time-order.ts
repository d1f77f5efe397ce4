/** Puts instants in order without moving them: histories are nearly sorted, which this uses. */

const RUN = 16;

/** Indexes of `values` in ascending order; equal ones keep theirs. O(n log n), O(n) when sorted. */
export function orderOf(values: Float64Array): Uint32Array {
  const count = values.length;
  let order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let from = 0; from < count; from += RUN) {
    sortRun(values, order, from, Math.min(from + RUN, count));
  }
  let other = new Uint32Array(count);
  for (let width = RUN; width < count; width *= 2) {
    for (let from = 0; from < count; from += 2 * width) {
      const middle = Math.min(from + width, count);
      merge(values, { from: order, into: other }, [from, middle, Math.min(middle + width, count)]);
    }
    [order, other] = [other, order];
  }
  return order;
}

function sortRun(values: Float64Array, order: Uint32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const index = order[i] as number;
    const value = values[index] as number;
    let at = i;
    for (; at > from && (values[order[at - 1] as number] as number) > value; at--) {
      order[at] = order[at - 1] as number;
    }
    order[at] = index;
  }
}

/** Two sorted runs, [from, middle) and [middle, to), become one. */
function merge(
  values: Float64Array,
  orders: { readonly from: Uint32Array; readonly into: Uint32Array },
  [start, middle, end]: readonly [number, number, number],
): void {
  const { from, into } = orders;
  const valueAt = (at: number): number => values[from[at] as number] as number;
  if (middle >= end || valueAt(middle - 1) <= valueAt(middle)) {
    into.set(from.subarray(start, end), start);
    return;
  }
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const takesLeft = right >= end || (left < middle && valueAt(left) <= valueAt(right));
    into[at] = from[takesLeft ? left++ : right++] as number;
  }
}
