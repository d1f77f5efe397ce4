/** Products as a read model in memory, loaded when the shop is seeded and kept in one file. */
import path from 'node:path';
import type { CatalogueItem } from '../../contract/scenario.ts';
import type { CatalogueService } from '../services.ts';
import { readSnapshot, writeSnapshot } from '../snapshot-file.ts';
import { SearchIndex } from './search-index.ts';

interface Snapshot {
  readonly currency: string;
  readonly items: readonly CatalogueItem[];
}

/** `onChange` is told after each load. */
export function createCatalogueService(parts: {
  dataDir: string;
  onChange: () => void;
}): CatalogueService {
  const file = path.join(parts.dataDir, 'catalogue.json');
  let current: Snapshot = { currency: '', items: [] };
  let bySku = new Map<string, CatalogueItem>();
  let index = new SearchIndex([]);

  function show(snapshot: Snapshot): void {
    current = snapshot;
    bySku = new Map(snapshot.items.map((item) => [item.sku, item]));
    index = new SearchIndex(snapshot.items);
    parts.onChange();
  }

  const stored = readSnapshot(file) as Snapshot | undefined;
  if (stored !== undefined) show(stored);

  return {
    load: async (items, currency) => {
      const snapshot = { currency, items };
      writeSnapshot(file, snapshot);
      show(snapshot);
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
