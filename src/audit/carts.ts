/**
 * What can have been in each customer's cart: the least that was surely put in and not taken out,
 * and the most that may have been, from what clients sent and were told.
 */
import type { Attempt, Evidence } from './evidence.ts';

/** Units of one item in a cart. */
export interface CartLine {
  readonly least: number;
  readonly most: number;
}

interface CartUse {
  readonly puts: Attempt[];
  /** Quantity 0: the line is taken out. */
  readonly removals: Attempt[];
  readonly views: Attempt[];
}

const FOREVER = Number.POSITIVE_INFINITY;

export class Carts {
  readonly #evidence: Evidence;
  readonly #uses = new Map<number, CartUse>();
  /** By customer: from when an order may have emptied the cart. */
  #orderedUs: ReadonlyMap<number, number> | undefined;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    for (const edit of evidence.cartEdits) {
      const use = this.#useOf(edit.customer);
      if (edit.operation === 'viewCart') use.views.push(edit);
      else if (edit.units > 0) use.puts.push(edit);
      else if (edit.units === 0) use.removals.push(edit);
    }
  }

  /** By customer, those who put something in or looked. */
  get uses(): ReadonlyMap<number, CartUse> {
    return this.#uses;
  }

  /** What is in the cart at some instant of the closed span, by item; empty: nothing, or unknown. */
  contentOver(customer: number, fromUs: number, toUs: number): Map<number, CartLine> {
    const lines = new Map<number, CartLine>();
    const use = this.#uses.get(customer);
    if (use === undefined) return lines;
    const orderedUs = this.#firstOrder(customer);
    for (const put of use.puts) {
      if (put.invokedUs > toUs) continue;
      const { least, most } = lines.get(put.item) ?? { least: 0, most: 0 };
      const isSure = put.outcome === 'ok' && put.doneUs <= fromUs && orderedUs > toUs;
      const stays = isSure && !mayBeRemoved(use, put, toUs);
      const isGone = isSurelyRemoved(use, put, fromUs);
      lines.set(put.item, {
        least: least + (stays ? put.units : 0),
        most: most + (isGone ? 0 : put.units),
      });
    }
    return lines;
  }

  #useOf(customer: number): CartUse {
    let use = this.#uses.get(customer);
    if (use === undefined) {
      use = { puts: [], removals: [], views: [] };
      this.#uses.set(customer, use);
    }
    return use;
  }

  #firstOrder(customer: number): number {
    this.#orderedUs ??= firstOrders(this.#evidence);
    return this.#orderedUs.get(customer) ?? FOREVER;
  }
}

/** A confirmed order empties the cart, some time after it was sent. */
function firstOrders({ keys }: Evidence): Map<number, number> {
  const firstUs = new Map<number, number>();
  for (const { customer, orders } of keys.values()) {
    for (const { outcome, invokedUs } of orders) {
      if (outcome !== 'ok' && outcome !== 'unknown') continue;
      firstUs.set(customer, Math.min(firstUs.get(customer) ?? FOREVER, invokedUs));
    }
  }
  return firstUs;
}

/** A removal without an answer may take effect at any time after it was sent. */
function mayBeRemoved({ removals }: CartUse, put: Attempt, toUs: number): boolean {
  return removals.some(({ item, outcome, invokedUs, doneUs }) => {
    if (item !== put.item || invokedUs > toUs) return false;
    return outcome !== 'ok' || doneUs >= put.invokedUs;
  });
}

/** Only a unit whose arrival is certain can be certain to have been taken out. */
function isSurelyRemoved({ removals }: CartUse, put: Attempt, fromUs: number): boolean {
  if (put.outcome !== 'ok') return false;
  return removals.some(({ item, outcome, invokedUs, doneUs }) => {
    const isBetween = invokedUs >= put.doneUs && doneUs <= fromUs;
    return item === put.item && outcome === 'ok' && isBetween;
  });
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
