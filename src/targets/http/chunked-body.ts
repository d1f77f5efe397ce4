/** The chunked transfer coding (RFC 9112 section 7.1), read strictly and byte by byte of its frame. */
import { CLASS, TEXT, TOKEN } from './wire-head.ts';

/** Where the data of the chunks goes. */
export interface ChunkSink {
  readonly length: number;
  add(source: Buffer, from: number, to: number): void;
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const SEMICOLON = 0x3b;

/** 7 digits are 256 MiB, more than any body may have; leading zeros count. */
const MAX_SIZE_DIGITS = 15;
/** Chunk extensions, and all trailers together: nothing of them is used. */
const MAX_EXTENSION_BYTES = 1024;
const MAX_TRAILER_BYTES = 16 * 1024;

/** What the next byte is part of. */
const AT = {
  size: 0,
  extension: 1,
  sizeLf: 2,
  data: 3,
  dataCr: 4,
  dataLf: 5,
  trailerStart: 6,
  trailerName: 7,
  trailerValue: 8,
  trailerLf: 9,
  lastLf: 10,
  done: 11,
} as const;

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

export class ChunkedBody {
  #at: number = AT.size;
  #size = 0;
  #digits = 0;
  /** Bytes of the extension or of the trailers so far. */
  #unused = 0;

  get isDone(): boolean {
    return this.#at === AT.done;
  }

  reset(): void {
    this.#at = AT.size;
    this.#size = 0;
    this.#digits = 0;
    this.#unused = 0;
  }

  /** Index behind the last byte that belongs to the body; -1 when it is not as it must be. */
  read(bytes: Buffer, from: number, to: number, sink: ChunkSink): number {
    let at = from;
    while (at < to && this.#at !== AT.done) {
      if (this.#at === AT.data) {
        const end = Math.min(to, at + this.#size);
        sink.add(bytes, at, end);
        this.#size -= end - at;
        at = end;
        if (this.#size === 0) this.#at = AT.dataCr;
      } else {
        const next = this.#step(bytes[at] as number);
        if (next < 0) return -1;
        this.#at = next;
        at++;
      }
    }
    return at;
  }

  /** What follows one byte of the frame, or -1. */
  #step(byte: number): number {
    switch (this.#at) {
      case AT.size:
        return this.#stepSize(byte);
      case AT.extension:
        if (byte === CR) return AT.sizeLf;
        return ++this.#unused <= MAX_EXTENSION_BYTES && isText(byte) ? AT.extension : -1;
      case AT.sizeLf:
        return byte === LF ? this.#afterSize() : -1;
      case AT.dataCr:
        return byte === CR ? AT.dataLf : -1;
      case AT.dataLf:
        return byte === LF ? AT.size : -1;
      default:
        return this.#stepTrailer(byte);
    }
  }

  #stepSize(byte: number): number {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit;
      return ++this.#digits <= MAX_SIZE_DIGITS ? AT.size : -1;
    }
    if (this.#digits === 0) return -1;
    if (byte === CR) return AT.sizeLf;
    return byte === SEMICOLON ? AT.extension : -1;
  }

  #afterSize(): number {
    this.#digits = 0;
    this.#unused = 0;
    return this.#size > 0 ? AT.data : AT.trailerStart;
  }

  #stepTrailer(byte: number): number {
    if (++this.#unused > MAX_TRAILER_BYTES) return -1;
    switch (this.#at) {
      case AT.trailerStart:
        return byte === CR ? AT.lastLf : isToken(byte) ? AT.trailerName : -1;
      case AT.trailerName:
        return byte === COLON ? AT.trailerValue : isToken(byte) ? AT.trailerName : -1;
      case AT.trailerValue:
        return byte === CR ? AT.trailerLf : isText(byte) ? AT.trailerValue : -1;
      case AT.trailerLf:
        return byte === LF ? AT.trailerStart : -1;
      default:
        return byte === LF ? AT.done : -1;
    }
  }
}

function isToken(byte: number): boolean {
  return ((CLASS[byte] as number) & TOKEN) !== 0;
}

function isText(byte: number): boolean {
  return byte === TAB || byte >= SPACE ? ((CLASS[byte] as number) & TEXT) !== 0 : false;
}
