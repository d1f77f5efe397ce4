/** The chunked transfer coding (RFC 9112 section 7.1), read strictly and byte by byte of its frame. */
import { CLASS, TEXT, TOKEN } from './wire-head.ts';

/** Where the data of the chunks goes. */
export interface ChunkSink {
  readonly length: number;
  add(source: Buffer, from: number, to: number): void;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;

/** Leading zeros count. Larger numbers would not be exact; the body's own limit is far below. */
const MAX_SIZE_DIGITS = 13;
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
  /** Name of the trailer under way; the limit on all trailers holds for it. */
  #trailer = '';

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
        return this.#stepExtension(byte);
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

  /** `;name`, `;name=token` or `;name="text"`, without spaces: more is not read alike by all. */
  #stepExtension(byte: number): number {
    if (++this.#unused > MAX_EXTENSION_BYTES) return -1;
    if (byte === CR) return this.#unused > 1 ? AT.sizeLf : -1;
    const isValue = this.#unused > 1 && (byte === EQUALS || byte === QUOTE);
    return isValue || isToken(byte) ? AT.extension : -1;
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
        if (byte === CR) return AT.lastLf;
        this.#trailer = '';
        return this.#stepTrailerName(byte);
      case AT.trailerName:
        return this.#stepTrailerName(byte);
      case AT.trailerValue:
        return byte === CR ? AT.trailerLf : isText(byte) ? AT.trailerValue : -1;
      case AT.trailerLf:
        return byte === LF ? AT.trailerStart : -1;
      default:
        return byte === LF ? AT.done : -1;
    }
  }

  #stepTrailerName(byte: number): number {
    if (byte === COLON && this.#trailer !== '') {
      return NEVER_IN_TRAILERS.has(this.#trailer.toLowerCase()) ? -1 : AT.trailerValue;
    }
    if (!isToken(byte)) return -1;
    this.#trailer += String.fromCharCode(byte);
    return AT.trailerName;
  }
}

/** They would say something else about the body than what was read. */
const NEVER_IN_TRAILERS = new Set(['content-length', 'transfer-encoding']);

function isToken(byte: number): boolean {
  return ((CLASS[byte] as number) & TOKEN) !== 0;
}

function isText(byte: number): boolean {
  return ((CLASS[byte] as number) & TEXT) !== 0;
}
