/** Ids, words and order lines of ledgers, each once. */
import type { Buffer } from 'node:buffer';
import type { OrderLine } from '../contract/ledger.ts';
import { LabelTable, TextTable } from './text-table.ts';

/** Longer lists of lines are rare, and not looked for by their text. */
const TEXT_BYTES_MAX = 300;
const TEXTS_MAX = 10_000;

/** Lines of orders: most orders of a sale have the same few. */
class LineTable {
  readonly #numbers = new LabelTable();
  readonly #lines: (readonly OrderLine[])[] = [];

  /** By the text of their JSON, as it was met before. */
  readonly #byText = new Map<string, number>();

  /** As `add`, of a list as JSON; −1 when it is none that this can tell. */
  addJson(bytes: Buffer, from: number, to: number): number {
    if (to - from > TEXT_BYTES_MAX) return -1;
    const text = bytes.toString('latin1', from, to);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const lines = parsedLines(bytes.toString('utf8', from, to));
    if (lines === undefined) return -1;
    const number = this.add(lines);
    if (this.#byText.size < TEXTS_MAX) this.#byText.set(text, number);
    return number;
  }

  add(lines: readonly OrderLine[]): number {
    const number = this.#numbers.add(JSON.stringify(lines));
    this.#lines[number] ??= lines.map(({ sku, units, priceMinor }) => ({ sku, units, priceMinor }));
    return number;
  }

  lines(number: number): readonly OrderLine[] {
    return this.#lines[number] as readonly OrderLine[];
  }
}

function parsedLines(json: string): readonly OrderLine[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isLines(value) ? value : undefined;
  } catch {
    // Cut off within a text, or no JSON: the row as a whole is parsed, and refused if it must be.
    return undefined;
  }
}

export function isLines(value: unknown): value is readonly OrderLine[] {
  return Array.isArray(value) && value.every((line) => typeof line === 'object' && line !== null);
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
