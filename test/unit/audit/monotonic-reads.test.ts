// I8: what one shopper is shown only falls while nothing can come back.
import { expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import type { AuditInput } from '../../../src/contract/audit.ts';
import { SaleStory } from '../../support/history-builder.ts';
import { resultOf, violated } from '../../support/verdicts.ts';

/** Customer 999 looks twice; between, `during` happens. 5 units, one is sold before. */
function looks(first: number, second: number, during: (story: SaleStory) => void): SaleStory {
  const story = new SaleStory({ units: [5, 5], opensAtMs: -9000 });
  story.buy({ customer: 1, atMs: 100 });
  // A sale of its own, so that the shop is seen to work.
  for (let i = 0; i < 8; i++)
    story.record({ operation: 'viewStock', customer: 7, item: 9 }, 350 + i * 30);
  during(story);
  story.readStock(first, 300);
  story.readStock(second, 900);
  return story;
}

const rises = (story: SaleStory, overrides: Partial<AuditInput> = {}): boolean =>
  violated(judge(story.input(overrides))).includes('I8');

it('convicts a read that rises although nothing came back', () => {
  const story = looks(3, 4, (sale) => sale.buy({ customer: 2, atMs: 295 }));
  const report = judge(story.input());
  expect(violated(report)).toContain('I8');
  const [found] = resultOf(report, 'I8').violations;
  expect(found?.summary).toBe('SKU-0: 4 units shown after 3, while none can have come back');
  expect(found?.witness).toHaveLength(2);
});

it('says nothing when a hold ended, a purchase was given back or a restock came between', () => {
  expect(rises(looks(3, 4, (sale) => sale.decline({ customer: 2, atMs: 250 })))).toBe(false);
  const given = (sale: SaleStory): void => {
    const bought = sale.buy({ customer: 2, atMs: 100 });
    sale.cancel(bought, 500);
  };
  expect(rises(looks(3, 4, given))).toBe(false);
  const restocked = (sale: SaleStory): void => sale.restock(0, 3, 500);
  expect(rises(looks(4, 7, restocked))).toBe(false);
});

it('says nothing about reads of two shoppers, or two that overlap', () => {
  const story = looks(3, 4, (sale) => sale.buy({ customer: 2, atMs: 250 }));
  const reads = story.records.filter((record) => record.customer === 999);
  Object.assign(reads[1] ?? {}, { journey: 1000 });
  expect(rises(story)).toBe(false);
  Object.assign(reads[1] ?? {}, { journey: 999, invokedUs: reads[0]?.doneUs ?? 0 });
  expect(rises(story)).toBe(false);
});

it('says nothing around a fault, and trusts no instants of a clock that was moved', () => {
  const story = looks(3, 4, (sale) => sale.buy({ customer: 2, atMs: 295 }));
  const fault = (name: string, fromMs: number, toMs: number): Partial<AuditInput> => ({
    faults: [{ name, fromMs, toMs }],
  });
  expect(rises(story, fault('kill-shop', 400, 500))).toBe(false);
  expect(rises(story, fault('kill-shop', 20_000, 20_100))).toBe(true);
  // The ledger says that the hold ended before; by the clients alone it may have ended between.
  const early = looks(3, 4, (sale) => sale.decline({ customer: 2, atMs: -3000 }));
  for (let i = 0; i < 4; i++) early.readStock(5, -2500 + i * 30, 1);
  expect(rises(early)).toBe(true);
  expect(rises(early, fault('clock-jump', 20_000, 20_100))).toBe(false);
});

it('says nothing without the whole history', () => {
  const story = looks(3, 4, (sale) => sale.buy({ customer: 2, atMs: 295 }));
  story.lost = 1;
  expect(rises(story)).toBe(false);
});
