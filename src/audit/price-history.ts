/** What an item may have cost when: its first price and what the coordinator changed it to. */
import type { AuditInput, PriceCommand } from '../contract/audit.ts';

/** The catalogue said `priceMinor` at some instant from `fromUs` to `untilUs` of history time. */
interface Price {
  readonly priceMinor: number;
  readonly fromUs: number;
  readonly untilUs: number;
}

export class PriceHistory {
  readonly #prices: readonly (readonly Price[])[];

  constructor({ catalogue, priceChanges = [] }: AuditInput) {
    const changes = new Map<number, PriceCommand[]>();
    for (const change of priceChanges) {
      const list = changes.get(change.item) ?? [];
      list.push(change);
      changes.set(change.item, list);
    }
    this.#prices = catalogue.map(({ priceMinor }, item) =>
      pricesOf(priceMinor, changes.get(item) ?? []),
    );
  }

  /** Undefined: no such item. `from` to `until`: when the shopper was told the price. */
  admits(item: number, priceMinor: number, fromUs: number, untilUs: number): boolean | undefined {
    return this.#prices[item]?.some(
      (price) =>
        price.priceMinor === priceMinor && price.fromUs <= untilUs && price.untilUs >= fromUs,
    );
  }

  /** Every price that the item has had, for a message; the first one first. */
  told(item: number): string {
    const all = this.#prices[item]?.map(({ priceMinor }) => priceMinor) ?? [];
    return [...new Set(all)].join(' or ');
  }
}

/** A change that was never confirmed may have been made or not: the price before it stays possible. */
function pricesOf(firstMinor: number, changes: readonly PriceCommand[]): Price[] {
  const told = [
    { priceMinor: firstMinor, sentUs: Number.NEGATIVE_INFINITY },
    ...[...changes].sort((a, b) => a.sentUs - b.sentUs),
  ];
  return told.map(({ priceMinor, sentUs }, at) => {
    const surelyOver = changes.filter((next) => next.doneUs !== null && next.sentUs > sentUs);
    const ends = surelyOver.map((next) => next.doneUs ?? Number.POSITIVE_INFINITY);
    const untilUs = at === told.length - 1 ? Number.POSITIVE_INFINITY : Math.min(...ends);
    return { priceMinor, fromUs: sentUs, untilUs };
  });
}
