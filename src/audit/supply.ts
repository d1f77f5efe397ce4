/**
 * How many units of an item there were at an instant, by the coordinator's own commands: seeded and,
 * from its restocks, at most (sent by then) and surely (acknowledged by then).
 */
import type { AuditInput, RestockCommand } from '../contract/audit.ts';

/** Units that came in one after the other. */
class Course {
  readonly #times: Float64Array;
  /** How many there were after each of them. */
  readonly #sums: Float64Array;
  readonly total: number;

  constructor(steps: readonly (readonly [atUs: number, units: number])[]) {
    const sorted = [...steps].sort(([a], [b]) => a - b);
    let sum = 0;
    this.#times = Float64Array.from(sorted, ([atUs]) => atUs);
    this.#sums = Float64Array.from(sorted, ([, units]) => {
      sum += units;
      return sum;
    });
    this.total = sum;
  }

  /** All that came at `atUs` or before. */
  until(atUs: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] as number) <= atUs) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : (this.#sums[low - 1] as number);
  }
}

interface ItemSupply {
  readonly most: number;
  readonly seeded: number;
  readonly sent: Course;
  readonly done: Course;
}

export class Supply {
  readonly #courses = new Map<number, ItemSupply>();
  readonly #input: AuditInput;
  readonly #restocks = new Map<number, RestockCommand[]>();

  constructor(input: AuditInput) {
    this.#input = input;
    for (const restock of input.restocks ?? []) {
      const known = this.#restocks.get(restock.item);
      if (known === undefined) this.#restocks.set(restock.item, [restock]);
      else known.push(restock);
    }
    for (const restocks of this.#restocks.values()) restocks.sort((a, b) => a.sentUs - b.sentUs);
  }

  /** In order of the commands; empty where their instants are not known. */
  restocksOf(item: number): readonly RestockCommand[] {
    return this.#restocks.get(item) ?? [];
  }

  seeded(item: number): number {
    return this.#input.catalogue[item]?.units ?? 0;
  }

  /** Everything that may ever have been for sale. */
  most(item: number): number {
    const sku = this.#input.catalogue[item]?.sku ?? '';
    return this.seeded(item) + (this.#input.restocked[sku] ?? 0);
  }

  /** Units of restocks that the target never acknowledged: they may be there or not. */
  unsure(item: number): number {
    return unitsOf(this.restocksOf(item).filter(({ doneUs }) => doneUs === null));
  }

  /** The most that can have been for sale until `atUs` (µs of history time). */
  mostUntil(item: number, atUs: number): number {
    const { most, sent } = this.#coursesOf(item);
    return most - (sent.total - sent.until(atUs));
  }

  /** What had surely been for sale at `atUs`. */
  sureAt(item: number, atUs: number): number {
    const { seeded, done } = this.#coursesOf(item);
    return seeded + done.until(atUs);
  }

  /** Asked for every stock read, so it is worked out once per item. */
  #coursesOf(item: number): ItemSupply {
    let courses = this.#courses.get(item);
    if (courses === undefined) {
      const restocks = this.restocksOf(item);
      courses = {
        most: this.most(item),
        seeded: this.seeded(item),
        sent: new Course(restocks.map(({ sentUs, units }) => [sentUs, units])),
        done: new Course(
          restocks.flatMap(({ doneUs, units }) => (doneUs === null ? [] : [[doneUs, units]])),
        ),
      };
      this.#courses.set(item, courses);
    }
    return courses;
  }
}

function unitsOf(restocks: readonly RestockCommand[]): number {
  return restocks.reduce((sum, { units }) => sum + units, 0);
}
