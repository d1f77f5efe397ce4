/** Pairs of small numbers, each distinct one known by a number: 0, 1, 2 … by first appearance. */

const FIRST_SLOTS = 256;

/** Both halves are whole numbers below 2³²; others are never found. */
export class PairTable {
  /** Two words a pair. */
  #halves = new Uint32Array(FIRST_SLOTS);
  /** Number + 1 of a pair, 0 for a free slot. */
  #slots = new Uint32Array(FIRST_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of the pair, a new one when it is not there yet. */
  add(first: number, second: number): number {
    const slot = this.#slotOf(first >>> 0, second >>> 0);
    const known = this.#slots[slot] as number;
    if (known > 0) return known - 1;
    const number = this.#size++;
    this.#slots[slot] = number + 1;
    this.#halves[2 * number] = first;
    this.#halves[2 * number + 1] = second;
    // Half of the slots may be taken.
    if (this.#size * 2 > this.#slots.length - 1) this.#grow();
    return number;
  }

  /** The number of the pair, −1 when it was never added. */
  find(first: number, second: number): number {
    if (first >>> 0 !== first || second >>> 0 !== second) return -1;
    return (this.#slots[this.#slotOf(first, second)] as number) - 1;
  }

  second(number: number): number {
    return this.#halves[2 * number + 1] as number;
  }

  #slotOf(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(first, second) & mask;
    for (;;) {
      const known = this.#slots[slot] as number;
      if (known === 0) return slot;
      const at = 2 * (known - 1);
      if (this.#halves[at] === first && this.#halves[at + 1] === second) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const halves = new Uint32Array(2 * this.#halves.length);
    halves.set(this.#halves);
    this.#halves = halves;
    this.#slots = new Uint32Array(2 * this.#slots.length);
    for (let number = 0; number < this.#size; number++) {
      const slot = this.#slotOf(halves[2 * number] as number, halves[2 * number + 1] as number);
      this.#slots[slot] = number + 1;
    }
  }
}

/** The finalizer of MurmurHash3 (Appleby) over both halves. */
function hashOf(first: number, second: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ second;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
