/**
 * What can have been in each customer's cart: the least that was surely put in and not taken out,
 * and the most that may have been, from what clients sent and were told.
 */
import { type OperationRecord, PROBE_JOURNEY } from '../contract/history.ts';
import type { Evidence } from './evidence.ts';

/** Units of one item in a cart. */
export interface CartLine {
  readonly least: number;
  readonly most: number;
}

/** An item put in, or taken out with 0 units, or (`isView`) a look at the whole. */
export interface CartEdit {
  readonly isView: boolean;
  /** False: without an answer, so it may take effect at any time or never. */
  readonly isSure: boolean;
  readonly isProbe: boolean;
  readonly item: number;
  readonly units: number;
  readonly invokedUs: number;
  readonly doneUs: number;
  /** Place in the history. */
  readonly index: number;
}

const FOREVER = Number.POSITIVE_INFINITY;
const EMPTY: ReadonlyMap<number, CartLine> = new Map();
/** Customers are numbered without gaps; a number beyond is none of ours. */
const CUSTOMERS_MAX = 2 ** 26;
const VIEW = 1;
const SURE = 2;
const PROBE = 4;

/** Edits in the order of the history, as columns. */
class EditColumns {
  readonly customer: number[] = [];
  readonly flags: number[] = [];
  readonly item: number[] = [];
  readonly units: number[] = [];
  readonly invokedUs: number[] = [];
  readonly doneUs: number[] = [];
  readonly index: number[] = [];

  add(record: Readonly<OperationRecord>, index: number): void {
    const { customer, operation, outcome, journey, item, units, invokedUs, doneUs } = record;
    if (customer >= CUSTOMERS_MAX) return;
    this.customer.push(customer);
    this.flags.push(
      (operation === 'viewCart' ? VIEW : 0) |
        (outcome === 'ok' ? SURE : 0) |
        (journey === PROBE_JOURNEY ? PROBE : 0),
    );
    this.item.push(item);
    this.units.push(units);
    this.invokedUs.push(invokedUs);
    this.doneUs.push(doneUs);
    this.index.push(index);
  }

  at(row: number): CartEdit {
    const flags = this.flags[row] as number;
    return {
      isView: (flags & VIEW) !== 0,
      isSure: (flags & SURE) !== 0,
      isProbe: (flags & PROBE) !== 0,
      item: this.item[row] as number,
      units: this.units[row] as number,
      invokedUs: this.invokedUs[row] as number,
      doneUs: this.doneUs[row] as number,
      index: this.index[row] as number,
    };
  }
}

export class Carts {
  readonly #evidence: Evidence;
  readonly #edits = new EditColumns();
  /** Rows sorted by customer; those of customer c begin at #starts[c]. */
  readonly #rows: Uint32Array;
  readonly #starts: Uint32Array;
  #orderedUs: Float64Array | undefined;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    evidence.forEachCartEdit((record, index) => this.#edits.add(record, index));
    const { customer } = this.#edits;
    let customers = 0;
    for (const each of customer) customers = Math.max(customers, each + 1);
    this.#starts = new Uint32Array(customers + 1);
    for (const each of customer) this.#starts[each + 1] = (this.#starts[each + 1] as number) + 1;
    for (let i = 0; i < customers; i++) {
      this.#starts[i + 1] = (this.#starts[i + 1] as number) + (this.#starts[i] as number);
    }
    const next = this.#starts.slice();
    this.#rows = new Uint32Array(customer.length);
    for (const [row, each] of customer.entries()) {
      const place = next[each] as number;
      this.#rows[place] = row;
      next[each] = place + 1;
    }
  }

  /** Edits of all customers. */
  get size(): number {
    return this.#rows.length;
  }

  /** In order of the history; empty for who never touched a cart. */
  editsOf(customer: number): CartEdit[] {
    if (customer < 0 || customer + 1 >= this.#starts.length) return [];
    const rows = this.#rows.subarray(this.#starts[customer], this.#starts[customer + 1]);
    return Array.from(rows, (row) => this.#edits.at(row));
  }

  *byCustomer(): Generator<[customer: number, edits: CartEdit[]]> {
    for (let customer = 0; customer + 1 < this.#starts.length; customer++) {
      const edits = this.editsOf(customer);
      if (edits.length > 0) yield [customer, edits];
    }
  }

  /** What is in the cart at some instant of the closed span, by item; empty: nothing, or unknown. */
  contentOver(customer: number, fromUs: number, toUs: number): ReadonlyMap<number, CartLine> {
    const edits = this.editsOf(customer);
    if (edits.length === 0) return EMPTY;
    const lines = new Map<number, CartLine>();
    const removals = edits.filter(({ isView, units }) => !isView && units === 0);
    // A confirmed order empties the cart, some time after it was sent.
    const isKept = this.#firstOrder(customer) > toUs;
    for (const put of edits) {
      if (put.isView || put.units <= 0 || put.invokedUs > toUs) continue;
      const { least, most } = lines.get(put.item) ?? { least: 0, most: 0 };
      const isIn = isKept && put.isSure && put.doneUs <= fromUs;
      const stays = isIn && !removals.some((removal) => mayRemove(removal, put, toUs));
      const isGone = removals.some((removal) => surelyRemoved(removal, put, fromUs));
      lines.set(put.item, {
        least: least + (stays ? put.units : 0),
        most: most + (isGone ? 0 : put.units),
      });
    }
    return lines;
  }

  /**
   * What a customer checked out in this span surely has `item` in it. A checkout is known by one item;
   * where it was the cart's and somebody edited that from elsewhere, the item may be gone.
   */
  surelyCheckedOut(customer: number, item: number, fromUs: number, toUs: number): boolean {
    if (!this.editsOf(customer).some(({ invokedUs }) => invokedUs <= toUs)) return true;
    return (this.contentOver(customer, fromUs, toUs).get(item)?.least ?? 0) > 0;
  }

  #firstOrder(customer: number): number {
    this.#orderedUs ??= firstOrders(this.#evidence, this.#starts.length);
    return this.#orderedUs[customer] ?? FOREVER;
  }
}

/** By customer: from when an order may have emptied the cart. */
function firstOrders({ keys }: Evidence, customers: number): Float64Array {
  const firstUs = new Float64Array(customers).fill(FOREVER);
  for (const { customer, orders } of keys.values()) {
    if (customer >= customers) continue;
    for (const { outcome, invokedUs } of orders) {
      if (outcome !== 'ok' && outcome !== 'unknown') continue;
      firstUs[customer] = Math.min(firstUs[customer] as number, invokedUs);
    }
  }
  return firstUs;
}

/** A removal without an answer may take effect at any time after it was sent. */
function mayRemove(removal: CartEdit, put: CartEdit, toUs: number): boolean {
  if (removal.item !== put.item || removal.invokedUs > toUs) return false;
  return !removal.isSure || removal.doneUs >= put.invokedUs;
}

/** Only a unit whose arrival is certain can be certain to have been taken out. */
function surelyRemoved(removal: CartEdit, put: CartEdit, fromUs: number): boolean {
  if (removal.item !== put.item || !removal.isSure || !put.isSure) return false;
  return removal.invokedUs >= put.doneUs && removal.doneUs <= fromUs;
}

/** Adds up over all items. */
export function unitsIn(lines: ReadonlyMap<number, CartLine>): CartLine {
  let least = 0;
  let most = 0;
  for (const line of lines.values()) {
    least += line.least;
    most += line.most;
  }
  return { least, most };
}
