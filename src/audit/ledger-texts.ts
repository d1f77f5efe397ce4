/** Ids, words and order lines of ledgers, each once. */
import type { OrderLine } from '../contract/ledger.ts';
import { LabelTable, TextTable } from './text-table.ts';

/** Lines of orders: most orders of a sale have the same few. */
class LineTable {
  readonly #numbers = new LabelTable();
  readonly #lines: (readonly OrderLine[])[] = [];

  add(lines: readonly OrderLine[]): number {
    const number = this.#numbers.add(JSON.stringify(lines));
    this.#lines[number] ??= lines.map(({ sku, units, priceMinor }) => ({ sku, units, priceMinor }));
    return number;
  }

  lines(number: number): readonly OrderLine[] {
    return this.#lines[number] as readonly OrderLine[];
  }
}

/** What several readings of one run share. */
export class LedgerTexts {
  readonly order = new TextTable();
  readonly checkout = new TextTable();
  readonly key = new TextTable();
  readonly customer = new TextTable();
  readonly id = new TextTable();
  readonly label = new LabelTable();
  readonly lines = new LineTable();
}
