/** Turns the bytes of one block back into records; checks them when a file is opened. */
import { Buffer } from 'node:buffer';
import type { OperationRecord } from '../contract/history.ts';
import { OPERATION_NAMES } from '../contract/operation.ts';
import { OUTCOMES, REASONS } from '../contract/outcome.ts';
import {
  BLOCK_HEADER_BYTES,
  FIELD,
  FLAG,
  FLAGS_ALL,
  INSTANT_BIAS_US,
  RECORD_BYTES,
  TEXT_ENTRY_BYTES_MAX,
} from './history-format.ts';

const TWO_POW_32 = 2 ** 32;
const TEXT_FIELDS = [FIELD.key, FIELD.checkoutId, FIELD.orderId, FIELD.orderStatus] as const;

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
    const outcome = view.getUint8(at + FIELD.outcome);
    if (outcome >= OUTCOMES.length) return `unknown outcome code ${outcome}`;
    const reason = view.getUint8(at + FIELD.reason);
    if (reason >= REASONS.length) return `unknown reason code ${reason}`;
    if (view.getUint8(at + FIELD.flags) > FLAGS_ALL) return 'unknown flags';
    const item = view.getInt32(at + FIELD.item, LITTLE);
    if (item < -1) return `item ${item}`;
    const amount = view.getFloat64(at + FIELD.amount, LITTLE);
    if (!Number.isFinite(amount)) return `amount ${amount}`;
    for (const field of TEXT_FIELDS) {
      const problem = this.#textProblem(view.getUint16(at + field, LITTLE));
      if (problem !== '') return problem;
    }
    return '';
  }

  decode(index: number, into: OperationRecord): void {
    const at = BLOCK_HEADER_BYTES + index * RECORD_BYTES;
    const view = this.#view;
    const shiftUs = (this.#block?.shiftUs ?? 0) - INSTANT_BIAS_US;
    const flags = view.getUint8(at + FIELD.flags);
    const amount = view.getFloat64(at + FIELD.amount, LITTLE);
    const isStock = (flags & FLAG.amountIsStock) !== 0;
    into.operation = OPERATION_NAMES[view.getUint8(at + FIELD.operation)] ?? 'home';
    into.outcome = OUTCOMES[view.getUint8(at + FIELD.outcome)] ?? 'unknown';
    into.reason = REASONS[view.getUint8(at + FIELD.reason)] ?? 'none';
    into.attempt = Math.max(1, view.getUint16(at + FIELD.attempt, LITTLE));
    into.status = view.getUint16(at + FIELD.status, LITTLE);
    into.journey = view.getUint32(at + FIELD.journey, LITTLE);
    into.customer = view.getUint32(at + FIELD.customer, LITTLE);
    into.population = view.getUint16(at + FIELD.population, LITTLE);
    into.item = view.getInt32(at + FIELD.item, LITTLE);
    into.units = view.getInt32(at + FIELD.units, LITTLE);
    into.invokedUs = this.#instant(at + FIELD.invokedLow, at + FIELD.invokedHigh) + shiftUs;
    into.doneUs = this.#instant(at + FIELD.doneLow, at + FIELD.doneHigh) + shiftUs;
    into.expiresUs =
      (flags & FLAG.hasExpiry) === 0
        ? -1
        : this.#instant(at + FIELD.expiresLow, at + FIELD.expiresHigh) + shiftUs;
    into.key = this.#textAt(view.getUint16(at + FIELD.key, LITTLE));
    into.checkoutId = this.#textAt(view.getUint16(at + FIELD.checkoutId, LITTLE));
    into.orderId = this.#textAt(view.getUint16(at + FIELD.orderId, LITTLE));
    into.orderStatus = this.#textAt(view.getUint16(at + FIELD.orderStatus, LITTLE));
    into.totalMinor = isStock ? -1 : amount;
    into.stock = isStock ? amount : -1;
    into.replayed = (flags & FLAG.replayed) !== 0;
  }

  #instant(low: number, high: number): number {
    return this.#view.getUint16(high, LITTLE) * TWO_POW_32 + this.#view.getUint32(low, LITTLE);
  }

  #textProblem(ref: number): string {
    if (ref === 0) return '';
    const start = ref - 1;
    if (start + 2 > this.#text.length) return 'text outside its block';
    const length = this.#text.readUInt16LE(start);
    if (length === 0 || length > TEXT_ENTRY_BYTES_MAX) return `text of ${length} bytes`;
    return start + 2 + length > this.#text.length ? 'text outside its block' : '';
  }

  #textAt(ref: number): string {
    if (ref === 0) return '';
    const start = ref + 1;
    return this.#text.toString('utf8', start, start + this.#text.readUInt16LE(ref - 1));
  }
}

/** DataView needs to be told; numbers were written by typed arrays in the machine's own order. */
const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
