/** A binary heap of (instant, id) in typed arrays: the queue of everything that is due later. */

export class TimerHeap {
  #times: Float64Array;
  #ids: Uint32Array;
  #size = 0;

  constructor(initialCapacity = 1024) {
    this.#times = new Float64Array(initialCapacity);
    this.#ids = new Uint32Array(initialCapacity);
  }

  get size(): number {
    return this.#size;
  }

  /** Earliest instant, or Infinity when empty. */
  peekTime(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  /** Id of the earliest entry, or -1 when empty. */
  peekId(): number {
    return this.#size === 0 ? -1 : (this.#ids[0] as number);
  }

  push(time: number, id: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const times = this.#times;
    const ids = this.#ids;
    let index = this.#size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((times[parent] as number) <= time) break;
      times[index] = times[parent] as number;
      ids[index] = ids[parent] as number;
      index = parent;
    }
    times[index] = time;
    ids[index] = id;
  }

  /** Removes the earliest entry and returns its id, or -1 when empty. */
  pop(): number {
    if (this.#size === 0) return -1;
    const top = this.#ids[0] as number;
    this.#size--;
    if (this.#size > 0)
      this.#sink(this.#times[this.#size] as number, this.#ids[this.#size] as number);
    return top;
  }

  clear(): void {
    this.#size = 0;
  }

  #sink(time: number, id: number): void {
    const times = this.#times;
    const ids = this.#ids;
    const size = this.#size;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && (times[child + 1] as number) < (times[child] as number)) child++;
      if ((times[child] as number) >= time) break;
      times[index] = times[child] as number;
      ids[index] = ids[child] as number;
      index = child;
    }
    times[index] = time;
    ids[index] = id;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const ids = new Uint32Array(this.#ids.length * 2);
    times.set(this.#times);
    ids.set(this.#ids);
    this.#times = times;
    this.#ids = ids;
  }
}
