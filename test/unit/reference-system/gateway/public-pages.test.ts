import { describe, expect, it } from 'vitest';
import type { CatalogueItem } from '../../../../src/contract/scenario.ts';
import { matchesTag, PublicPages } from '../../../../src/reference-system/gateway/public-pages.ts';
import type { CatalogueService, SaleService } from '../../../../src/reference-system/services.ts';

function pagesOf(items: CatalogueItem[]) {
  const catalogue: CatalogueService = {
    load: async () => {},
    reprice: async () => false,
    product: (sku) => items.find((item) => item.sku === sku),
    currency: () => 'EUR',
    search: (_query, limit) => ({ items: items.slice(0, limit), total: items.length }),
    featured: (limit) => items.slice(0, limit),
  };
  const window = { skus: ['a'], opensAtUs: Number.POSITIVE_INFINITY, closesAtUs: null };
  const sale: SaleService = {
    announce: () => {},
    window: () => ({ ...window, perCustomer: 2 }),
    stateOf: () => 'upcoming',
  };
  return new PublicPages(catalogue, sale);
}

const ITEM: CatalogueItem = {
  ...{ sku: 'a', title: 'A "quoted" lamp\u2028', description: 'd', category: 'c' },
  ...{ attributes: { size: 'M' }, priceMinor: 5, units: 7 },
};

describe('a product page', () => {
  it('shows the product with its currency and without what the warehouse has', () => {
    const page = pagesOf([ITEM]).product('a');
    const { units: _, ...shown } = ITEM;
    expect(JSON.parse(String(page?.body))).toEqual({ ...shown, currency: 'EUR' });
  });

  it('is made once, and anew with another tag after a change', () => {
    const items = [{ ...ITEM }];
    const pages = pagesOf(items);
    const before = pages.product('a');
    expect(pages.product('a')).toBe(before);
    items[0] = { ...ITEM, priceMinor: 6 };
    expect(pages.product('a')).toBe(before);
    pages.forget();
    expect(JSON.parse(String(pages.product('a')?.body)).priceMinor).toBe(6);
    expect(pages.product('a')?.etag).not.toBe(before?.etag);
  });

  it('is missing for an unknown SKU, whatever its name', () => {
    for (const sku of ['b', '__proto__', 'constructor', '']) {
      expect(pagesOf([ITEM]).product(sku)).toBeUndefined();
    }
  });
});

describe('lists', () => {
  it('are JSON, and say null for a sale without a date', () => {
    const pages = pagesOf([ITEM]);
    const offer = { sku: 'a', title: ITEM.title, priceMinor: 5 };
    expect(JSON.parse(String(pages.home().body))).toEqual({
      featured: [offer],
      currency: 'EUR',
      sale: { opensAtUs: null, closesAtUs: null, skus: ['a'] },
    });
    expect(JSON.parse(pages.search('x'))).toEqual({ items: [offer], total: 1 });
  });
});

describe('If-None-Match', () => {
  it.each([
    [undefined, false],
    ['"tag"', true],
    ['W/"tag"', true],
    ['"other", "tag"', true],
    ['"other", W/"tag"', true],
    ['*', true],
    ['tag', false],
    ['"other"', false],
    ['', false],
  ])('%j matches "tag": %j', (header, matches) => {
    expect(matchesTag(header, '"tag"')).toBe(matches);
  });
});
