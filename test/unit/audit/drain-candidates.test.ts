import { describe, expect, it } from 'vitest';
import { drainCandidates } from '../../../src/audit/drain-candidates.ts';
import type { Ledger } from '../../../src/contract/ledger.ts';
import { SaleStory } from '../../support/history-builder.ts';

function choose(sampleSize: number, seed: number): { item: number; reported: number }[] {
  const units = [500, 0, 5, 6, 7, 8, 100, 9];
  const story = new SaleStory({ units, hotItems: [0, 1] });
  const ledger = story.ledger() as Ledger;
  return drainCandidates({
    catalogue: story.catalogue,
    sale: story.sale,
    ledger,
    sampleSize,
    seed,
  });
}

describe('the drain probe', () => {
  it('takes every item of the sale, sold out or not', () => {
    expect(choose(0, 1)).toEqual([
      { item: 0, reported: 500 },
      { item: 1, reported: 0 },
    ]);
  });

  it('adds a sample of the rest that differs by seed, repeats by seed and has no item twice', () => {
    const samples = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      const items = choose(3, seed)
        .slice(2)
        .map(({ item }) => item);
      expect(new Set(items).size).toBe(3);
      expect(
        choose(3, seed)
          .slice(2)
          .map(({ item }) => item),
      ).toEqual(items);
      samples.add(items.toSorted().join());
    }
    expect(samples.size).toBeGreaterThan(4);
  });

  it('leaves out items with too many units to sell one by one', () => {
    const items = choose(99, 1).map(({ item }) => item);
    expect(items.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 7]);
  });
});
