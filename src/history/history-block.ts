/** One block of the history while it is being filled: numbers and text are copied in, once. */
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { Call } from '../contract/call.ts';
import { OPERATION_CODE } from '../contract/operation.ts';
import { OUTCOME_CODE, REASON_CODE } from '../contract/outcome.ts';
import {
  BLOCK_BYTES,
  BLOCK_HEADER_BYTES,
  BLOCK_MAGIC,
  BLOCK_RECORDS,
  BLOCK_TEXT_BYTES,
  boundedText,
  CHECKSUM_WORD,
  FIELD,
  FLAG,
  INSTANT_BIAS_US,
  INSTANT_LIMIT_US,
  RECORD_BYTES,
  RECORD_TEXT_BYTES_MAX,
} from './history-format.ts';

const TEXT_BASE = BLOCK_HEADER_BYTES + BLOCK_RECORDS * RECORD_BYTES;
const TWO_POW_32 = 2 ** 32;

/** Checksum over the block header in front of it and everything behind the header. */
export function blockChecksum(block: Uint8Array): number {
  const head = crc32(block.subarray(0, CHECKSUM_WORD * 4));
  return crc32(block.subarray(BLOCK_HEADER_BYTES), head);
}

/** Writes the header of a block of `bytes` (header included) and its checksum. */
export function sealBlock(
  bytes: Uint8Array,
  head: { kind: number; records: number; textBytes: number; sequence: number },
): void {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, BLOCK_HEADER_BYTES / 4);
  words[0] = BLOCK_MAGIC;
  words[1] = head.kind;
  words[2] = head.records;
  words[3] = head.textBytes;
  words[4] = head.sequence;
  words[CHECKSUM_WORD] = blockChecksum(bytes);
}

/** Later tries are written down as this one. */
const ATTEMPT_MAX = 0xffff;

/** A finite number that fits a 32-bit signed field; -1 stands for anything else. */
function int32(value: number): number {
  return value >= -2147483648 && value <= 2147483647 ? value : -1;
}

export class HistoryBlock {
  readonly #buffer = new ArrayBuffer(BLOCK_BYTES);
  readonly #u8 = new Uint8Array(this.#buffer);
  readonly #u16 = new Uint16Array(this.#buffer);
  readonly #u32 = new Uint32Array(this.#buffer);
  readonly #i32 = new Int32Array(this.#buffer);
  readonly #f64 = new Float64Array(this.#buffer);
  readonly #bytes = Buffer.from(this.#buffer);
  #textEnd = TEXT_BASE;
  /** Order statuses repeat endlessly: each is written once a block. */
  #statusRefs = new Map<string, number>();
  records = 0;

  get full(): boolean {
    return (
      this.records === BLOCK_RECORDS ||
      this.#textEnd + RECORD_TEXT_BYTES_MAX > TEXT_BASE + BLOCK_TEXT_BYTES
    );
  }

  clear(): void {
    this.records = 0;
    this.#textEnd = TEXT_BASE;
    this.#statusRefs.clear();
  }

  /** The caller makes sure that the block is not full. */
  append(call: Call, journey: number, population: number, startUs: number): void {
    const at = BLOCK_HEADER_BYTES + this.records * RECORD_BYTES;
    this.#u8[at + FIELD.operation] = OPERATION_CODE[call.operation];
    this.#u8[at + FIELD.outcome] = OUTCOME_CODE[call.outcome];
    this.#u8[at + FIELD.reason] = REASON_CODE[call.reason];
    const isStock = call.operation === 'viewStock';
    this.#u8[at + FIELD.flags] =
      (call.gotReplayed ? FLAG.replayed : 0) |
      (call.gotExpiresAtUs >= 0 ? FLAG.hasExpiry : 0) |
      (isStock ? FLAG.amountIsStock : 0);

    const half = at >> 1;
    this.#u16[half + (FIELD.status >> 1)] = call.status;
    this.#u16[half + (FIELD.population >> 1)] = population;
    const word = at >> 2;
    this.#u32[word + (FIELD.journey >> 2)] = journey;
    this.#u32[word + (FIELD.customer >> 2)] = call.customer;
    this.#i32[word + (FIELD.item >> 2)] = int32(call.item);
    this.#i32[word + (FIELD.units >> 2)] = int32(
      call.gotUnits >= 0 ? call.gotUnits : call.quantity,
    );

    // Rounded outwards: a closed interval that is a little too wide never accuses wrongly.
    const invokedUs = Math.floor(call.dispatchedAtUs - startUs);
    const doneUs = Math.ceil(Math.max(call.doneAtUs, call.dispatchedAtUs) - startUs);
    this.#instant(at, FIELD.invokedLow, FIELD.invokedHigh, invokedUs);
    this.#instant(at, FIELD.doneLow, FIELD.doneHigh, doneUs);
    const expiresUs = call.gotExpiresAtUs >= 0 ? Math.floor(call.gotExpiresAtUs - startUs) : 0;
    this.#instant(at, FIELD.expiresLow, FIELD.expiresHigh, expiresUs);

    this.#u16[half + (FIELD.key >> 1)] = this.#text(call.key);
    const checkoutId = call.gotCheckoutId === '' ? call.checkoutId : call.gotCheckoutId;
    this.#u16[half + (FIELD.checkoutId >> 1)] = this.#text(checkoutId);
    const orderId = call.gotOrderId === '' ? call.orderId : call.gotOrderId;
    this.#u16[half + (FIELD.orderId >> 1)] = this.#text(orderId);
    this.#u16[half + (FIELD.orderStatus >> 1)] = this.#statusRef(call.gotOrderStatus);
    this.#u16[half + (FIELD.attempt >> 1)] = Math.min(call.attempt, ATTEMPT_MAX);
    this.#u32[word + 13] = 0;
    this.#f64[(at + FIELD.amount) >> 3] = isStock ? call.gotStock : call.gotTotalMinor;
    this.records++;
  }

  /** The finished block; valid until `clear`. */
  seal(kind: number, sequence: number): Uint8Array {
    const textBytes = this.#textEnd - TEXT_BASE;
    const textStart = BLOCK_HEADER_BYTES + this.records * RECORD_BYTES;
    this.#u8.copyWithin(textStart, TEXT_BASE, this.#textEnd);
    // Blocks stay 8-byte aligned in the file, so that typed arrays can be laid over them.
    const unpadded = textStart + textBytes;
    const end = Math.ceil(unpadded / 8) * 8;
    this.#u8.fill(0, unpadded, end);
    const block = this.#u8.subarray(0, end);
    sealBlock(block, { kind, records: this.records, textBytes: end - textStart, sequence });
    return block;
  }

  #instant(at: number, low: number, high: number, valueUs: number): void {
    // The negated test also catches NaN.
    const inside = !(valueUs > -INSTANT_BIAS_US) ? 0 : Math.min(valueUs, INSTANT_LIMIT_US);
    const biased = inside + INSTANT_BIAS_US;
    this.#u32[(at + low) >> 2] = biased % TWO_POW_32;
    this.#u16[(at + high) >> 1] = biased / TWO_POW_32;
  }

  #statusRef(status: string): number {
    if (status === '') return 0;
    const known = this.#statusRefs.get(status);
    if (known !== undefined) return known;
    const ref = this.#text(status);
    this.#statusRefs.set(status, ref);
    return ref;
  }

  /** Writes a 16-bit length and UTF-8 bytes; returns the offset + 1, or 0 for no text. */
  #text(text: string): number {
    if (text === '') return 0;
    const bounded = boundedText(text);
    const u8 = this.#u8;
    const start = this.#textEnd;
    let length = bounded.length;
    // Ids are short ASCII: a plain loop is three times as fast as a call into the encoder.
    for (let i = 0; i < bounded.length; i++) {
      const unit = bounded.charCodeAt(i);
      if (unit >= 0x80) {
        length = this.#bytes.write(bounded, start + 2, 'utf8');
        break;
      }
      u8[start + 2 + i] = unit;
    }
    u8[start] = length & 0xff;
    u8[start + 1] = length >> 8;
    this.#textEnd = start + 2 + length;
    return start - TEXT_BASE + 1;
  }
}
