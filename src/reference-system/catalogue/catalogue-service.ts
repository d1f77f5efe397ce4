/** Products as a read model in memory, loaded when the shop is seeded; prices may change later. */
import path from 'node:path';
import type { CatalogueItem } from '../../contract/scenario.ts';
import type { CatalogueService } from '../services.ts';
import { readSnapshot, writeSnapshot } from '../snapshot-file.ts';
import { SearchIndex } from './search-index.ts';

interface Snapshot {
  readonly currency: string;
  readonly items: readonly CatalogueItem[];
}

/** `onChange` is told after each load and each change of a price. */
export function createCatalogueService(parts: {
  dataDir: string;
  onChange: () => void;
}): CatalogueService {
  const file = path.join(parts.dataDir, 'catalogue.json');
  // Beside the catalogue, so that a price that changes in mid-sale rewrites some bytes, not all of it.
  const pricesFile = path.join(parts.dataDir, 'prices.json');
  let current: Snapshot = { currency: '', items: [] };
  let bySku = new Map<string, CatalogueItem>();
  let index = new SearchIndex([]);
  /** Changed since the catalogue was loaded. */
  const prices = new Map<string, number>();

  function show(snapshot: Snapshot): void {
    index = new SearchIndex(snapshot.items);
    price(snapshot);
  }

  function price({ currency, items }: Snapshot): void {
    const priced = items.map((item) => {
      const priceMinor = prices.get(item.sku);
      return priceMinor === undefined ? item : { ...item, priceMinor };
    });
    current = { currency, items: priced };
    bySku = new Map(priced.map((item) => [item.sku, item]));
    parts.onChange();
  }

  const stored = readSnapshot(file) as Snapshot | undefined;
  const changed = (readSnapshot(pricesFile) ?? []) as [string, number][];
  for (const [sku, priceMinor] of changed) prices.set(sku, priceMinor);
  if (stored !== undefined) show(stored);

  return {
    load: async (items, currency) => {
      const snapshot = { currency, items };
      // First, so that no crash in between leaves the new catalogue with prices of the one before.
      writeSnapshot(pricesFile, []);
      prices.clear();
      writeSnapshot(file, snapshot);
      show(snapshot);
    },
    async reprice(sku, priceMinor) {
      if (!bySku.has(sku)) return false;
      writeSnapshot(pricesFile, [...prices, [sku, priceMinor]]);
      prices.set(sku, priceMinor);
      price(current);
      return true;
    },
    product: (sku) => bySku.get(sku),
    currency: () => current.currency,
    search: (query, limit) => {
      const positions = index.find(query);
      const items = positions.slice(0, limit).flatMap((at) => current.items[at] ?? []);
      return { items, total: positions.length };
    },
    featured: (limit) => current.items.slice(0, limit),
  };
}
