/** Turns the bytes of one block back into records; checks them when a file is opened. */
import { Buffer } from 'node:buffer';
import type { OperationRecord } from '../contract/history.ts';
import { OPERATION_NAMES } from '../contract/operation.ts';
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
  readonly bytes: Uint8Array;
  readonly records: number;
  /** Index of its first record in the whole history. */
  readonly first: number;
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
  };
}

export class RecordDecoder {
  #block: StoredBlock | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #text: Buffer = Buffer.alloc(0);

  /** Points the decoder at a block; the byte order is that of the machine, checked on opening. */
  open(block: StoredBlock): void {
    if (this.#block === block) return;
    this.#block = block;
    const { buffer, byteOffset, byteLength } = block.bytes;
    this.#view = new DataView(buffer, byteOffset, byteLength);
    const textStart = BLOCK_HEADER_BYTES + block.records * RECORD_BYTES;
    this.#text = Buffer.from(buffer, byteOffset + textStart, byteLength - textStart);
  }

  /** What is wrong with record `index` of the block, or ''. */
  problemOf(index: number): string {
    const at = BLOCK_HEADER_BYTES + index * RECORD_BYTES;
    const view = this.#view;
    const operation = view.getUint8(at + FIELD.operation);
    if (operation >= OPERATION_NAMES.length) return `unknown operation code ${operation}`;
    const reason = view.getUint8(at + FIELD.reason);
    if (reason >= REASONS.length) return `unknown reason code ${reason}`;
    const item = view.getInt32(at + FIELD.item, LITTLE);
    if (item < -1) return `item ${item}`;
    return this.#textProblem(at);
  }

  decode(index: number, into: OperationRecord): void {
    const at = BLOCK_HEADER_BYTES + index * RECORD_BYTES;
    const view = this.#view;
    const shiftUs = (this.#block?.shiftUs ?? 0) - INSTANT_BIAS_US;
    const bits = view.getUint8(at + FIELD.outcomeAndFlags);
    const amount = this.#wide(at + FIELD.amountLow, at + FIELD.amountHigh) - AMOUNT_BIAS;
    into.operation = OPERATION_NAMES[view.getUint8(at + FIELD.operation)] ?? 'home';
    into.outcome = OUTCOMES[bits & OUTCOME_MASK] ?? 'unknown';
    into.reason = REASONS[view.getUint8(at + FIELD.reason)] ?? 'none';
    into.attempt = view.getUint8(at + FIELD.attempt);
    into.status = view.getUint16(at + FIELD.status, LITTLE);
    into.journey = view.getUint32(at + FIELD.journey, LITTLE);
    into.customer = view.getUint32(at + FIELD.customer, LITTLE);
    into.population = view.getUint16(at + FIELD.population, LITTLE);
    into.item = view.getInt32(at + FIELD.item, LITTLE);
    into.units = view.getInt32(at + FIELD.units, LITTLE);
    into.invokedUs = this.#wide(at + FIELD.invokedLow, at + FIELD.invokedHigh) + shiftUs;
    into.doneUs = into.invokedUs + view.getUint32(at + FIELD.lastedUs, LITTLE);
    into.expiresUs =
      (bits & FLAG.hasExpiry) === 0
        ? -1
        : this.#wide(at + FIELD.expiresLow, at + FIELD.expiresHigh) + shiftUs;
    const isStock = into.operation === 'viewStock';
    into.totalMinor = isStock ? -1 : amount;
    into.stock = isStock ? amount : -1;
    into.replayed = (bits & FLAG.replayed) !== 0;
    this.#texts(view.getUint16(at + FIELD.texts, LITTLE), bits, into);
  }

  #wide(low: number, high: number): number {
    return this.#view.getUint16(high, LITTLE) * TWO_POW_32 + this.#view.getUint32(low, LITTLE);
  }

  #textProblem(at: number): string {
    const bits = this.#view.getUint8(at + FIELD.outcomeAndFlags);
    let start = this.#view.getUint16(at + FIELD.texts, LITTLE);
    for (const name of TEXT_ORDER) {
      if ((bits & FLAG[name]) === 0) continue;
      start = endOfText(this.#text, start);
      if (start < 0) return 'text outside its block';
    }
    return '';
  }

  #texts(first: number, bits: number, into: OperationRecord): void {
    let start = first;
    const take = (flag: number): string => {
      if ((bits & flag) === 0) return '';
      const text = readText(this.#text, start);
      start = endOfText(this.#text, start);
      return text;
    };
    into.key = take(FLAG.hasKey);
    into.checkoutId = take(FLAG.hasCheckoutId);
    into.orderId = take(FLAG.hasOrderId);
    into.orderStatus = take(FLAG.hasStatus);
  }
}

/** DataView needs to be told; numbers were written by typed arrays in the machine's own order. */
const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
