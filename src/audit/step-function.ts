/** Units in use over time, from intervals; answers the most and the least over any time span. */
import { orderOf } from './time-order.ts';

const FIRST_INTERVALS = 16;

function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}

/** Intervals [start, end) in whole µs; `end` may be Infinity, empty intervals are ignored. */
export class Intervals {
  #starts: Float64Array = new Float64Array(FIRST_INTERVALS);
  #ends: Float64Array = new Float64Array(FIRST_INTERVALS);
  #units: Float64Array = new Float64Array(FIRST_INTERVALS);
  #length = 0;

  add(startUs: number, endUs: number, units: number): void {
    if (!(endUs > startUs) || units === 0) return;
    const at = this.#length++;
    if (at === this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#ends = grown(this.#ends);
      this.#units = grown(this.#units);
    }
    this.#starts[at] = startUs;
    this.#ends[at] = endUs;
    this.#units[at] = units;
  }

  copy(): Intervals {
    const copy = new Intervals();
    copy.#starts = this.#starts.slice();
    copy.#ends = this.#ends.slice();
    copy.#units = this.#units.slice();
    copy.#length = this.#length;
    return copy;
  }

  /** Every change of the count, in no order: when, and by how much. */
  changes(): { readonly times: Float64Array; readonly units: Float64Array } {
    const times = new Float64Array(2 * this.#length);
    const units = new Float64Array(2 * this.#length);
    let count = 0;
    for (let i = 0; i < this.#length; i++) {
      times[count] = this.#starts[i] as number;
      units[count++] = this.#units[i] as number;
    }
    for (let i = 0; i < this.#length; i++) {
      if (this.#ends[i] === Number.POSITIVE_INFINITY) continue;
      times[count] = this.#ends[i] as number;
      units[count++] = -(this.#units[i] as number);
    }
    return { times: times.subarray(0, count), units: units.subarray(0, count) };
  }
}

type Pick = (a: number, b: number) => number;

/** Values that one node of the index stands for: they are looked through one by one. */
const BLOCK = 32;

/** The most or the least of any stretch of values, by a tree over blocks of them. */
class RangeIndex {
  readonly #values: Float64Array;
  readonly #pick: Pick;
  readonly #blocks: number;
  /** Leaves at [blocks, 2 · blocks). */
  readonly #nodes: Float64Array;

  constructor(values: Float64Array, pick: Pick) {
    this.#values = values;
    this.#pick = pick;
    this.#blocks = Math.ceil(values.length / BLOCK);
    this.#nodes = new Float64Array(2 * this.#blocks);
    for (let block = 0; block < this.#blocks; block++) {
      const last = Math.min((block + 1) * BLOCK, values.length) - 1;
      this.#nodes[this.#blocks + block] = this.#scan(block * BLOCK, last);
    }
    for (let node = this.#blocks - 1; node > 0; node--) {
      const left = this.#nodes[2 * node] as number;
      this.#nodes[node] = pick(left, this.#nodes[2 * node + 1] as number);
    }
  }

  /** Over [first, last], both included. */
  over(first: number, last: number): number {
    const firstBlock = Math.floor(first / BLOCK);
    const lastBlock = Math.floor(last / BLOCK);
    if (lastBlock - firstBlock < 2) return this.#scan(first, last);
    const pick = this.#pick;
    let result = this.#scan(first, (firstBlock + 1) * BLOCK - 1);
    result = pick(result, this.#scan(lastBlock * BLOCK, last));
    let low = this.#blocks + firstBlock + 1;
    let high = this.#blocks + lastBlock;
    for (; low < high; low >>= 1, high >>= 1) {
      if (low & 1) result = pick(result, this.#nodes[low++] as number);
      if (high & 1) result = pick(result, this.#nodes[--high] as number);
    }
    return result;
  }

  #scan(first: number, last: number): number {
    const values = this.#values;
    const pick = this.#pick;
    let result = values[first] as number;
    for (let at = first + 1; at <= last; at++) result = pick(result, values[at] as number);
    return result;
  }
}

/** A step function that is 0 before its first step. O(n log n) to build, O(log n) to ask. */
export class StepFunction {
  readonly #times: Float64Array;
  /** One more than there are times: the 0 before time comes first. */
  readonly #values: Float64Array;
  #most: RangeIndex | undefined;
  #least: RangeIndex | undefined;
  /** Where the last question was answered: the next one is mostly near it. */
  #near = 0;

  constructor(intervals: Intervals) {
    const { times, units } = intervals.changes();
    const order = orderOf(times);
    const stepTimes = new Float64Array(times.length);
    const values = new Float64Array(times.length + 1);
    let steps = 0;
    let value = 0;
    for (let i = 0; i < order.length; ) {
      const timeUs = times[order[i] as number] as number;
      for (; i < order.length && times[order[i] as number] === timeUs; i++) {
        value += units[order[i] as number] as number;
      }
      stepTimes[steps++] = timeUs;
      values[steps] = value;
    }
    this.#times = stepTimes.slice(0, steps);
    this.#values = values.slice(0, steps + 1);
  }

  /** The most at any instant of the closed span. */
  maxOver(fromUs: number, toUs: number): number {
    this.#most ??= new RangeIndex(this.#values, (a, b) => (b > a ? b : a));
    const first = this.#leaf(fromUs);
    return this.#most.over(first, Math.max(first, this.#leaf(toUs)));
  }

  /** The least at any instant of the closed span. */
  minOver(fromUs: number, toUs: number): number {
    this.#least ??= new RangeIndex(this.#values, (a, b) => (b < a ? b : a));
    const first = this.#leaf(fromUs);
    return this.#least.over(first, Math.max(first, this.#leaf(toUs)));
  }

  /** The highest value and the first instant at which it is reached. */
  peak(): { readonly units: number; readonly atUs: number } {
    const values = this.#values;
    let best = 0;
    for (let leaf = 1; leaf < values.length; leaf++) {
      if ((values[leaf] as number) > (values[best] as number)) best = leaf;
    }
    return { units: values[best] as number, atUs: this.#times[best - 1] ?? 0 };
  }

  /** Place of the value that holds at `timeUs`: how many times are not after it. */
  #leaf(timeUs: number): number {
    const times = this.#times;
    let low = 0;
    let high = times.length;
    // Steps of growing length away from the last answer enclose the next one.
    const near = this.#near;
    if (near > 0 && (times[near - 1] as number) > timeUs) {
      high = near - 1;
      for (let step = 1; high - step > 0; step *= 2) {
        if ((times[high - step] as number) <= timeUs) {
          low = high - step + 1;
          break;
        }
        high -= step;
      }
    } else {
      low = near;
      for (let step = 1; low + step < high; step *= 2) {
        if ((times[low + step] as number) > timeUs) {
          high = low + step;
          break;
        }
        low += step + 1;
      }
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] as number) <= timeUs) low = middle + 1;
      else high = middle;
    }
    this.#near = low;
    return low;
  }
}
