/** One block of the history while it is being filled: numbers and text are copied in, once. */
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { Call } from '../contract/call.ts';
import { OPERATION_CODE } from '../contract/operation.ts';
import { OUTCOME_CODE, REASON_CODE } from '../contract/outcome.ts';
import {
  AMOUNT_BIAS,
  BLOCK_BYTES,
  BLOCK_HEADER_BYTES,
  BLOCK_MAGIC,
  BLOCK_RECORDS,
  BLOCK_TEXT_BYTES,
  boundedText,
  CHECKSUM_WORD,
  FIELD,
  FLAG,
  IDS,
  INSTANT_BIAS_US,
  INSTANT_LIMIT_US,
  LASTED_LIMIT_US,
  RECORD_BYTES,
  RECORD_TEXT_BYTES_MAX,
} from './history-format.ts';
import { writeStatus, writeText } from './packed-text.ts';

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

/** A finite number that fits a 32-bit signed field; -1 stands for anything else. */
function int32(value: number): number {
  return value >= -2147483648 && value <= 2147483647 ? value : -1;
}

/** Within ± `limit`; −1 for what is no number. */
function limited(value: number, limit: number): number {
  if (Number.isNaN(value)) return -1;
  return Math.max(-limit, Math.min(Math.trunc(value), limit - 1));
}

/** The negated test also catches NaN. */
function instant(valueUs: number): number {
  return !(valueUs > -INSTANT_BIAS_US) ? -INSTANT_BIAS_US : Math.min(valueUs, INSTANT_LIMIT_US);
}

export class HistoryBlock {
  readonly #buffer = new ArrayBuffer(BLOCK_BYTES);
  readonly #u8 = new Uint8Array(this.#buffer);
  readonly #u16 = new Uint16Array(this.#buffer);
  readonly #u32 = new Uint32Array(this.#buffer);
  readonly #i32 = new Int32Array(this.#buffer);
  readonly #bytes = Buffer.from(this.#buffer);
  #textEnd = TEXT_BASE;
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
  }

  /** The caller makes sure that the block is not full. */
  append(call: Call, journey: number, population: number, startUs: number): void {
    const at = BLOCK_HEADER_BYTES + this.records * RECORD_BYTES;
    const half = at >> 1;
    const word = at >> 2;
    this.#u8[at + FIELD.operation] = OPERATION_CODE[call.operation];
    this.#u8[at + FIELD.reason] = REASON_CODE[call.reason];
    this.#u8[at + FIELD.attempt] = Math.min(255, call.attempt);
    this.#u16[half + (FIELD.status >> 1)] = call.status;
    this.#u16[half + (FIELD.population >> 1)] = population;
    this.#u32[word + (FIELD.journey >> 2)] = journey;
    this.#u32[word + (FIELD.customer >> 2)] = call.customer;
    this.#i32[word + (FIELD.item >> 2)] = int32(call.item);
    this.#i32[word + (FIELD.units >> 2)] = int32(
      call.gotUnits >= 0 ? call.gotUnits : call.quantity,
    );
    this.#times(at, call, startUs);
    const amount = call.operation === 'viewStock' ? call.gotStock : call.gotTotalMinor;
    this.#wide(at, FIELD.amountLow, FIELD.amountHigh, limited(amount, AMOUNT_BIAS) + AMOUNT_BIAS);
    this.#u16[half + (FIELD.texts >> 1)] = this.#textEnd - TEXT_BASE;
    this.#u8[at + FIELD.outcomeAndFlags] =
      OUTCOME_CODE[call.outcome] |
      (call.gotReplayed ? FLAG.replayed : 0) |
      (call.gotExpiresAtUs >= 0 ? FLAG.hasExpiry : 0) |
      this.#texts(call);
    this.records++;
  }

  /** Rounded outwards: a closed interval that is a little too wide never accuses wrongly. */
  #times(at: number, call: Call, startUs: number): void {
    const invokedUs = instant(Math.floor(call.dispatchedAtUs - startUs));
    const doneUs = instant(Math.ceil(Math.max(call.doneAtUs, call.dispatchedAtUs) - startUs));
    const expiresUs = call.gotExpiresAtUs >= 0 ? Math.floor(call.gotExpiresAtUs - startUs) : 0;
    this.#wide(at, FIELD.invokedLow, FIELD.invokedHigh, invokedUs + INSTANT_BIAS_US);
    this.#u32[(at + FIELD.lastedUs) >> 2] = Math.min(doneUs - invokedUs, LASTED_LIMIT_US);
    this.#wide(at, FIELD.expiresLow, FIELD.expiresHigh, instant(expiresUs) + INSTANT_BIAS_US);
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

  #wide(at: number, low: number, high: number, value: number): void {
    this.#u32[(at + low) >> 2] = value % TWO_POW_32;
    this.#u16[(at + high) >> 1] = value / TWO_POW_32;
  }

  /** Writes what the audit asks of this operation; returns the flags that say what is there. */
  #texts(call: Call): number {
    const wanted = IDS[call.operation];
    let flags = 0;
    if ((wanted & FLAG.hasKey) !== 0) flags |= this.#id(call.key, FLAG.hasKey);
    if ((wanted & FLAG.hasCheckoutId) !== 0) {
      const sent = call.operation === 'checkout' ? '' : call.checkoutId;
      const id = call.gotCheckoutId === '' ? sent : call.gotCheckoutId;
      flags |= this.#id(id, FLAG.hasCheckoutId);
    }
    if (call.operation === 'checkout' && call.gotTicket >= 0) {
      flags |= this.#id(String(call.gotTicket), FLAG.hasOrderId);
    }
    if ((wanted & FLAG.hasOrderId) !== 0) {
      const sent = call.operation === 'cancelOrder' ? call.orderId : '';
      flags |= this.#id(call.gotOrderId === '' ? sent : call.gotOrderId, FLAG.hasOrderId);
    }
    if (call.gotOrderStatus !== '') {
      this.#textEnd = writeStatus(this.#bytes, this.#textEnd, boundedText(call.gotOrderStatus));
      flags |= FLAG.hasStatus;
    }
    return flags;
  }

  #id(text: string, flag: number): number {
    if (text === '') return 0;
    this.#textEnd = writeText(this.#bytes, this.#textEnd, boundedText(text));
    return flag;
  }
}
