import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CatalogueItem } from '../../../../src/contract/scenario.ts';
import { createCatalogueService } from '../../../../src/reference-system/catalogue/catalogue-service.ts';
import { SearchIndex } from '../../../../src/reference-system/catalogue/search-index.ts';

function itemOf(sku: string, title: string, category = 'Things'): CatalogueItem {
  return { sku, title, category, description: '', attributes: {}, priceMinor: 100, units: 5 };
}

const ITEMS = [
  itemOf('a', 'Red Lamp', 'Lighting'),
  itemOf('b', 'Blue lamp shade', 'Lighting'),
  itemOf('c', 'Éclair Lampion, rosé', 'Food'),
  itemOf('d', 'Clamp', 'Tools'),
];

describe('search', () => {
  const index = new SearchIndex(ITEMS);
  it.each([
    ['lamp', [0, 1, 2]],
    ['LAMP red', [0]],
    ['light', [0, 1]],
    ['éclair', [2]],
    ['amp', [0, 1, 2, 3]],
    ['lamp tools', []],
    ['nothing', []],
    ['', [0, 1, 2, 3]],
    ['!?', [0, 1, 2, 3]],
  ])('for %j finds the items that match every word, as a prefix before a part', (query, found) => {
    expect(index.find(query)).toEqual(found);
  });

  it('finds every item by each word of its title, whatever the titles are', () => {
    const title = fc.array(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(title, { minLength: 1, maxLength: 20 }), (titles) => {
        const items = titles.map((words, i) => itemOf(`s${i}`, words.join(' ')));
        const searched = new SearchIndex(items);
        titles.forEach((words, i) => {
          expect(searched.find(words.join(' '))).toContain(i);
        });
      }),
    );
  });
});

describe('the catalogue', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-catalogue-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it('is empty before it is loaded', () => {
    const catalogue = createCatalogueService({ dataDir: folder, onChange: () => {} });
    expect(catalogue.product('a')).toBeUndefined();
    expect(catalogue.search('lamp', 10)).toEqual({ items: [], total: 0 });
  });

  it('shows what was loaded, also after a restart, and tells of the change', async () => {
    let changes = 0;
    const onChange = (): void => {
      changes++;
    };
    const first = createCatalogueService({ dataDir: folder, onChange });
    await first.load(ITEMS, 'EUR');
    expect(changes).toBe(1);
    const again = createCatalogueService({ dataDir: folder, onChange });
    for (const catalogue of [first, again]) {
      expect(catalogue.currency()).toBe('EUR');
      expect(catalogue.product('c')).toEqual(ITEMS[2]);
      expect(catalogue.featured(2).map((item) => item.sku)).toEqual(['a', 'b']);
      expect(catalogue.search('lamp', 1)).toEqual({ items: [ITEMS[0]], total: 3 });
    }
  });

  it('shows a new price everywhere, also after a restart, until it is loaded again', async () => {
    let changes = 0;
    const onChange = (): void => {
      changes++;
    };
    const first = createCatalogueService({ dataDir: folder, onChange });
    await first.load(ITEMS, 'KWD');
    expect(await first.reprice('b', 1234)).toBe(true);
    expect(await first.reprice('b', 0)).toBe(true);
    expect(await first.reprice('nothing', 1)).toBe(false);
    expect(changes).toBe(3);
    const again = createCatalogueService({ dataDir: folder, onChange });
    for (const catalogue of [first, again]) {
      expect(catalogue.product('b')).toEqual({ ...ITEMS[1], priceMinor: 0 });
      expect(catalogue.product('a')).toEqual(ITEMS[0]);
      expect(catalogue.search('blue', 1).items).toEqual([{ ...ITEMS[1], priceMinor: 0 }]);
      expect(catalogue.featured(2)[1]?.priceMinor).toBe(0);
    }
    await again.load(ITEMS, 'KWD');
    const reloaded = createCatalogueService({ dataDir: folder, onChange });
    expect(reloaded.product('b')).toEqual(ITEMS[1]);
  });
});
