/**
 * How many units of an item there were at an instant, by the coordinator's own commands: seeded and,
 * from its restocks, at most (sent by then) and surely (acknowledged by then).
 */
import type { AuditInput, RestockCommand } from '../contract/audit.ts';

export class Supply {
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
    return this.most(item) - unitsOf(this.restocksOf(item).filter(({ sentUs }) => sentUs > atUs));
  }

  /** What had surely been for sale at `atUs`. */
  sureAt(item: number, atUs: number): number {
    const known = this.restocksOf(item);
    const there = known.filter(({ doneUs }) => doneUs !== null && doneUs <= atUs);
    return this.seeded(item) + unitsOf(there);
  }
}

function unitsOf(restocks: readonly RestockCommand[]): number {
  return restocks.reduce((sum, { units }) => sum + units, 0);
}
