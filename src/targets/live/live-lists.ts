/** Lists of a live target, page by page: products, orders and payments, every value checked. */
import { EcomsimError } from '../../base/errors.ts';
import type { ChargeRow, OrderLine, OrderRow } from '../../contract/ledger.ts';
import type { CatalogueItem } from '../../contract/scenario.ts';
import type { LedgerMapping, LedgerRead } from '../../contract/target-mapping.ts';
import type { ExchangeAnswer } from './json-client.ts';
import { jsonOf, pathOf, plainValue } from './live-requests.ts';

const MAX_ROWS = 1_000_000;
const MAX_PAGES = 20_000;
const MAX_CURSOR_CHARS = 1024;
const MAX_LINES = 1000;
const MAX_ID_CHARS = 256;

/** Sends the request of a page: '' is the first. */
export type ReadPage = (cursor: string) => Promise<ExchangeAnswer>;

export interface PageLimits {
  /** Stops quietly once there are as many. */
  readonly enough?: number;
}

/** Throws TARGET_UNREACHABLE, or TARGET_BAD_ANSWER with what is wrong where. */
export async function readRows<T>(
  list: { readonly name: string; readonly read: LedgerRead; readonly page: ReadPage },
  rowOf: (row: LiveRow) => T,
  limits: PageLimits = {},
): Promise<T[]> {
  const { name, read, page } = list;
  const items = pathOf(read.items);
  const next = read.next === undefined ? undefined : pathOf(read.next);
  const rows: T[] = [];
  let cursor = '';
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const body = bodyOf(name, await page(cursor));
    const found = rowsAt(items, body);
    if (found === undefined) throw bad(name, `has no list at ${read.items}`);
    for (const row of found) {
      if (rows.length >= (limits.enough ?? MAX_ROWS)) break;
      rows.push(rowOf(new LiveRow(row, `row ${rows.length + 1} of ${name}`, read.columns)));
    }
    if (limits.enough !== undefined && rows.length >= limits.enough) return rows;
    if (rows.length >= MAX_ROWS) throw bad(name, `has ${MAX_ROWS} rows or more`);
    const following = next === undefined ? '' : (plainValue(next.first(body)) ?? '');
    if (following === '') return rows;
    const leadsOn = following !== cursor && found.length > 0;
    if (!leadsOn || following.length > MAX_CURSOR_CHARS) throw bad(name, 'has pages without end');
    cursor = following;
  }
  throw bad(name, `has ${MAX_PAGES} pages or more`);
}

function bodyOf(name: string, answer: ExchangeAnswer): unknown {
  const { status } = answer;
  if (status < 200 || status > 299) throw bad(name, `was answered with HTTP ${status}`);
  const body = jsonOf(answer);
  if (body === undefined) throw bad(name, 'was not answered with JSON');
  return body;
}

/** `$.items` and `$.items[*]` both mean the rows of the list. */
function rowsAt(items: ReturnType<typeof pathOf>, body: unknown): readonly unknown[] | undefined {
  const found = items.all(body, MAX_ROWS);
  if (found === undefined) return undefined;
  const [only] = found;
  return found.length === 1 && Array.isArray(only) ? (only as readonly unknown[]) : found;
}

function bad(name: string, problem: string): EcomsimError {
  return new EcomsimError('TARGET_BAD_ANSWER', `${name} ${problem}`);
}

/** One row, its values found by the columns' paths. */
export class LiveRow {
  readonly #row: unknown;
  readonly #where: string;
  readonly #columns: Readonly<Record<string, string>>;

  constructor(row: unknown, where: string, columns: Readonly<Record<string, string>>) {
    this.#row = row;
    this.#where = where;
    this.#columns = columns;
  }

  /** '' when the column is not declared. Throws TARGET_BAD_ANSWER when the row has no such text. */
  text(column: string): string {
    const path = this.#columns[column];
    if (path === undefined) return '';
    const value = plainValue(pathOf(path).first(this.#row));
    if (value !== undefined && value.length <= MAX_ID_CHARS) return value;
    throw bad(this.#where, `has no short plain text at ${path} (${column})`);
  }

  /** As `text`, and an absent value is ''. */
  textOrNone(column: string): string {
    const path = this.#columns[column];
    const isAbsent = path === undefined || (pathOf(path).first(this.#row) ?? null) === null;
    return isAbsent ? '' : this.text(column);
  }

  /** A whole number; `otherwise` when the column is not declared. */
  whole(column: string, otherwise: number): number {
    const path = this.#columns[column];
    if (path === undefined) return otherwise;
    const value = pathOf(path).first(this.#row);
    if (Number.isSafeInteger(value)) return value as number;
    throw bad(this.#where, `has no whole number at ${path} (${column})`);
  }

  /** Rows within the row; the row itself when the column is not declared. */
  lines(column: string): LiveRow[] {
    const path = this.#columns[column];
    if (path === undefined) return [this];
    const found = rowsAt(pathOf(path), this.#row);
    if (found === undefined || found.length > MAX_LINES) {
      throw bad(this.#where, `has no list of at most ${MAX_LINES} at ${path} (${column})`);
    }
    return found.map(
      (line, index) => new LiveRow(line, `${this.#where}, line ${index + 1}`, this.#columns),
    );
  }
}

/** Units are filled in from the stock; a price of 0 is one that is not known. */
export function productOf(row: LiveRow): CatalogueItem {
  return liveItem(row.text('sku'), {
    title: row.textOrNone('title'),
    priceMinor: Math.max(0, row.whole('priceMinor', 0)),
    units: Math.max(0, row.whole('units', 0)),
  });
}

export function liveItem(
  sku: string,
  facts: { readonly title: string; readonly priceMinor: number; readonly units: number },
): CatalogueItem {
  return { sku, description: '', category: '', attributes: {}, ...facts };
}

/** The ledger's own order is that of the list. Words that nobody explained stay as they are. */
export function orderRowOf(
  row: LiveRow,
  position: number,
  orders: NonNullable<LedgerMapping['orders']>,
): OrderRow {
  const word = row.text('status');
  const status = orderStatusOf(word, orders);
  const lines: OrderLine[] = row.lines('lines').map((line) => ({
    sku: line.text('sku'),
    units: line.whole('units', 0),
    priceMinor: 0,
  }));
  return {
    id: row.text('id'),
    key: row.textOrNone('key'),
    customer: '',
    checkoutId: '',
    status,
    lines,
    totalMinor: row.whole('totalMinor', -1),
    currency: row.textOrNone('currency'),
    confirmedSeq: status === 'confirmed' ? position : 0,
    returnedSeq: 0,
    createdAtUs: 0,
  };
}

function orderStatusOf(
  word: string,
  { confirmed, cancelled, refused = [], pending = [] }: NonNullable<LedgerMapping['orders']>,
): string {
  if (confirmed.includes(word)) return 'confirmed';
  if (cancelled.includes(word)) return 'cancelled';
  if (refused.includes(word)) return 'declined';
  return pending.includes(word) ? 'pending' : `unexplained: ${word}`;
}

/** A word that is neither captured nor refunded: no money is with the shop. */
export function chargeRowOf(
  row: LiveRow,
  { captured, refunded }: NonNullable<LedgerMapping['payments']>,
): ChargeRow {
  const word = row.text('status');
  const other = refunded.includes(word) ? 'refunded' : 'declined';
  return {
    id: row.text('id'),
    orderId: row.textOrNone('order'),
    key: '',
    amountMinor: row.whole('amountMinor', -1),
    currency: row.textOrNone('currency'),
    status: captured.includes(word) ? 'captured' : other,
    atUs: 0,
  };
}
