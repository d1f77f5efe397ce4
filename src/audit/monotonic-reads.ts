/** I8: while no unit can come back, the stock that one shopper is shown only falls. */
import type { RecordCheck } from './shared-pass.ts';
import { UnitReturns } from './unit-returns.ts';

interface Read {
  readonly item: number;
  readonly stock: number;
  readonly invokedUs: number;
  readonly doneUs: number;
  readonly index: number;
}

/** The last read of every journey, as columns. */
class LatestReads {
  /** Item + 1; 0: none yet. */
  readonly #item: Uint32Array;
  readonly #stock: Int32Array;
  readonly #invokedUs: Float64Array;
  readonly #doneUs: Float64Array;
  readonly #index: Uint32Array;

  constructor(journeys: number) {
    this.#item = new Uint32Array(journeys);
    this.#stock = new Int32Array(journeys);
    this.#invokedUs = new Float64Array(journeys);
    this.#doneUs = new Float64Array(journeys);
    this.#index = new Uint32Array(journeys);
  }

  /** Puts `read` in the place of the one that it returns. */
  swap(journey: number, read: Read): Read | undefined {
    const earlier = this.#at(journey);
    this.#item[journey] = read.item + 1;
    this.#stock[journey] = read.stock;
    this.#invokedUs[journey] = read.invokedUs;
    this.#doneUs[journey] = read.doneUs;
    this.#index[journey] = read.index;
    return earlier;
  }

  #at(journey: number): Read | undefined {
    const item = (this.#item[journey] as number) - 1;
    if (item < 0) return undefined;
    return {
      item,
      stock: this.#stock[journey] as number,
      invokedUs: this.#invokedUs[journey] as number,
      doneUs: this.#doneUs[journey] as number,
      index: this.#index[journey] as number,
    };
  }
}

export const fallOfReads: RecordCheck = (context, findings) => {
  // A checkout that no record shows may have been given back at any time.
  if (!context.wholeHistory) return undefined;
  const { evidence, describe } = context;
  const latest = new LatestReads(evidence.journeys);
  let returns: UnitReturns | undefined;
  return ({ journey, item, stock, invokedUs, doneUs }, index) => {
    if (journey >= evidence.journeys || stock < 0) return;
    const read = { item, stock, invokedUs, doneUs, index };
    const earlier = latest.swap(journey, read);
    // Of two that overlap nobody can say which came first.
    if (earlier === undefined || earlier.item !== item || earlier.doneUs >= invokedUs) return;
    findings.check();
    if (stock <= earlier.stock) return;
    returns ??= new UnitReturns(context);
    if (!returns.noneDuring(item, earlier.invokedUs, doneUs)) return;
    findings.violation(
      `${describe.item(item)}: ${stock} units shown after ${earlier.stock}, while none can have come back`,
      () => [earlier, read].map((each) => describe.attempt(evidence.attemptAt(each.index))),
    );
  };
};
