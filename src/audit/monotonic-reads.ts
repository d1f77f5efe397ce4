/** I8: while no unit can come back, the stock that one shopper is shown only falls. */
import type { RecordCheck } from './shared-pass.ts';
import { UnitReturns } from './unit-returns.ts';

/** Journeys are numbered without gaps; probes have a number far beyond. */
const JOURNEYS_MAX = 2 ** 26;
const FIRST_JOURNEYS = 1024;

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
  #item = new Uint32Array(FIRST_JOURNEYS);
  #stock = new Int32Array(FIRST_JOURNEYS);
  #invokedUs = new Float64Array(FIRST_JOURNEYS);
  #doneUs = new Float64Array(FIRST_JOURNEYS);
  #index = new Uint32Array(FIRST_JOURNEYS);

  /** Puts `read` in the place of the one that it returns. */
  swap(journey: number, read: Read): Read | undefined {
    if (journey >= this.#item.length) this.#grow(journey + 1);
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

  #grow(least: number): void {
    const size = Math.max(least, Math.ceil(this.#item.length * 1.5));
    const grown = <T extends Uint32Array | Int32Array | Float64Array>(larger: T, old: T): T => {
      larger.set(old);
      return larger;
    };
    this.#item = grown(new Uint32Array(size), this.#item);
    this.#stock = grown(new Int32Array(size), this.#stock);
    this.#invokedUs = grown(new Float64Array(size), this.#invokedUs);
    this.#doneUs = grown(new Float64Array(size), this.#doneUs);
    this.#index = grown(new Uint32Array(size), this.#index);
  }
}

export const fallOfReads: RecordCheck = (context, findings) => {
  // A checkout that no record shows may have been given back at any time.
  if (!context.wholeHistory) return undefined;
  const { evidence, describe } = context;
  const latest = new LatestReads();
  let returns: UnitReturns | undefined;
  return ({ journey, item, stock, invokedUs, doneUs }, index) => {
    if (journey >= JOURNEYS_MAX || stock < 0) return;
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
