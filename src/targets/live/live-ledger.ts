/** What a live target lets us read: its products, its stock, its orders and its payments. */
import { EcomsimError } from '../../base/errors.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { CatalogueItem } from '../../contract/scenario.ts';
import type { LedgerRead, RequestTemplate, TargetMapping } from '../../contract/target-mapping.ts';
import type { ExchangeAnswer } from './json-client.ts';
import {
  chargeRowOf,
  type LiveRow,
  liveItem,
  orderRowOf,
  productOf,
  readRows,
} from './live-lists.ts';
import { jsonOf, pathOf, type Values } from './live-requests.ts';

/** Stock is asked one SKU at a time. */
const STOCK_READS_AT_ONCE = 16;

export type Send = (template: RequestTemplate, values: Values) => Promise<ExchangeAnswer>;

export class LiveLedger {
  readonly #mapping: TargetMapping;
  readonly #send: Send;

  constructor(mapping: TargetMapping, send: Send) {
    this.#mapping = mapping;
    this.#send = send;
  }

  get readsStock(): boolean {
    return this.#mapping.ledger.stock !== undefined;
  }

  async products(limit: number): Promise<CatalogueItem[]> {
    const { products } = this.#mapping;
    if (products.kind === 'list') {
      const unknown = { title: '', priceMinor: 0, units: 0 };
      return products.skus.slice(0, limit).map((sku) => liveItem(sku, unknown));
    }
    const items = await this.#rows('the list of products', products.read, productOf, limit);
    const skus = new Set(items.map(({ sku }) => sku));
    if (skus.size === items.length && !skus.has('')) return items;
    throw new EcomsimError('TARGET_BAD_ANSWER', 'the list of products names a SKU twice, or none');
  }

  /** Units available of one SKU. Throws TARGET_UNREACHABLE or TARGET_BAD_ANSWER. */
  async stockOf(sku: string): Promise<number> {
    const { stock } = this.#mapping.ledger;
    if (stock === undefined) throw new Error('this target has no read of its stock');
    const answer = await this.#send(stock.request, { sku });
    const isOk = answer.status >= 200 && answer.status < 300;
    const units = isOk ? pathOf(stock.units).first(jsonOf(answer)) : undefined;
    if (Number.isSafeInteger(units)) return units as number;
    throw new EcomsimError(
      'TARGET_BAD_ANSWER',
      `the stock of ${JSON.stringify(sku)} was answered with HTTP ${answer.status} and no whole ` +
        `number at ${stock.units}`,
    );
  }

  async withStock(items: readonly CatalogueItem[]): Promise<CatalogueItem[]> {
    const units = await this.#stocks(items);
    return items.map((item, index) => ({ ...item, units: Math.max(0, units[index] ?? 0) }));
  }

  async read(catalogue: readonly CatalogueItem[]): Promise<Ledger> {
    const { orders, payments } = this.#mapping.ledger;
    let position = 0;
    const [available, orderRows, charges] = await Promise.all([
      this.readsStock ? this.#stocks(catalogue) : [],
      orders === undefined
        ? []
        : this.#rows('ledger.orders', orders, (row) => orderRowOf(row, ++position, orders)),
      payments === undefined
        ? []
        : this.#rows('ledger.payments', payments, (row) => chargeRowOf(row, payments)),
    ]);
    return {
      stock: available.map((units, index) => ({
        sku: catalogue[index]?.sku ?? '',
        seeded: catalogue[index]?.units ?? 0,
        restocked: 0,
        available: units,
        held: 0,
        committed: 0,
      })),
      holds: [],
      orders: orderRows,
      events: [],
      charges,
      notifications: [],
      pending: { orders: 0, outbox: 0 },
    };
  }

  #rows<T>(
    name: string,
    read: LedgerRead,
    rowOf: (row: LiveRow) => T,
    enough?: number,
  ): Promise<T[]> {
    const page = (cursor: string): Promise<ExchangeAnswer> => this.#send(read.request, { cursor });
    return readRows({ name, read, page }, rowOf, enough === undefined ? {} : { enough });
  }

  async #stocks(items: readonly CatalogueItem[]): Promise<number[]> {
    const units = new Array<number>(items.length).fill(0);
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < items.length) {
        const index = next++;
        units[index] = await this.stockOf(items[index]?.sku ?? '');
      }
    };
    await Promise.all(Array.from({ length: STOCK_READS_AT_ONCE }, lane));
    return units;
  }
}
