/** The generated catalogue: readable products from a seed, the same on every machine. */
import { faker } from '@faker-js/faker/locale/en';
import { assert } from '../base/assert.ts';
import { Prng } from '../base/prng.ts';
import type { CatalogueItem } from '../contract/scenario.ts';

export interface CatalogueOptions {
  /** 1 … 100,000 items. */
  readonly size: number;
  readonly seed: number;
  /** Units on hand of the item at `rank` (0 = most popular). */
  readonly unitsOf: (rank: number) => number;
}

export const MAX_CATALOGUE_ITEMS = 100_000;

/** Items in order of rank. Prices are whole hundreds minus one (`19.99`), in minor units. */
export function generateCatalogue(options: CatalogueOptions): CatalogueItem[] {
  const { size, seed, unitsOf } = options;
  assert(size >= 1 && size <= MAX_CATALOGUE_ITEMS, 'a catalogue has 1 to 100,000 items');
  // One shared instance: everything below is synchronous, so nobody else can draw in between.
  faker.seed(new Prng(seed, 'catalogue').u32());
  const digits = Math.max(4, String(size).length);
  return Array.from({ length: size }, (_, rank) => {
    const material = faker.commerce.productMaterial();
    const adjective = faker.commerce.productAdjective();
    const product = faker.commerce.product();
    const category = faker.commerce.department();
    const colour = faker.color.human();
    return {
      sku: `sku-${String(rank + 1).padStart(digits, '0')}`,
      title: `${adjective} ${material} ${product}`,
      description: `${adjective} ${product.toLowerCase()} in ${colour}, from our ${category} range.`,
      category,
      attributes: {
        colour,
        material,
        size: faker.helpers.arrayElement(['XS', 'S', 'M', 'L', 'XL']),
      },
      priceMinor: faker.number.int({ min: 5, max: 250 }) * 100 - 1,
      units: unitsOf(rank),
    };
  });
}
