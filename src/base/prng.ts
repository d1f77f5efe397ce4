/**
 * One seeded source of chance. Counter-based: draw number n of a stream is a pure function of
 * (seed, stream, n), so the state of a session is one integer and any worker can reproduce it.
 */

/** lowbias32 finaliser (C. Wellons, "Prospecting for hash functions", 2018). */
function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) | 0;
}

/** FNV-1a over UTF-16 code units, finished with mix32: a stream name as 32 bits. */
export function hashName(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return mix32(h) >>> 0;
}

/** Draw `counter` of the stream (`key0`, `key1`) as an unsigned 32-bit integer. */
export function drawU32(key0: number, key1: number, counter: number): number {
  const first = mix32((counter ^ key0) | 0);
  const second = mix32((first + key1) | 0);
  return mix32((second ^ Math.imul(counter, 0x9e3779b1)) | 0) >>> 0;
}

const TWO_POW_MINUS_32 = 2 ** -32;
const TWO_POW_MINUS_53 = 2 ** -53;

export class Prng {
  readonly #seed: number;
  #key0: number;
  #key1: number;
  /** Number of 32-bit draws taken so far; may be saved and restored. */
  counter = 0;

  /** `seed` is any safe integer; `stream` names an independent sub-stream of it. */
  constructor(seed: number, stream: string | number = 'root') {
    this.#seed = seed;
    const low = seed >>> 0;
    const high = Math.floor(seed / 2 ** 32) >>> 0;
    const streamHash = typeof stream === 'number' ? stream >>> 0 : hashName(stream);
    this.#key0 = mix32(low ^ mix32((high + 0x5bd1e995) | 0));
    this.#key1 = mix32((streamHash + mix32(this.#key0 ^ 0x2545f491)) | 0);
  }

  /** An independent stream of the same seed. */
  fork(stream: string): Prng {
    const child = new Prng(this.#seed, stream);
    child.#key0 = mix32(child.#key0 ^ this.#key1);
    return child;
  }

  /** Points this generator at sub-stream `index` (of this stream) at draw `counter`; no garbage. */
  seek(base: Prng, index: number, counter: number): void {
    this.#key0 = base.#key0;
    this.#key1 = mix32((base.#key1 + Math.imul(index + 1, 0x9e3779b1)) | 0);
    this.counter = counter;
  }

  u32(): number {
    return drawU32(this.#key0, this.#key1, this.counter++);
  }

  /** Uniform in [0, 1) with 32 bits. */
  unit(): number {
    return this.u32() * TWO_POW_MINUS_32;
  }

  /** Uniform in (0, 1), 53 bits, never 0: safe under a logarithm. */
  open(): number {
    const high = this.u32() >>> 5;
    const low = this.u32() >>> 6;
    return (high * 67108864 + low + 0.5) * TWO_POW_MINUS_53;
  }

  /** Uniform integer in [0, bound); bound ≤ 2^32. Bias ≤ bound / 2^32. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }
}
