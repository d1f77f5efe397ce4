/** Units in use over time, from intervals; answers the most and the least over any time span. */

/** Intervals [start, end) in whole µs; `end` may be Infinity, empty intervals are ignored. */
export class Intervals {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly units: number[] = [];

  add(startUs: number, endUs: number, units: number): void {
    if (!(endUs > startUs) || units === 0) return;
    this.starts.push(startUs);
    this.ends.push(endUs);
    this.units.push(units);
  }

  copy(): Intervals {
    const copy = new Intervals();
    for (let i = 0; i < this.starts.length; i++) {
      copy.add(this.starts[i] as number, this.ends[i] as number, this.units[i] as number);
    }
    return copy;
  }
}

/** A step function that is 0 before its first step. O(n log n) to build, O(log n) to ask. */
export class StepFunction {
  readonly #times: Float64Array;
  /** Segment trees over the values: leaves at [size, 2 · size), leaf 0 is the 0 before time. */
  readonly #max: Float64Array;
  readonly #min: Float64Array;
  readonly #size: number;

  constructor({ starts, ends, units }: Intervals) {
    const steps: [number, number][] = [];
    for (let i = 0; i < starts.length; i++) {
      steps.push([starts[i] as number, units[i] as number]);
      if (ends[i] !== Number.POSITIVE_INFINITY) {
        steps.push([ends[i] as number, -(units[i] as number)]);
      }
    }
    steps.sort((a, b) => a[0] - b[0]);
    const times: number[] = [];
    const values: number[] = [0];
    let value = 0;
    for (let i = 0; i < steps.length; ) {
      const [timeUs] = steps[i] as [number, number];
      for (; i < steps.length && (steps[i] as [number, number])[0] === timeUs; i++) {
        value += (steps[i] as [number, number])[1];
      }
      times.push(timeUs);
      values.push(value);
    }
    this.#times = Float64Array.from(times);
    this.#size = values.length;
    this.#max = tree(values, Math.max);
    this.#min = tree(values, Math.min);
  }

  /** The most at any instant of the closed span. */
  maxOver(fromUs: number, toUs: number): number {
    return query(this.#max, this.#size, this.#leaf(fromUs), this.#leaf(toUs), Math.max);
  }

  /** The least at any instant of the closed span. */
  minOver(fromUs: number, toUs: number): number {
    return query(this.#min, this.#size, this.#leaf(fromUs), this.#leaf(toUs), Math.min);
  }

  /** The highest value and the first instant at which it is reached. */
  peak(): { readonly units: number; readonly atUs: number } {
    let best = 0;
    for (let leaf = 1; leaf < this.#size; leaf++) {
      if ((this.#max[this.#size + leaf] as number) > (this.#max[this.#size + best] as number)) {
        best = leaf;
      }
    }
    return { units: this.#max[this.#size + best] as number, atUs: this.#times[best - 1] ?? 0 };
  }

  /** Leaf whose value holds at `timeUs`. */
  #leaf(timeUs: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] as number) <= timeUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

type Pick = (a: number, b: number) => number;

function tree(values: readonly number[], pick: Pick): Float64Array {
  const nodes = new Float64Array(2 * values.length);
  nodes.set(values, values.length);
  for (let i = values.length - 1; i > 0; i--) {
    nodes[i] = pick(nodes[2 * i] as number, nodes[2 * i + 1] as number);
  }
  return nodes;
}

function query(nodes: Float64Array, size: number, first: number, last: number, pick: Pick): number {
  let low = size + first;
  let high = size + Math.max(first, last) + 1;
  let result = nodes[low] as number;
  for (; low < high; low >>= 1, high >>= 1) {
    if (low & 1) result = pick(result, nodes[low++] as number);
    if (high & 1) result = pick(result, nodes[--high] as number);
  }
  return result;
}
