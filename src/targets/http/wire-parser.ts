/**
 * HTTP/1.1 answers from the bytes of one connection, in whatever pieces they come. The usual answer
 * lies in one piece and is read where it is, without a copy; the head of the answer before is kept,
 * because a server says nearly always the same.
 */
import { MAX_BODY_BYTES, MAX_HEADER_BYTES } from './answer-limits.ts';
import { ChunkedBody } from './chunked-body.ts';
import { CLASS, createWireHead, HTTP_1, readWireHead, TEXT, type WireHead } from './wire-head.ts';

export type WireState = 'head' | 'sized' | 'chunked' | 'until-close' | 'complete' | 'failed';

const LF = 0x0a;
const CR = 0x0d;
const EMPTY = Buffer.alloc(0);
const END_OF_HEAD = Buffer.from('\r\n\r\n', 'latin1');

/** Growing storage for what comes in several pieces. */
class Store {
  bytes: Buffer = EMPTY;
  length = 0;

  add(source: Buffer, from: number, to: number): void {
    const needed = this.length + to - from;
    if (needed > this.bytes.length) {
      const bigger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length, 4096));
      this.bytes.copy(bigger, 0, 0, this.length);
      this.bytes = bigger;
    }
    source.copy(this.bytes, this.length, from, to);
    this.length = needed;
  }

  dropFirst(count: number): void {
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
  }

  /** Large storage is given back; small storage serves the next answer. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > 64 * 1024) this.bytes = EMPTY;
  }
}

export class WireParser {
  /** What went wrong when the state is `failed`. */
  failure: 'bad_answer' | 'answer_too_large' | 'connection_lost' = 'bad_answer';
  state: WireState = 'head';
  head: WireHead = createWireHead();
  /** A complete body lies in `body` from `bodyFrom` to `bodyTo`, until the next call. */
  body: Buffer = EMPTY;
  bodyFrom = 0;
  bodyTo = 0;
  /** More came than the answer: nobody can say what it belongs to. */
  hasExcess = false;
  /** The last head that was read, and the bytes that it was read from. */
  readonly #usual = createWireHead();
  #usualBytes: Buffer = EMPTY;
  #usualLength = 0;
  readonly #read = createWireHead();
  readonly #pending = new Store();
  /** Bytes of the pending head that were searched for line ends. */
  #searched = 0;
  readonly #stored = new Store();
  readonly #chunks = new ChunkedBody();

  /** Ready for the next answer. */
  reset(): void {
    this.state = 'head';
    this.hasExcess = false;
    this.body = EMPTY;
    this.bodyFrom = 0;
    this.bodyTo = 0;
    if (this.#pending.length > 0) this.#pending.clear();
    this.#searched = 0;
    if (this.#stored.length > 0) this.#stored.clear();
  }

  /** Reads `bytes` up to `length`; they may be overwritten once the answer has been dealt with. */
  read(bytes: Buffer, length: number): WireState {
    if (this.state === 'complete') this.hasExcess ||= length > 0;
    else if (this.state === 'head') this.#readHead(bytes, 0, length);
    else if (this.state !== 'failed') this.#readBody(bytes, 0, length);
    return this.state;
  }

  /** The other side sends no more. */
  end(): WireState {
    if (this.state === 'until-close') this.#complete(this.#stored.bytes, 0, this.#stored.length);
    // Who announces the end and then ends too soon has sent a wrong answer; else the line broke.
    else if (this.state === 'sized' || this.state === 'chunked') {
      this.#fail(this.head.keepAlive ? 'connection_lost' : 'bad_answer');
    } else if (this.state === 'head') this.#fail('connection_lost');
    return this.state;
  }

  #fail(failure: WireParser['failure']): void {
    this.state = 'failed';
    this.failure = failure;
  }

  #readHead(bytes: Buffer, from: number, length: number): void {
    const pending = this.#pending;
    if (pending.length > 0) {
      pending.add(bytes, from, length);
      this.#takeHeads(pending.bytes, 0, pending.length);
      return;
    }
    const usual = this.#usualLength;
    const to = from + usual;
    const isPossible = usual > 0 && to <= length;
    if (isPossible && bytes.compare(this.#usualBytes, 0, usual, from, to) === 0) {
      this.head = this.#usual;
      this.#beginBody(bytes, to, length);
    } else this.#takeHeads(bytes, from, length);
  }

  /** Interim answers say nothing and are passed over; the real one may follow at once. */
  #takeHeads(bytes: Buffer, from: number, length: number): void {
    let at = from;
    while (at < length && this.state === 'head') {
      const found = bytes.indexOf(END_OF_HEAD, at + Math.max(0, this.#searched - 3));
      const end = found < 0 || found + 4 > length ? -1 : found + 4;
      if (end < 0 || end - at > MAX_HEADER_BYTES) {
        this.#keepHead(bytes, at, length);
        return;
      }
      this.#searched = 0;
      this.#takeHead(bytes, at, end, length);
      at = end;
    }
    // What is left of the pending bytes was interim answers to the last byte.
    if (this.state === 'head') this.#pending.clear();
  }

  #takeHead(bytes: Buffer, from: number, end: number, length: number): void {
    const read = this.#read;
    if (!readWireHead(bytes, from, end, read)) this.#fail('bad_answer');
    // What follows would be another protocol: as an HTTP connection it is lost.
    else if (read.status === 101) this.#fail('connection_lost');
    else if (read.status >= 200) {
      Object.assign(this.#usual, read);
      this.#usualLength = end - from;
      if (this.#usualBytes.length < end - from) {
        this.#usualBytes = Buffer.allocUnsafeSlow(2 * (end - from));
      }
      bytes.copy(this.#usualBytes, 0, from, end);
      this.head = this.#usual;
      this.#beginBody(bytes, end, length);
    }
  }

  /** Part of a head: kept until the rest comes, unless it can be no head any more. */
  #keepHead(bytes: Buffer, from: number, length: number): void {
    const checkTo = Math.min(length, from + MAX_HEADER_BYTES);
    if (!mayBecomeHead(bytes, from, checkTo, this.#searched)) this.#fail('bad_answer');
    else if (length - from > MAX_HEADER_BYTES) this.#fail('answer_too_large');
    else if (bytes === this.#pending.bytes) this.#pending.dropFirst(from);
    else this.#pending.add(bytes, from, length);
    this.#searched = checkTo - from;
  }

  #beginBody(bytes: Buffer, from: number, length: number): void {
    const { head } = this;
    const size = head.status === 204 || head.status === 304 ? 0 : head.length;
    if (size > MAX_BODY_BYTES) this.#fail('answer_too_large');
    else if (size >= 0 && from + size <= length) {
      this.#complete(bytes, from, from + size);
      this.hasExcess = length > from + size;
    } else {
      if (size >= 0) this.state = 'sized';
      else if (head.isChunked) {
        this.state = 'chunked';
        this.#chunks.reset();
      } else {
        this.state = 'until-close';
        head.keepAlive = false;
      }
      if (length > from) this.#readBody(bytes, from, length);
    }
  }

  #readBody(bytes: Buffer, from: number, length: number): void {
    const stored = this.#stored;
    if (this.state === 'chunked') {
      const end = this.#chunks.read(bytes, from, length, stored);
      if (this.#chunks.isDone) {
        this.#complete(stored.bytes, 0, stored.length);
        this.hasExcess = length > end;
      } else if (end < 0) this.#fail('bad_answer');
    } else if (this.state === 'sized') {
      const to = Math.min(length, from + this.head.length - stored.length);
      stored.add(bytes, from, to);
      if (stored.length < this.head.length) return;
      this.#complete(stored.bytes, 0, stored.length);
      this.hasExcess = length > to;
    } else if (this.state === 'until-close') stored.add(bytes, from, length);
    if (stored.length > MAX_BODY_BYTES) this.#fail('answer_too_large');
  }

  #complete(bytes: Buffer, from: number, to: number): void {
    this.state = 'complete';
    this.body = bytes;
    this.bodyFrom = from;
    this.bodyTo = to;
  }
}

/** Whether the bytes of a head that is not whole yet are such as a head may begin with. */
function mayBecomeHead(bytes: Buffer, from: number, to: number, checked: number): boolean {
  for (let i = 0; i < Math.min(to - from, HTTP_1.length); i++) {
    if (bytes[from + i] !== HTTP_1[i]) return false;
  }
  for (let at = from + checked; at < to; at++) {
    const byte = bytes[at] as number;
    const isAfterCr = at > from && bytes[at - 1] === CR;
    // CR and LF come as a pair or not at all.
    if (isAfterCr !== (byte === LF)) return false;
    if (byte !== CR && byte !== LF && ((CLASS[byte] as number) & TEXT) === 0) return false;
  }
  return true;
}
