/**
 * Short texts as few bytes: ids of shops end in long runs of hexadecimal digits, of which two fit a
 * byte. An entry is a tag and what the tag says:
 * 0–127 that many bytes of UTF-8 · 128–253 a head of (tag − 128) ASCII characters and a packed tail,
 * with the number of digits in front · 254 UTF-8 with a 16-bit length in front · 255 a status that
 * everybody knows, by its number.
 */
import { Buffer } from 'node:buffer';

const PLAIN_MAX = 127;
const PACKED = 128;
const LONG = 254;
const KNOWN = 255;
const HEAD_MAX = LONG - 1 - PACKED;
const DIGITS_MAX = 254;
/** Shorter tails are not worth their extra byte. */
const DIGITS_MIN = 4;

/** Statuses by number: only ever added to at the end. */
const STATUSES = [
  ...['pending', 'paying', 'payment_unknown', 'confirmed', 'archived', 'declined', 'rejected'],
  ...['expired', 'cancelled', 'refunding', 'refunded', 'tombstoned'],
];
const STATUS_NUMBERS = new Map(STATUSES.map((status, number) => [status, number]));

const HEX = '0123456789abcdef';
/** Value of a lower-case hexadecimal digit by character code; 255 for everything else. */
const DIGIT = new Uint8Array(128).fill(255);
for (let digit = 0; digit < 16; digit++) DIGIT[HEX.charCodeAt(digit)] = digit;

/** Length of the longest even run of hexadecimal digits at the end; −1 when `text` is not ASCII. */
function hexTail(text: string): number {
  let digits = 0;
  let isTail = true;
  for (let i = text.length - 1; i >= 0; i--) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return -1;
    isTail &&= DIGIT[unit] !== 255;
    if (isTail) digits++;
  }
  return Math.min(digits, DIGITS_MAX) & ~1;
}

/** Writes `text` at `at` and returns where it ends. */
export function writeText(bytes: Buffer, at: number, text: string): number {
  const digits = hexTail(text);
  const head = text.length - digits;
  if (digits >= DIGITS_MIN && head <= HEAD_MAX) return writePacked(bytes, at, text, head);
  if (digits >= 0 && text.length <= PLAIN_MAX) {
    bytes[at] = text.length;
    return writeAscii(bytes, at + 1, text, text.length);
  }
  const length = bytes.write(text, at + 3, 'utf8');
  bytes[at] = LONG;
  bytes[at + 1] = length & 0xff;
  bytes[at + 2] = length >> 8;
  return at + 3 + length;
}

/** As `writeText`; the statuses of orders take two bytes. */
export function writeStatus(bytes: Buffer, at: number, status: string): number {
  const number = STATUS_NUMBERS.get(status);
  if (number === undefined) return writeText(bytes, at, status);
  bytes[at] = KNOWN;
  bytes[at + 1] = number;
  return at + 2;
}

function writePacked(bytes: Buffer, at: number, text: string, head: number): number {
  bytes[at] = PACKED + head;
  bytes[at + 1] = text.length - head;
  let end = writeAscii(bytes, at + 2, text, head);
  for (let i = head; i < text.length; i += 2) {
    const high = DIGIT[text.charCodeAt(i)] as number;
    bytes[end++] = (high << 4) | (DIGIT[text.charCodeAt(i + 1)] as number);
  }
  return end;
}

/** Ids are short: a plain loop is three times as fast as a call into the encoder. */
function writeAscii(bytes: Buffer, at: number, text: string, length: number): number {
  for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + length;
}

/**
 * As `writeText`, from ASCII characters that are bytes already: `source[from, to)`.
 * At most PLAIN_BYTES_MAX of them.
 */
export function writeAsciiText(
  bytes: Buffer,
  at: number,
  source: Uint8Array,
  [from, to]: readonly [number, number],
): number {
  let first = to;
  while (first > from && DIGIT[source[first - 1] as number] !== 255) first--;
  const digits = (to - first) & ~1;
  const packed = digits >= DIGITS_MIN;
  const head = packed ? to - from - digits : to - from;
  let end = at + 1;
  if (packed) {
    bytes[at] = PACKED + head;
    bytes[end++] = digits;
  } else bytes[at] = head;
  let next = from;
  for (const stop = from + head; next < stop; next++) bytes[end++] = source[next] as number;
  for (; next < to; next += 2) {
    const high = DIGIT[source[next] as number] as number;
    bytes[end++] = (high << 4) | (DIGIT[source[next + 1] as number] as number);
  }
  return end;
}

/** Up to this length `writeAsciiText` can write every text. */
export const PLAIN_BYTES_MAX = HEAD_MAX;

/** True for a packed entry with the bytes that `writeText` makes of its text. */
export function isPackedAsWritten(bytes: Uint8Array, at: number): boolean {
  const tag = bytes[at] as number;
  const digits = bytes[at + 1] as number;
  if (tag <= PLAIN_MAX || tag >= LONG || digits < DIGITS_MIN || digits % 2 !== 0) return false;
  const head = tag - PACKED;
  for (let i = at + 2; i < at + 2 + head; i++) if ((bytes[i] as number) >= 0x80) return false;
  if (digits === DIGITS_MAX || head < 2) return true;
  // The longest even run is packed: no more than one digit is left in front of it.
  const isDigit = (i: number): boolean => DIGIT[bytes[i] as number] !== 255;
  return !(isDigit(at + head) && isDigit(at + head + 1));
}

/** Where the entry at `at` ends; −1 when it is none or does not fit into `bytes`. */
export function endOfText(bytes: Buffer, at: number): number {
  const tag = bytes[at];
  if (tag === undefined) return -1;
  let end = at + 1 + tag;
  if (tag === KNOWN) end = (bytes[at + 1] ?? KNOWN) < STATUSES.length ? at + 2 : -1;
  else if (tag === LONG) end = at + 3 + ((bytes[at + 1] ?? 0) | ((bytes[at + 2] ?? 0) << 8));
  else if (tag > PLAIN_MAX) {
    const digits = bytes[at + 1] ?? 1;
    end = digits % 2 === 0 ? at + 2 + (tag - PACKED) + digits / 2 : -1;
  }
  return end <= bytes.length ? end : -1;
}

/** The text of an entry that `endOfText` has found to be whole. */
export function readText(bytes: Buffer, at: number): string {
  const tag = bytes[at] as number;
  if (tag <= PLAIN_MAX) return bytes.toString('utf8', at + 1, at + 1 + tag);
  if (tag === KNOWN) return STATUSES[bytes[at + 1] as number] as string;
  if (tag === LONG) return bytes.toString('utf8', at + 3, endOfText(bytes, at));
  return readPacked(bytes, at, tag - PACKED);
}

/** Unpacked into one piece: two pieces would have to be joined before anybody can compare them. */
const UNPACKED = Buffer.alloc(HEAD_MAX + DIGITS_MAX);
const DIGIT_CODES = Uint8Array.from(HEX, (digit) => digit.charCodeAt(0));

function readPacked(bytes: Buffer, at: number, head: number): string {
  let from = at + 2;
  for (let i = 0; i < head; i++) UNPACKED[i] = bytes[from++] as number;
  const length = head + (bytes[at + 1] as number);
  for (let i = head; i < length; i += 2) {
    const byte = bytes[from++] as number;
    UNPACKED[i] = DIGIT_CODES[byte >> 4] as number;
    UNPACKED[i + 1] = DIGIT_CODES[byte & 15] as number;
  }
  return UNPACKED.toString('latin1', 0, length);
}
