/** Ready-made answers for the pages that everyone sees: built once, dropped when they change. */
import { createHash } from 'node:crypto';
import type { CatalogueItem } from '../../contract/scenario.ts';
import type { CatalogueService, SaleService } from '../services.ts';

const FEATURED = 12;
const DEFAULT_SEARCH_LIMIT = 20;

export interface Page {
  readonly body: Buffer;
  readonly etag: string;
}

export class PublicPages {
  readonly #catalogue: CatalogueService;
  readonly #sale: SaleService;
  readonly #products = new Map<string, Page>();
  /** An item as lists show it, by SKU. */
  readonly #offers = new Map<string, string>();
  #home: Page | undefined;

  constructor(catalogue: CatalogueService, sale: SaleService) {
    this.#catalogue = catalogue;
    this.#sale = sale;
  }

  /** To be called after the catalogue or the sale has changed. */
  forget(): void {
    this.#products.clear();
    this.#offers.clear();
    this.#home = undefined;
  }

  /** Undefined when there is no such SKU. Grows to the size of the catalogue at most. */
  product(sku: string): Page | undefined {
    const ready = this.#products.get(sku);
    if (ready !== undefined) return ready;
    const item = this.#catalogue.product(sku);
    if (item === undefined) return undefined;
    // What the warehouse has is not the product page's business.
    const { units: _, ...shown } = item;
    const page = pageOf(JSON.stringify({ ...shown, currency: this.#catalogue.currency() }));
    this.#products.set(sku, page);
    return page;
  }

  home(): Page {
    if (this.#home !== undefined) return this.#home;
    const featured = this.#catalogue.featured(FEATURED).map((item) => this.#offerOf(item));
    const window = this.#sale.window();
    const sale = JSON.stringify({
      opensAtUs: Number.isFinite(window.opensAtUs) ? window.opensAtUs : null,
      closesAtUs: window.closesAtUs,
      skus: window.skus,
    });
    const currency = JSON.stringify(this.#catalogue.currency());
    this.#home = pageOf(`{"featured":[${featured}],"currency":${currency},"sale":${sale}}`);
    return this.#home;
  }

  /** A JSON text. */
  search(query: string, limit = DEFAULT_SEARCH_LIMIT): string {
    const { items, total } = this.#catalogue.search(query, limit);
    return `{"items":[${items.map((item) => this.#offerOf(item))}],"total":${total}}`;
  }

  #offerOf(item: CatalogueItem): string {
    let offer = this.#offers.get(item.sku);
    if (offer === undefined) {
      const { sku, title, priceMinor } = item;
      offer = JSON.stringify({ sku, title, priceMinor });
      this.#offers.set(sku, offer);
    }
    return offer;
  }
}

function pageOf(json: string): Page {
  const body = Buffer.from(json);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { body, etag };
}

/** Whether an `If-None-Match` header names this tag (weak comparison, RFC 9110 §13.1.2). */
export function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag || header === '*') return true;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
