import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/base/assert.ts';
import { generateCatalogue } from '../../../src/scenarios/catalogue.ts';

const options = { size: 200, seed: 1, unitsOf: (rank: number) => 300 - rank };

describe('the generated catalogue', () => {
  it('is the same for the same seed, even when another one was made in between', () => {
    const first = generateCatalogue(options);
    generateCatalogue({ ...options, seed: 2 });
    expect(generateCatalogue(options)).toStrictEqual(first);
    expect(generateCatalogue({ ...options, seed: 2 })).not.toEqual(first);
  });

  it('keeps its published beginning: stored seeds must reproduce old runs', () => {
    expect(generateCatalogue({ ...options, size: 1 })[0]).toMatchInlineSnapshot(`
      {
        "attributes": {
          "colour": "pink",
          "material": "Plastic",
          "size": "XL",
        },
        "category": "Beauty",
        "description": "Gorgeous soap in pink, from our Beauty range.",
        "priceMinor": 8399,
        "sku": "sku-0001",
        "title": "Gorgeous Plastic Soap",
        "units": 300,
      }
    `);
  });

  it('begins alike whatever its size', () => {
    const large = generateCatalogue({ ...options, size: 300, unitsOf: () => 1 });
    const small = generateCatalogue({ ...options, size: 20, unitsOf: () => 1 });
    expect(large.slice(0, 20)).toEqual(small);
  });

  it('has SKUs that are unique, safe in a path and sorted by rank', () => {
    const skus = generateCatalogue({ ...options, size: 12_000, unitsOf: () => 1 }).map(
      ({ sku }) => sku,
    );
    expect(new Set(skus).size).toBe(skus.length);
    expect(skus.every((sku) => /^sku-\d{5}$/.test(sku))).toBe(true);
    expect(skus).toEqual([...skus].sort());
  });

  it('has prices in whole minor units and the units that were asked for', () => {
    for (const [rank, item] of generateCatalogue(options).entries()) {
      expect(Number.isSafeInteger(item.priceMinor) && item.priceMinor > 0).toBe(true);
      expect(item.units).toBe(300 - rank);
    }
  });

  it('reads like a shop: titles, categories and attributes that vary', () => {
    const items = generateCatalogue(options);
    expect(new Set(items.map(({ title }) => title)).size).toBeGreaterThan(150);
    expect(new Set(items.map(({ category }) => category)).size).toBeGreaterThan(10);
    expect(new Set(items.map(({ priceMinor }) => priceMinor)).size).toBeGreaterThan(50);
    for (const { description, attributes } of items) {
      expect(description).toMatch(/^\w.*\.$/);
      expect(Object.keys(attributes)).toEqual(['colour', 'material', 'size']);
    }
  });

  it.each([0, 100_001])('cannot have %d items', (size) => {
    expect(() => generateCatalogue({ ...options, size })).toThrow(InvariantError);
  });
});
