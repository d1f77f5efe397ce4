/**
 * The attempts that an audit has to remember, as columns: orders, look-ups, cancellations and the
 * checkouts that may have held something. An attempt is looked at through a small view of its row.
 */
import type { Buffer } from 'node:buffer';
import type { OperationRecord } from '../contract/history.ts';
import { OPERATION_CODE, OPERATION_NAMES, type OperationName } from '../contract/operation.ts';
import {
  OUTCOME_CODE,
  OUTCOMES,
  type Outcome,
  REASON_CODE,
  REASONS,
  type Reason,
} from '../contract/outcome.ts';
import type { Attempt } from './attempt.ts';
import type { LedgerTexts } from './ledger-texts.ts';
import { PairTable } from './pair-table.ts';
import { LabelTable, type TextTable } from './text-table.ts';

const FIRST_ROWS = 1024;

type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

function grown<T extends Numbers>(column: T, rows: number): T {
  const larger = new (column.constructor as new (length: number) => T)(rows);
  larger.set(column as never);
  return larger;
}

export class AttemptTable {
  rows = 0;
  operation = new Uint8Array(FIRST_ROWS);
  outcome = new Uint8Array(FIRST_ROWS);
  reason = new Uint8Array(FIRST_ROWS);
  attempt = new Uint8Array(FIRST_ROWS);
  replayed = new Uint8Array(FIRST_ROWS);
  status = new Uint16Array(FIRST_ROWS);
  population = new Uint16Array(FIRST_ROWS);
  journey = new Uint32Array(FIRST_ROWS);
  customer = new Uint32Array(FIRST_ROWS);
  item = new Int32Array(FIRST_ROWS);
  units = new Int32Array(FIRST_ROWS);
  /** Number in `keyNames`. */
  keyName = new Uint32Array(FIRST_ROWS);
  checkout = new Uint32Array(FIRST_ROWS);
  order = new Uint32Array(FIRST_ROWS);
  orderStatus = new Uint32Array(FIRST_ROWS);
  index = new Float64Array(FIRST_ROWS);
  invokedUs = new Float64Array(FIRST_ROWS);
  doneUs = new Float64Array(FIRST_ROWS);
  totalMinor = new Float64Array(FIRST_ROWS);
  expiresUs = new Float64Array(FIRST_ROWS);
  /** Customer and number of the key: two customers may use the same one. */
  readonly keyNames = new PairTable();
  readonly keys: TextTable;
  readonly checkouts: TextTable;
  readonly orders: TextTable;
  readonly statuses = new LabelTable();

  /** Ids are kept where the ledgers keep theirs: most are the same. */
  constructor(texts: LedgerTexts) {
    this.keys = texts.key;
    this.checkouts = texts.checkout;
    this.orders = texts.order;
  }

  /** Returns the new row. */
  add(record: OperationRecord, index: number): number {
    const row = this.rows;
    if (row === this.operation.length) this.#grow();
    this.rows++;
    this.operation[row] = OPERATION_CODE[record.operation];
    this.outcome[row] = OUTCOME_CODE[record.outcome];
    this.reason[row] = REASON_CODE[record.reason];
    this.attempt[row] = record.attempt;
    this.replayed[row] = record.replayed ? 1 : 0;
    this.status[row] = record.status;
    this.population[row] = record.population;
    this.journey[row] = record.journey;
    this.customer[row] = record.customer;
    this.item[row] = record.item;
    this.units[row] = record.units;
    this.#addIds(row, record);
    this.orderStatus[row] = this.statuses.add(record.orderStatus);
    this.index[row] = index;
    this.invokedUs[row] = record.invokedUs;
    this.doneUs[row] = record.doneUs;
    this.totalMinor[row] = record.totalMinor;
    this.expiresUs[row] = record.expiresUs;
    return row;
  }

  #addIds(row: number, record: OperationRecord): void {
    const isKeyed = record.operation !== 'checkout';
    this.keyName[row] = isKeyed
      ? this.keyNames.add(record.customer, numberOf(this.keys, record, 'key'))
      : NO_KEY;
    this.checkout[row] = numberOf(this.checkouts, record, 'checkoutId');
    this.order[row] = numberOf(this.orders, record, 'orderId');
  }

  /** Number of a customer's key, −1 when nothing was sent under it. */
  findKey(customer: number, key: string): number {
    const number = this.keys.find(key);
    return number < 0 ? -1 : this.keyNames.find(customer, number);
  }

  /** Earlier invocations first, then earlier records. */
  compareTimes(a: number, b: number): number {
    const gap = (this.invokedUs[a] as number) - (this.invokedUs[b] as number);
    return gap !== 0 ? gap : (this.index[a] as number) - (this.index[b] as number);
  }

  keyText(row: number): string {
    const keyName = this.keyName[row] as number;
    if (keyName === NO_KEY) return '';
    return this.keys.text(this.keyNames.second(keyName));
  }

  #grow(): void {
    const rows = this.operation.length * 2;
    this.operation = grown(this.operation, rows);
    this.outcome = grown(this.outcome, rows);
    this.reason = grown(this.reason, rows);
    this.attempt = grown(this.attempt, rows);
    this.replayed = grown(this.replayed, rows);
    this.status = grown(this.status, rows);
    this.population = grown(this.population, rows);
    this.journey = grown(this.journey, rows);
    this.customer = grown(this.customer, rows);
    this.item = grown(this.item, rows);
    this.units = grown(this.units, rows);
    this.keyName = grown(this.keyName, rows);
    this.checkout = grown(this.checkout, rows);
    this.order = grown(this.order, rows);
    this.orderStatus = grown(this.orderStatus, rows);
    this.index = grown(this.index, rows);
    this.invokedUs = grown(this.invokedUs, rows);
    this.doneUs = grown(this.doneUs, rows);
    this.totalMinor = grown(this.totalMinor, rows);
    this.expiresUs = grown(this.expiresUs, rows);
  }
}

function numberOf(
  table: TextTable,
  record: OperationRecord,
  name: 'key' | 'checkoutId' | 'orderId',
): number {
  const { packed } = record;
  if (packed === undefined) return table.add(record[name]);
  const at = packed[name];
  return at < 0 ? table.add('') : table.addPacked(packed.bytes as Buffer, at);
}

/** Checkouts have no idempotency key. */
const NO_KEY = 0xffffffff;

/** Decodes what is asked for, when it is asked for. */
export class StoredAttempt implements Attempt {
  // Declared only: a field that is defined before it is set costs as much as all the rest.
  declare readonly table: AttemptTable;
  declare readonly row: number;

  constructor(table: AttemptTable, row: number) {
    this.table = table;
    this.row = row;
  }

  get operation(): OperationName {
    return OPERATION_NAMES[this.table.operation[this.row] as number] as OperationName;
  }
  get outcome(): Outcome {
    return OUTCOMES[this.table.outcome[this.row] as number] as Outcome;
  }
  get reason(): Reason {
    return REASONS[this.table.reason[this.row] as number] as Reason;
  }
  get attempt(): number {
    return this.table.attempt[this.row] as number;
  }
  get status(): number {
    return this.table.status[this.row] as number;
  }
  get journey(): number {
    return this.table.journey[this.row] as number;
  }
  get customer(): number {
    return this.table.customer[this.row] as number;
  }
  get population(): number {
    return this.table.population[this.row] as number;
  }
  get item(): number {
    return this.table.item[this.row] as number;
  }
  get units(): number {
    return this.table.units[this.row] as number;
  }
  get invokedUs(): number {
    return this.table.invokedUs[this.row] as number;
  }
  get doneUs(): number {
    return this.table.doneUs[this.row] as number;
  }
  get key(): string {
    return this.table.keyText(this.row);
  }
  get checkoutId(): string {
    return this.table.checkouts.text(this.table.checkout[this.row] as number);
  }
  get orderId(): string {
    return this.table.orders.text(this.table.order[this.row] as number);
  }
  get totalMinor(): number {
    return this.table.totalMinor[this.row] as number;
  }
  /** Stock reads are not remembered. */
  get stock(): number {
    return -1;
  }
  get expiresUs(): number {
    return this.table.expiresUs[this.row] as number;
  }
  get orderStatus(): string {
    return this.table.statuses.text(this.table.orderStatus[this.row] as number);
  }
  get replayed(): boolean {
    return this.table.replayed[this.row] === 1;
  }
  get index(): number {
    return this.table.index[this.row] as number;
  }
}
