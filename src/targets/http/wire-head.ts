/**
 * The head of one HTTP/1.1 answer (RFC 9112), read strictly from bytes: whatever two readers could
 * understand differently is refused, because such an answer is how one response is passed off as two.
 */
import { type AnswerHead, addCoding, isJsonType } from './http-answer.ts';

/** What the head says about its body, the connection, and the few headers that matter to us. */
export interface WireHead extends AnswerHead {
  status: number;
  isJson: boolean;
  coding: string;
  shed: boolean;
  replayed: boolean;
  /** Bytes of the body; -1 when no length is stated. */
  length: number;
  isChunked: boolean;
  keepAlive: boolean;
  /** How long the server keeps an idle connection; -1 when it does not say. */
  keepAliveMs: number;
}

export function createWireHead(): WireHead {
  return {
    status: 0,
    length: -1,
    isChunked: false,
    keepAlive: true,
    keepAliveMs: -1,
    isJson: false,
    coding: '',
    shed: false,
    replayed: false,
  };
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const ZERO = 0x30;

/** Bits of CLASS. */
export const TOKEN = 1;
export const TEXT = 2;
/** By byte: may it stand in a field name (RFC 9110 tchar), in a field value or a reason? */
export const CLASS: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  const isToken = byte < 0x80 && /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(character);
  const isText = byte === TAB || (byte >= SPACE && byte !== 0x7f);
  return (isToken ? TOKEN : 0) | (isText ? TEXT : 0);
});

/** Longer numbers would not be exact; the body's own limit is far below. */
const MAX_LENGTH_DIGITS = 15;
export const HTTP_1 = Buffer.from('HTTP/1.', 'latin1');

/** `lower` must be lower-case ASCII without control characters. */
function isAt(bytes: Buffer, from: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    if (((bytes[from + i] as number) | 0x20) !== lower.charCodeAt(i)) return false;
  }
  return true;
}

function isValue(bytes: Buffer, from: number, to: number, lower: string): boolean {
  return to - from === lower.length && isAt(bytes, from, lower);
}

function digitAt(bytes: Buffer, at: number): number {
  const digit = (bytes[at] as number) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : Number.NaN;
}

/**
 * Reads `bytes` from `start` to `end`, which lies right behind the first empty line. False when the
 * head is not exactly as the standard wants it; `head` is then without meaning.
 */
export function readWireHead(bytes: Buffer, start: number, end: number, head: WireHead): boolean {
  let at = readStatusLine(bytes, start, head);
  if (at < 0) return false;
  while (at < end - 2) {
    const nameFrom = at;
    while (((CLASS[bytes[at] as number] as number) & TOKEN) !== 0) at++;
    const nameTo = at;
    if (nameTo === nameFrom || bytes[at] !== COLON) return false;
    at++;
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    const from = at;
    while (((CLASS[bytes[at] as number] as number) & TEXT) !== 0) at++;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return false;
    let to = at;
    // A tab there is allowed, but not every reader takes it off: then it is part of the value.
    while (to > from && bytes[to - 1] === SPACE) to--;
    at += 2;
    if (!readField(bytes, nameFrom, nameTo, from, to, head)) return false;
  }
  return at === end - 2 && !(head.isChunked && head.length >= 0);
}

/** Index of the first field, or -1. */
function readStatusLine(bytes: Buffer, start: number, head: WireHead): number {
  for (let i = 0; i < HTTP_1.length; i++) if (bytes[start + i] !== HTTP_1[i]) return -1;
  const minor = digitAt(bytes, start + 7);
  const hundreds = digitAt(bytes, start + 9);
  const status = hundreds * 100 + digitAt(bytes, start + 10) * 10 + digitAt(bytes, start + 11);
  // The older protocol has no interim answers: readers differ about what follows one.
  if (!(minor <= 1) || bytes[start + 8] !== SPACE || !(status >= (minor === 1 ? 100 : 200))) {
    return -1;
  }
  let at = start + 12;
  if (bytes[at] === SPACE) {
    while (((CLASS[bytes[at] as number] as number) & TEXT) !== 0) at++;
  }
  if (bytes[at] !== CR || bytes[at + 1] !== LF) return -1;
  head.status = status;
  head.length = -1;
  head.isChunked = false;
  head.keepAlive = minor === 1;
  head.keepAliveMs = -1;
  head.isJson = false;
  head.coding = '';
  head.shed = false;
  head.replayed = false;
  return at + 2;
}

/** Names are told apart by their length first: nearly all end there. */
function readField(
  bytes: Buffer,
  nameFrom: number,
  nameTo: number,
  from: number,
  to: number,
  head: WireHead,
): boolean {
  switch (nameTo - nameFrom) {
    case 6:
      if (isAt(bytes, nameFrom, 'x-shed')) {
        head.shed = isValue(bytes, from, to, 'before-dispatch');
      }
      return true;
    case 10:
      if (isAt(bytes, nameFrom, 'connection')) readConnection(bytes, from, to, head);
      else if (isAt(bytes, nameFrom, 'keep-alive')) readKeepAlive(bytes, from, to, head);
      return true;
    case 12:
      if (isAt(bytes, nameFrom, 'content-type')) head.isJson = isJson(bytes, from, to);
      return true;
    case 14:
      return !isAt(bytes, nameFrom, 'content-length') || readLength(bytes, from, to, head);
    case 16:
      if (isAt(bytes, nameFrom, 'content-encoding')) {
        head.coding = addCoding(head.coding, bytes.toString('latin1', from, to).toLowerCase());
      }
      return true;
    case 17:
      if (!isAt(bytes, nameFrom, 'transfer-encoding')) return true;
      // Anything but one plain `chunked` is understood differently by different readers.
      if (head.isChunked || !isValue(bytes, from, to, 'chunked')) return false;
      head.isChunked = true;
      return true;
    case 19:
      if (isAt(bytes, nameFrom, 'idempotent-replayed')) {
        head.replayed = isValue(bytes, from, to, 'true');
      }
      return true;
    default:
      return true;
  }
}

/** A second length is refused even when it is the same: nobody sends that by right. */
function readLength(bytes: Buffer, from: number, to: number, head: WireHead): boolean {
  if (head.length >= 0 || to === from || to - from > MAX_LENGTH_DIGITS) return false;
  let length = 0;
  for (let at = from; at < to; at++) length = length * 10 + digitAt(bytes, at);
  head.length = length;
  return !Number.isNaN(length);
}

const USUAL_TYPE = 'application/json';

function isJson(bytes: Buffer, from: number, to: number): boolean {
  const { length } = USUAL_TYPE;
  const isUsual =
    to - from === length || (to - from > length && bytes[from + length] === SEMICOLON);
  if (isUsual && isAt(bytes, from, USUAL_TYPE)) return true;
  return isJsonType(bytes.toString('latin1', from, to));
}

function readConnection(bytes: Buffer, from: number, to: number, head: WireHead): void {
  if (isValue(bytes, from, to, 'keep-alive')) {
    head.keepAlive = true;
    return;
  }
  const words = bytes.toString('latin1', from, to).toLowerCase().split(',');
  for (const word of words) {
    if (word.trim() === 'close') head.keepAlive = false;
  }
}

function readKeepAlive(bytes: Buffer, from: number, to: number, head: WireHead): void {
  const seconds = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})/i.exec(bytes.toString('latin1', from, to));
  if (seconds !== null) head.keepAliveMs = Number(seconds[1]) * 1000;
}
