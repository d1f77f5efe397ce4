/**
 * What the history shows: attempts grouped by idempotency key and checkout, kept as columns. Stock
 * reads and refused checkouts, most of a history, are not kept: who needs them visits them again.
 */
import type { History, OperationRecord } from '../contract/history.ts';
import { OPERATION_NAMES, type OperationName } from '../contract/operation.ts';
import { type Attempt, keyOf } from './attempt.ts';
import { AttemptGroups } from './attempt-groups.ts';
import { AttemptTable, StoredAttempt } from './attempt-table.ts';
import { LedgerTexts } from './ledger-texts.ts';

/** Everything that was sent under one idempotency key of one customer. */
export interface KeyUse {
  readonly key: string;
  readonly customer: number;
  /** Orders and the contract probes that repeat or change them. */
  readonly orders: readonly Attempt[];
  readonly reads: readonly Attempt[];
  readonly tombstones: readonly Attempt[];
}

export interface CheckoutUse {
  readonly id: string;
  /** The checkout that was answered with this id; undefined when no record shows it. */
  readonly opened: Attempt | undefined;
  readonly orders: readonly Attempt[];
}

/** Attempts made visible one at a time; each round starts anew. */
export class Attempts implements Iterable<Attempt> {
  readonly #table: AttemptTable;
  readonly #rows: Uint32Array;

  constructor(table: AttemptTable, rows: Uint32Array) {
    this.#table = table;
    this.#rows = rows;
  }

  get length(): number {
    return this.#rows.length;
  }

  *[Symbol.iterator](): Generator<Attempt> {
    for (const row of this.#rows) yield new StoredAttempt(this.#table, row);
  }

  filter(test: (attempt: Attempt) => boolean): Attempt[] {
    const found: Attempt[] = [];
    for (const attempt of this) if (test(attempt)) found.push(attempt);
    return found;
  }
}

/** Rows of an attempt table, in order of the history. */
class RowList {
  #rows = new Uint32Array(1024);
  #length = 0;

  push(row: number): void {
    if (this.#length === this.#rows.length) {
      const larger = new Uint32Array(this.#length * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#rows[this.#length++] = row;
  }

  done(): Uint32Array {
    return this.#rows.slice(0, this.#length);
  }
}

const ORDERS = 0;
const READS = 1;
const TOMBSTONES = 2;

/** A map from `keyOf` to what was sent under the key; its values are made when asked for. */
export class KeyUses {
  readonly #groups: AttemptGroups;
  readonly #kindOf: (row: number) => number;
  readonly size: number;

  constructor(table: AttemptTable, members: Uint32Array) {
    const kinds = new Uint8Array(table.rows);
    for (const row of members) kinds[row] = kindOfRow(table, row);
    this.#kindOf = (row) => kinds[row] as number;
    this.#groups = new AttemptGroups({
      table,
      names: table.keyNames.size,
      members,
      groupOf: table.keyName,
      compare: (a, b) => (kinds[a] as number) - (kinds[b] as number) || table.compareTimes(a, b),
    });
    let size = 0;
    for (let group = 0; group < table.keyNames.size; group++) {
      if (this.#groups.count(group) > 0) size++;
    }
    this.size = size;
  }

  get(customer: number, key: string): KeyUse | undefined {
    const group = this.#groups.table.findKey(customer, key);
    return group < 0 || this.#groups.count(group) === 0 ? undefined : this.#use(group);
  }

  /** What was sent under the key of this attempt. */
  of(attempt: Attempt): KeyUse | undefined {
    const { table } = this.#groups;
    if (!(attempt instanceof StoredAttempt) || attempt.table !== table) {
      return this.get(attempt.customer, attempt.key);
    }
    const group = table.keyName[attempt.row] as number;
    return this.#groups.count(group) > 0 ? this.#use(group) : undefined;
  }

  *values(): Generator<KeyUse> {
    for (let group = 0; group < this.#groups.size; group++) {
      if (this.#groups.count(group) > 0) yield this.#use(group);
    }
  }

  *[Symbol.iterator](): Generator<[string, KeyUse]> {
    for (const use of this.values()) yield [keyOf(use.customer, use.key), use];
  }

  #use(group: number): KeyUse {
    const groups = this.#groups;
    const { table } = groups;
    const first = groups.row(group, 0);
    const lists: [Attempt[], Attempt[], Attempt[]] = [[], [], []];
    const count = groups.count(group);
    for (let i = 0; i < count; i++) {
      const row = groups.row(group, i);
      (lists[this.#kindOf(row)] as Attempt[]).push(new StoredAttempt(table, row));
    }
    return {
      key: table.keyText(first),
      customer: table.customer[first] as number,
      orders: lists[ORDERS],
      reads: lists[READS],
      tombstones: lists[TOMBSTONES],
    };
  }
}

function kindOfRow(table: AttemptTable, row: number): number {
  const { operation } = new StoredAttempt(table, row);
  if (operation === 'orderStatus') return READS;
  return operation === 'tombstoneKey' ? TOMBSTONES : ORDERS;
}

/** A map from the id of a checkout to its opening and its orders. */
export class CheckoutUses {
  readonly #groups: AttemptGroups;
  /** By number of the id: the row that opened it + 1. */
  readonly #opened: Uint32Array;

  constructor(table: AttemptTable, openings: Uint32Array, orders: Uint32Array) {
    this.#groups = new AttemptGroups({
      table,
      names: table.checkouts.size,
      members: orders.filter((row) => table.checkouts.text(table.checkout[row] as number) !== ''),
      groupOf: table.checkout,
      compare: (a, b) => table.compareTimes(a, b),
    });
    this.#opened = new Uint32Array(table.checkouts.size);
    for (const row of openings) {
      const checkout = table.checkout[row] as number;
      if (table.checkouts.text(checkout) === '' || this.#opened[checkout] !== 0) continue;
      this.#opened[checkout] = row + 1;
    }
  }

  get(id: string): CheckoutUse | undefined {
    const group = this.#groups.table.checkouts.find(id);
    return group < 0 || !this.#isUsed(group) ? undefined : this.#use(group);
  }

  /** That of the checkout which this attempt opened or used. */
  of(attempt: Attempt): CheckoutUse | undefined {
    const { table } = this.#groups;
    if (!(attempt instanceof StoredAttempt) || attempt.table !== table) {
      return this.get(attempt.checkoutId);
    }
    const group = table.checkout[attempt.row] as number;
    return this.#isUsed(group) ? this.#use(group) : undefined;
  }

  *values(): Generator<CheckoutUse> {
    for (let group = 0; group < this.#opened.length; group++) {
      if (this.#isUsed(group)) yield this.#use(group);
    }
  }

  #isUsed(group: number): boolean {
    return (this.#opened[group] ?? 0) !== 0 || this.#groups.count(group) > 0;
  }

  #use(group: number): CheckoutUse {
    const { table } = this.#groups;
    const opened = this.#opened[group] as number;
    return {
      id: table.checkouts.text(group),
      opened: opened === 0 ? undefined : new StoredAttempt(table, opened - 1),
      orders: this.#groups.attempts(group),
    };
  }
}

/** By the id of an order: the requests to cancel it. There are few, and every check asks for them. */
function cancelsOf(table: AttemptTable, rows: Uint32Array): Map<string, Attempt[]> {
  const cancels = new Map<string, Attempt[]>();
  for (const row of rows) {
    const attempt = new StoredAttempt(table, row);
    const known = cancels.get(attempt.orderId);
    if (known === undefined) cancels.set(attempt.orderId, [attempt]);
    else known.push(attempt);
  }
  return cancels;
}

const CHECKOUTS: readonly OperationName[] = ['checkout'];
const UNKEPT: readonly OperationName[] = ['checkout', 'viewStock'];

/** Puts, removals and views. */
const CART_EDITS: readonly OperationName[] = ['addToCart', 'viewCart'];

type Visit = (record: Readonly<OperationRecord>, index: number) => void;

export class Evidence {
  readonly keys: KeyUses;
  readonly checkouts: CheckoutUses;
  /** Checkouts that may have held something: answered with ok, or not at all. */
  readonly heldAttempts: Attempts;
  /** By order id. */
  readonly cancels: ReadonlyMap<string, readonly Attempt[]>;
  /** Items that anybody tried to check out. */
  readonly itemsTried: ReadonlySet<number>;
  /** Latest instant of the history. */
  readonly lastUs: number;
  /** Journeys have numbers below this; probes one far beyond. */
  readonly journeys: number;
  readonly #history: History;

  constructor(history: History, texts: LedgerTexts) {
    this.#history = history;
    const gathered = gather(history, texts);
    const { table } = gathered;
    const held = gathered.held.done();
    const orders = gathered.orders.done();
    this.keys = new KeyUses(table, gathered.keyed.done());
    this.checkouts = new CheckoutUses(table, held.filter(isOk(table)), orders);
    this.heldAttempts = new Attempts(table, held);
    this.cancels = cancelsOf(table, gathered.cancels.done());
    this.itemsTried = gathered.itemsTried;
    this.lastUs = gathered.lastUs;
    this.journeys = gathered.journeys;
  }

  /** Every checkout, in order of the history; ids are left out. The record is reused. */
  forEachCheckout(visit: Visit): void {
    this.#history.forEach(
      (record, index) => {
        if (record.operation === 'checkout') visit(record, index);
      },
      { operations: CHECKOUTS, texts: false },
    );
  }

  /** The checkouts and every stock read that was answered: as `forEachCheckout`, in one visit. */
  forEachUnkept(visit: Visit): void {
    this.#history.forEach(
      (record, index) => {
        const { operation } = record;
        if (operation === 'checkout' || (operation === 'viewStock' && record.outcome === 'ok')) {
          visit(record, index);
        }
      },
      { operations: UNKEPT, texts: false },
    );
  }

  /**
   * What was put into carts, taken out (0 units) or looked at, where that was answered or may have had
   * an effect, in order of the history. The record is reused.
   */
  forEachCartEdit(visit: Visit): void {
    this.#history.forEach(
      (record, index) => {
        const { operation, outcome } = record;
        if (operation !== 'addToCart' && operation !== 'viewCart') return;
        if (outcome === 'ok' || (outcome === 'unknown' && operation === 'addToCart')) {
          visit(record, index);
        }
      },
      { operations: CART_EDITS, texts: false },
    );
  }

  /** One record whole, for a witness. */
  attemptAt(index: number): Attempt {
    return { ...this.#history.at(index), index };
  }
}

function isOk(table: AttemptTable): (row: number) => boolean {
  return (row) => table.outcome[row] === 0;
}

interface Gathered {
  readonly table: AttemptTable;
  readonly held: RowList;
  readonly orders: RowList;
  /** Everything sent under a key: orders, look-ups and tombstones. */
  readonly keyed: RowList;
  readonly cancels: RowList;
  readonly itemsTried: Set<number>;
  readonly lastUs: number;
  readonly journeys: number;
}

/** Journeys are numbered without gaps; a number beyond is none of ours. */
const JOURNEYS_MAX = 2 ** 26;

const ALL = { operations: OPERATION_NAMES, texts: true, packedIds: true };

function gather(history: History, texts: LedgerTexts): Gathered {
  const table = new AttemptTable(texts);
  const held = new RowList();
  const orders = new RowList();
  const keyed = new RowList();
  const cancels = new RowList();
  const itemsTried = new Set<number>();
  let lastUs = 0;
  let journeys = 0;
  history.forEach((record, index) => {
    lastUs = Math.max(lastUs, record.doneUs);
    if (record.journey >= journeys && record.journey < JOURNEYS_MAX) journeys = record.journey + 1;
    switch (record.operation) {
      case 'checkout': {
        itemsTried.add(record.item);
        const { outcome } = record;
        if (outcome === 'ok' || outcome === 'unknown') held.push(table.add(record, index));
        break;
      }
      case 'order':
      case 'orderDuplicate':
      case 'orderReplay':
      case 'orderChanged': {
        const row = table.add(record, index);
        orders.push(row);
        keyed.push(row);
        break;
      }
      case 'orderStatus':
      case 'tombstoneKey':
        keyed.push(table.add(record, index));
        break;
      case 'cancelOrder':
        cancels.push(table.add(record, index));
        break;
      default:
        break;
    }
  }, ALL);
  return { table, held, orders, keyed, cancels, itemsTried, lastUs, journeys };
}

/** Lists come out in order of invocation. `texts`: those of the ledgers, where there are any. */
export function gatherEvidence(history: History, texts = new LedgerTexts()): Evidence {
  return new Evidence(history, texts);
}
