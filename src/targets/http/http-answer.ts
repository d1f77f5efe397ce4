/** One HTTP answer as it arrives: the few headers that matter, and the body up to its JSON value. */

import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import type { TransportFailure } from '../outcome-table.ts';
import { MAX_BODY_BYTES } from './answer-limits.ts';

/** Larger bodies are searched for depth before they are parsed even where nothing is extracted. */
const UNCHECKED_BYTES = 64 * 1024;
const MAX_DEPTH = 64;

/** How much larger than what was sent a body may be once it is unpacked, beyond the first bytes. */
const MAX_RATIO = 100;
const UNPACKED_FREELY_BYTES = 64 * 1024;

type Unpack = (packed: Buffer, limits: { maxOutputLength: number }) => Buffer;

/** Both forms are met under this name: with the wrapping of RFC 1950, and without. */
const inflateEither: Unpack = (packed, limits) =>
  ((packed[0] ?? 0) & 0x0f) === 8 ? inflateSync(packed, limits) : inflateRawSync(packed, limits);

const UNPACKERS: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflateEither],
  ['br', brotliDecompressSync],
]);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * True when `text`, read as JSON, nests deeper than `limit`. A wrong text may give either answer:
 * the parser refuses it anyway.
 */
export function nestsDeeper(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) {
      i = endOfString(text, i + 1);
    } else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > limit) return true;
    } else if (unit === 0x5d || unit === 0x7d) {
      depth--;
    }
  }
  return false;
}

function endOfString(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at;
    at += unit === BACKSLASH ? 2 : 1;
  }
  return at;
}

/** `lower` must be lower-case ASCII. */
function isHeader(name: Buffer, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    if (((name[i] as number) | 0x20) !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** Any type whose syntax is JSON: `application/graphql-response+json` among them (RFC 6839). */
const JSON_TYPE = /^application\/(?:[a-z0-9.-]+\+)?json(?:\s*;|\s*$)/i;
const USUAL_TYPE = 'application/json';
const SEMICOLON = 0x3b;

function isJsonType(value: Buffer): boolean {
  const { length } = USUAL_TYPE;
  const isUsual = value.length === length || value[length] === SEMICOLON;
  return (isUsual && isHeader(value, USUAL_TYPE)) || JSON_TYPE.test(text(value));
}

/** Reused for every answer of a connection. */
export class HttpAnswer {
  status = 0;
  bytes = 0;
  /** Marked with `x-shed: before-dispatch`: surely not started. */
  shed = false;
  /** Marked with `idempotent-replayed: true`: a stored answer. */
  replayed = false;
  readonly #unpacks: boolean;
  #isJson = false;
  /** Of the body as it stands: '' for none. */
  #coding = '';
  #first: Buffer | null = null;
  #rest: Buffer[] = [];

  /** `unpacks`: one layer of compression was asked for. */
  constructor(unpacks = false) {
    this.#unpacks = unpacks;
  }

  clear(): void {
    this.status = 0;
    this.bytes = 0;
    this.shed = false;
    this.replayed = false;
    this.#isJson = false;
    this.#coding = '';
    this.#first = null;
    if (this.#rest.length > 0) this.#rest = [];
  }

  /** `raw` holds names and values in turn. */
  readHeaders(status: number, raw: readonly Buffer[]): void {
    this.status = status;
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i] as Buffer;
      // Names are told apart by their length first: nearly all end there.
      switch (name.length) {
        case 6:
          if (isHeader(name, 'x-shed')) this.shed = text(raw[i + 1]) === 'before-dispatch';
          break;
        case 12:
          if (isHeader(name, 'content-type')) this.#isJson = isJsonType(raw[i + 1] as Buffer);
          break;
        case 16:
          if (isHeader(name, 'content-encoding')) this.#addCoding(text(raw[i + 1]).toLowerCase());
          break;
        case 19:
          if (isHeader(name, 'idempotent-replayed')) this.replayed = text(raw[i + 1]) === 'true';
          break;
      }
    }
  }

  /** Several layers come out as one that nobody knows. */
  #addCoding(coding: string): void {
    if (coding === 'identity' || coding === '') return;
    this.#coding = this.#coding === '' ? coding : `${this.#coding}, ${coding}`.slice(0, 100);
  }

  /**
   * Takes off the one layer of compression that was asked for. What cannot be unpacked within the
   * limits is a failure; what was not asked for stays as it is, and `json` refuses it.
   */
  unpack(): TransportFailure | undefined {
    const unpacker = this.#unpacks ? UNPACKERS.get(this.#coding) : undefined;
    if (unpacker === undefined || this.#first === null) return undefined;
    const packed = Buffer.concat([this.#first, ...this.#rest]);
    const allowed = Math.max(UNPACKED_FREELY_BYTES, packed.length * MAX_RATIO);
    try {
      this.#first = unpacker(packed, { maxOutputLength: Math.min(MAX_BODY_BYTES, allowed) });
    } catch (error) {
      const isTooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
      return isTooLarge ? 'answer_too_large' : 'bad_answer';
    }
    this.#rest = [];
    this.#coding = '';
    return undefined;
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.#first === null) this.#first = chunk;
    else this.#rest.push(chunk);
  }

  /**
   * The decoded body; undefined when it is no JSON, encoded although nothing but identity was
   * asked for, or nested too deeply. With `checked` every body is searched for depth.
   */
  json(checked: boolean): unknown {
    if (!this.#isJson || this.#coding !== '' || this.#first === null) return undefined;
    const body =
      this.#rest.length === 0 ? this.#first : Buffer.concat([this.#first, ...this.#rest]);
    const source = body.toString('utf8');
    if ((checked || source.length > UNCHECKED_BYTES) && nestsDeeper(source, MAX_DEPTH)) {
      return undefined;
    }
    try {
      return JSON.parse(source);
    } catch {
      // Undefined is the finding: the caller turns it into an outcome.
      return undefined;
    }
  }
}

function text(value: Buffer | undefined): string {
  return value === undefined ? '' : value.toString('latin1').trim();
}
