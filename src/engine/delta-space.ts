/**
 * Room for the columns of one delta: one buffer that travels to the coordinator and comes back. New
 * buffers every second would lie about as garbage until the collector, which sees an idle heap, gets
 * round to them: 90 MiB after a quarter of an hour.
 */
import { assert } from '../base/assert.ts';

/** More on their way at a time means that the coordinator is slow, and then they are let go. */
const SPARES_MAX = 4;
const BYTES_MIN = 64 * 1024;
const ALIGNMENT = 8;

/** Bytes that a column takes, with what aligns the next one. */
export function columnBytes(length: number, bytesPerElement: number): number {
  return Math.ceil((length * bytesPerElement) / ALIGNMENT) * ALIGNMENT;
}

export class DeltaSpace {
  readonly #spares: ArrayBuffer[] = [];
  #buffer = new ArrayBuffer(0);
  #used = 0;

  /** Chooses the buffer of the next delta, of at least `bytes`. */
  begin(bytes: number): ArrayBuffer {
    const at = this.#spares.findIndex((spare) => spare.byteLength >= bytes);
    const spare = at < 0 ? undefined : this.#spares.splice(at, 1)[0];
    this.#buffer = spare ?? new ArrayBuffer(2 ** Math.ceil(Math.log2(Math.max(bytes, BYTES_MIN))));
    this.#used = 0;
    return this.#buffer;
  }

  /** A buffer whose delta nobody reads any more; too many, and small ones, are let go. */
  giveBack(buffer: ArrayBuffer): void {
    if (this.#spares.length < SPARES_MAX) this.#spares.push(buffer);
    else this.#spares[0] = buffer;
  }

  floats(length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#buffer, this.#claim(length, 8), length);
  }

  ints(length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#buffer, this.#claim(length, 4), length);
  }

  shorts(length: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.#buffer, this.#claim(length, 2), length);
  }

  #claim(length: number, bytesPerElement: number): number {
    const offset = this.#used;
    this.#used += columnBytes(length, bytesPerElement);
    assert(this.#used <= this.#buffer.byteLength, 'a delta asks for all of its room at once');
    return offset;
  }
}
