/** Turns the bytes of one block back into records; checks them when a file is opened. */
import { Buffer } from 'node:buffer';
import type { HistoryInterest, OperationRecord, PackedIds } from '../contract/history.ts';
import { OPERATION_CODE, OPERATION_NAMES } from '../contract/operation.ts';
import { OUTCOMES, REASONS } from '../contract/outcome.ts';
import {
  AMOUNT_BIAS,
  BLOCK_HEADER_BYTES,
  FIELD,
  FLAG,
  INSTANT_BIAS_US,
  OUTCOME_MASK,
  RECORD_BYTES,
  TEXT_ORDER,
} from './history-format.ts';
import { endOfText, readText } from './packed-text.ts';

const TWO_POW_32 = 2 ** 32;

export interface StoredBlock {
  /** From the start of its buffer: typed arrays are laid over it. */
  readonly bytes: Uint8Array;
  readonly records: number;
  /** Added to its instants: its segment may have another start. */
  readonly shiftUs: number;
}

export function emptyRecord(): OperationRecord {
  return {
    operation: 'home',
    outcome: 'unknown',
    reason: 'none',
    attempt: 1,
    status: 0,
    journey: 0,
    customer: 0,
    population: 0,
    item: -1,
    units: 0,
    invokedUs: 0,
    doneUs: 0,
    key: '',
    checkoutId: '',
    orderId: '',
    totalMinor: -1,
    stock: -1,
    expiresUs: -1,
    orderStatus: '',
    replayed: false,
    ticket: -1,
  };
}

type Places = { -readonly [Field in keyof PackedIds]: PackedIds[Field] };

/** Numbers are in the machine's own byte order, which is checked on opening. */
export class RecordDecoder {
  #u8: Uint8Array = new Uint8Array(0);
  #u16: Uint16Array = new Uint16Array(0);
  #u32: Uint32Array = new Uint32Array(0);
  #i32: Int32Array = new Int32Array(0);
  #text: Buffer = Buffer.alloc(0);
  #shiftUs = 0;
  #withTexts = true;
  #packed: Places | undefined;
  /** By operation code: 1 for those that are decoded. */
  readonly #wanted = new Uint8Array(256).fill(1);

  /** What `decode` leaves out from now on; without an interest nothing. */
  select(interest: HistoryInterest | undefined): void {
    this.#withTexts = interest?.texts ?? true;
    const isPacked = interest?.packedIds === true;
    this.#packed = isPacked
      ? { bytes: this.#text, key: -1, checkoutId: -1, orderId: -1 }
      : undefined;
    this.#wanted.fill(interest === undefined ? 1 : 0);
    for (const name of interest?.operations ?? []) this.#wanted[OPERATION_CODE[name]] = 1;
  }

  /** Points the decoder at a block; its bytes may be overwritten once the next one is opened. */
  open({ bytes, records, shiftUs }: StoredBlock): void {
    const { buffer, byteLength } = bytes;
    this.#shiftUs = shiftUs - INSTANT_BIAS_US;
    const textStart = BLOCK_HEADER_BYTES + records * RECORD_BYTES;
    this.#text = Buffer.from(buffer, textStart, byteLength - textStart);
    if (this.#u8.buffer === buffer) return;
    this.#u8 = new Uint8Array(buffer);
    this.#u16 = new Uint16Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#i32 = new Int32Array(buffer);
  }

  /** One bit for the operation of record `index`, as `operationBits`. */
  operationBit(index: number): number {
    return 1 << (this.#u8[BLOCK_HEADER_BYTES + index * RECORD_BYTES + FIELD.operation] as number);
  }

  /** What is wrong with record `index` of the block, or ''. */
  problemOf(index: number): string {
    const at = BLOCK_HEADER_BYTES + index * RECORD_BYTES;
    const operation = this.#u8[at + FIELD.operation] as number;
    if (operation >= OPERATION_NAMES.length) return `unknown operation code ${operation}`;
    const reason = this.#u8[at + FIELD.reason] as number;
    if (reason >= REASONS.length) return `unknown reason code ${reason}`;
    const item = this.#i32[(at + FIELD.item) >> 2] as number;
    if (item < -1) return `item ${item}`;
    return this.#textProblem(at);
  }

  /** False when the record is none of those that were asked for; then nothing is decoded. */
  decode(index: number, into: OperationRecord): boolean {
    const at = BLOCK_HEADER_BYTES + index * RECORD_BYTES;
    const operation = this.#u8[at + FIELD.operation] as number;
    if (this.#wanted[operation] === 0) return false;
    const half = at >> 1;
    const word = at >> 2;
    const bits = this.#u8[at + FIELD.outcomeAndFlags] as number;
    const amount = this.#wide(at, FIELD.amountLow, FIELD.amountHigh) - AMOUNT_BIAS;
    into.operation = OPERATION_NAMES[operation] ?? 'home';
    into.outcome = OUTCOMES[bits & OUTCOME_MASK] ?? 'unknown';
    into.reason = REASONS[this.#u8[at + FIELD.reason] as number] ?? 'none';
    into.attempt = this.#u8[at + FIELD.attempt] as number;
    into.status = this.#u16[half + (FIELD.status >> 1)] as number;
    into.journey = this.#u32[word + (FIELD.journey >> 2)] as number;
    into.customer = this.#u32[word + (FIELD.customer >> 2)] as number;
    into.population = this.#u16[half + (FIELD.population >> 1)] as number;
    into.item = this.#i32[word + (FIELD.item >> 2)] as number;
    into.units = this.#i32[word + (FIELD.units >> 2)] as number;
    into.invokedUs = this.#wide(at, FIELD.invokedLow, FIELD.invokedHigh) + this.#shiftUs;
    into.doneUs = into.invokedUs + (this.#u32[word + (FIELD.lastedUs >> 2)] as number);
    into.expiresUs =
      (bits & FLAG.hasExpiry) === 0
        ? -1
        : this.#wide(at, FIELD.expiresLow, FIELD.expiresHigh) + this.#shiftUs;
    const isStock = operation === VIEW_STOCK;
    into.totalMinor = isStock ? -1 : amount;
    into.stock = isStock ? amount : -1;
    into.replayed = (bits & FLAG.replayed) !== 0;
    into.ticket = -1;
    const texts = this.#u16[half + (FIELD.texts >> 1)] as number;
    if (this.#packed !== undefined) this.#packedTexts(texts, bits, into);
    else if (this.#withTexts) this.#texts(texts, bits, into);
    return true;
  }

  #wide(at: number, low: number, high: number): number {
    const upper = this.#u16[(at + high) >> 1] as number;
    return upper * TWO_POW_32 + (this.#u32[(at + low) >> 2] as number);
  }

  #textProblem(at: number): string {
    const bits = this.#u8[at + FIELD.outcomeAndFlags] as number;
    if ((bits & ANY_TEXT) === 0) return '';
    let start = this.#u16[(at + FIELD.texts) >> 1] as number;
    for (const name of TEXT_ORDER) {
      if ((bits & FLAG[name]) === 0) continue;
      start = endOfText(this.#text, start);
      if (start < 0) return 'text outside its block';
    }
    return '';
  }

  /** Only says where the ids are; a ticket stands in the place of an order. */
  #packedTexts(first: number, bits: number, into: OperationRecord): void {
    const packed = this.#packed as Places;
    into.packed = packed;
    into.orderStatus = '';
    packed.bytes = this.#text;
    packed.key = -1;
    packed.checkoutId = -1;
    packed.orderId = -1;
    if ((bits & ANY_TEXT) === 0) return;
    let at = first;
    if ((bits & FLAG.hasKey) !== 0) {
      packed.key = at;
      at = endOfText(this.#text, at);
    }
    if ((bits & FLAG.hasCheckoutId) !== 0) {
      packed.checkoutId = at;
      at = endOfText(this.#text, at);
    }
    if ((bits & FLAG.hasOrderId) !== 0) {
      if (into.operation !== 'checkout') packed.orderId = at;
      at = endOfText(this.#text, at);
    }
    if ((bits & FLAG.hasStatus) !== 0) into.orderStatus = readText(this.#text, at);
  }

  #texts(first: number, bits: number, into: OperationRecord): void {
    if ((bits & ANY_TEXT) === 0) {
      into.key = '';
      into.checkoutId = '';
      into.orderId = '';
      into.orderStatus = '';
      return;
    }
    let start = first;
    const take = (flag: number): string => {
      if ((bits & flag) === 0) return '';
      const text = readText(this.#text, start);
      start = endOfText(this.#text, start);
      return text;
    };
    into.key = take(FLAG.hasKey);
    into.checkoutId = take(FLAG.hasCheckoutId);
    const orderId = take(FLAG.hasOrderId);
    const isTicket = into.operation === 'checkout' && orderId !== '';
    into.orderId = isTicket ? '' : orderId;
    if (isTicket) into.ticket = ticketOf(orderId);
    into.orderStatus = take(FLAG.hasStatus);
  }
}

function ticketOf(text: string): number {
  const ticket = Number(text);
  return Number.isSafeInteger(ticket) ? ticket : -1;
}

/** Which operations somebody is after, one bit each; there are fewer than 32. */
export function operationBits(interest: HistoryInterest | undefined): number {
  if (interest === undefined) return -1;
  return interest.operations.reduce((bits, name) => bits | (1 << OPERATION_CODE[name]), 0);
}

const VIEW_STOCK = OPERATION_CODE.viewStock;
const ANY_TEXT = TEXT_ORDER.reduce((bits, name) => bits | FLAG[name], 0);
