/** I8: while no unit can come back, the stock that one shopper is shown only falls. */
import type { OperationRecord } from '../contract/history.ts';
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';
import { UnitReturns } from './unit-returns.ts';

/** Journeys are numbered without gaps; probes have a number far beyond. */
const JOURNEYS_MAX = 2 ** 26;
const FIRST_JOURNEYS = 1024;

type StockRead = Readonly<OperationRecord>;

/** The last read of every journey, as columns: most of a history are stock reads. */
class LatestReads {
  /** Item + 1; 0: none yet. */
  #item = new Uint32Array(FIRST_JOURNEYS);
  #stock = new Int32Array(FIRST_JOURNEYS);
  #invokedUs = new Float64Array(FIRST_JOURNEYS);
  #doneUs = new Float64Array(FIRST_JOURNEYS);
  #index = new Float64Array(FIRST_JOURNEYS);

  /** Units shown by the read before, of the same item and over when this one began; −1: none. */
  stockBefore({ journey, item, invokedUs }: StockRead): number {
    if (this.#item[journey] !== item + 1) return -1;
    // Of two that overlap nobody can say which came first.
    return (this.#doneUs[journey] as number) < invokedUs ? (this.#stock[journey] as number) : -1;
  }

  invokedUs(journey: number): number {
    return this.#invokedUs[journey] as number;
  }

  /** Place in the history. */
  index(journey: number): number {
    return this.#index[journey] as number;
  }

  put({ journey, item, stock, invokedUs, doneUs }: StockRead, index: number): void {
    if (journey >= this.#item.length) this.#grow(journey + 1);
    this.#item[journey] = item + 1;
    this.#stock[journey] = stock;
    this.#invokedUs[journey] = invokedUs;
    this.#doneUs[journey] = doneUs;
    this.#index[journey] = index;
  }

  #grow(least: number): void {
    const size = Math.max(least, this.#item.length * 2);
    const grown = <T extends Uint32Array | Int32Array | Float64Array>(larger: T, old: T): T => {
      larger.set(old);
      return larger;
    };
    this.#item = grown(new Uint32Array(size), this.#item);
    this.#stock = grown(new Int32Array(size), this.#stock);
    this.#invokedUs = grown(new Float64Array(size), this.#invokedUs);
    this.#doneUs = grown(new Float64Array(size), this.#doneUs);
    this.#index = grown(new Float64Array(size), this.#index);
  }
}

export function checkMonotonicReads(context: AuditContext, findings: Findings): void {
  // A checkout that no record shows may have been given back at any time.
  if (!context.wholeHistory) return;
  const { evidence, describe, input } = context;
  const items = input.catalogue.length;
  const latest = new LatestReads();
  let returns: UnitReturns | undefined;
  evidence.forEachStockRead((read, index) => {
    const { journey, item, stock } = read;
    if (journey >= JOURNEYS_MAX || item < 0 || item >= items || stock < 0) return;
    const before = latest.stockBefore(read);
    if (before >= 0) findings.check();
    if (before >= 0 && stock > before) {
      returns ??= new UnitReturns(context);
      const earlier = latest.index(journey);
      if (returns.noneDuring(item, latest.invokedUs(journey), read.doneUs)) {
        findings.violation(
          `${describe.item(item)}: ${stock} units shown after ${before}, while none can have come back`,
          () => [earlier, index].map((each) => describe.attempt(evidence.attemptAt(each))),
        );
      }
    }
    latest.put(read, index);
  });
}
