// O8, and what carts with several items mean for the stock.
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import { type OperationRecord, PROBE_JOURNEY } from '../../../src/contract/history.ts';
import { SaleStory } from '../../support/history-builder.ts';
import { resultOf, violated } from '../../support/verdicts.ts';

function put(
  story: SaleStory,
  atMs: number,
  fields: Partial<OperationRecord> = {},
): OperationRecord {
  return story.record({ operation: 'addToCart', customer: 4, item: 0, units: 1, ...fields }, atMs);
}

function view(
  story: SaleStory,
  atMs: number,
  units: number,
  fields: Partial<OperationRecord> = {},
): OperationRecord {
  return story.record({ operation: 'viewCart', customer: 4, item: 0, units, ...fields }, atMs);
}

function sale(units: readonly number[] = [9, 9]): SaleStory {
  const story = new SaleStory({ units });
  story.buy({ customer: 1, atMs: 50 });
  return story;
}

const isBroken = (story: SaleStory): boolean => violated(judge(story.input())).includes('O8');

describe('what a cart shows', () => {
  it('is what was put into it', () => {
    const story = sale();
    put(story, 100);
    put(story, 200, { item: 1, units: 2 });
    view(story, 300, 3);
    expect(isBroken(story)).toBe(false);
    view(story, 400, 2);
    const report = judge(story.input());
    expect(violated(report)).toEqual(['O8']);
    expect(resultOf(report, 'O8').violations[0]?.summary).toBe(
      'the cart of customer 4 showed 2 units, possible were 3',
    );
    expect(resultOf(report, 'O8').violations[0]?.witness).toHaveLength(3);
  });

  it('is nothing that somebody else put in', () => {
    const story = sale();
    put(story, 100, { customer: 5 });
    view(story, 200, 1);
    expect(isBroken(story)).toBe(true);
  });

  it('may or may not have what was never answered or is on its way', () => {
    for (const units of [1, 2]) {
      const unanswered = sale();
      put(unanswered, 100);
      put(unanswered, 150, { outcome: 'unknown', status: 0 });
      view(unanswered, 300, units);
      expect(isBroken(unanswered)).toBe(false);
      const together = sale();
      put(together, 100);
      put(together, 295);
      view(together, 300, units);
      expect(isBroken(together)).toBe(false);
    }
  });

  it('has nothing that was refused', () => {
    const story = sale();
    put(story, 100, { outcome: 'refused', status: 422 });
    view(story, 300, 1);
    expect(isBroken(story)).toBe(true);
  });

  it('has lost what was taken out, and nothing else', () => {
    const story = sale();
    put(story, 100);
    put(story, 150, { item: 1, units: 2 });
    put(story, 200, { item: 1, units: 0 });
    view(story, 300, 1);
    expect(isBroken(story)).toBe(false);
    view(story, 400, 3);
    expect(isBroken(story)).toBe(true);
  });

  it('may be empty as soon as something was ordered', () => {
    for (const units of [0, 1]) {
      const story = sale();
      put(story, 100);
      story.buy({ customer: 4, atMs: 200 });
      view(story, 600, units);
      expect(isBroken(story)).toBe(false);
    }
  });

  it('is nothing once a probe has bought it all', () => {
    const story = sale();
    const probe = { journey: PROBE_JOURNEY };
    const before = story.ledger();
    put(story, 20_000, probe);
    const first = story.records.length;
    story.buy({ customer: 4, atMs: 20_100 });
    for (const record of story.records.slice(first)) record.journey = PROBE_JOURNEY;
    view(story, 21_000, 1, probe);
    expect(violated(judge(story.input({}, undefined, before)))).toEqual(['O8']);
    Object.assign(story.records.at(-1) ?? {}, { units: 0 });
    expect(violated(judge(story.input({}, undefined, before)))).toEqual([]);
  });

  it('is not judged where nobody has one', () => {
    const result = resultOf(judge(sale().input()), 'O8');
    expect(result).toMatchObject({ judged: false, applies: false });
  });
});

describe('a sold-out answer to a cart with several items', () => {
  /** Item 0 has one unit, item 1 nine. */
  function refused(units0: number): SaleStory {
    const story = sale([units0, 9]);
    put(story, 300);
    put(story, 320, { item: 1, units: 1 });
    story.soldOut(4, 400, 1);
    return story;
  }

  it('is justified when any one of them is short', () => {
    expect(violated(judge(refused(1).input()))).toEqual([]);
  });

  it('is unjustified when there is enough of each', () => {
    const report = judge(refused(2).input());
    expect(violated(report)).toEqual(['I2']);
    expect(resultOf(report, 'I2').violations[0]?.summary).toContain('SKU-1');
  });

  it('is judged although others had bought several items at once', () => {
    const story = sale([9, 9]);
    put(story, 60, { customer: 6 });
    put(story, 70, { customer: 6, item: 1 });
    const bought = story.checkout({ customer: 6, units: 2, atMs: 100 });
    story.confirmInLedger(bought, 240);
    Object.assign(story.holdOf(bought), { units: 1 });
    story.holds.push({ ...story.holdOf(bought), id: `${bought.checkoutId}/SKU-1`, sku: 'SKU-1' });
    const lines = [0, 1].map((item) => ({
      sku: story.skuOf(item),
      units: 1,
      priceMinor: story.priceOf(item),
    }));
    const totalMinor = story.priceOf(0) + story.priceOf(1);
    Object.assign(story.orderOf(bought), { lines, totalMinor });
    Object.assign(story.chargeOf(bought), { amountMinor: totalMinor });
    for (const record of story.records) {
      if (record.checkoutId === bought.checkoutId) record.totalMinor = totalMinor;
    }
    story.attempt(bought, { ...story.confirmedAnswer(bought), totalMinor });
    expect(violated(judge(story.input()))).toEqual([]);
    story.soldOut(8, 700);
    expect(violated(judge(story.input()))).toEqual(['I2']);
  });

  it('is no excuse for two items of one price that look like two units of one', () => {
    const story = new SaleStory({ units: [1, 1] });
    const catalogue = story.catalogue.map((item) => ({ ...item, priceMinor: 1000 }));
    put(story, 60, { customer: 6 });
    put(story, 70, { customer: 6, item: 1 });
    const bought = story.checkout({ customer: 6, units: 2, atMs: 100 });
    story.confirmInLedger(bought, 240);
    Object.assign(story.holdOf(bought), { units: 1 });
    story.holds.push({ ...story.holdOf(bought), id: `${bought.checkoutId}/SKU-1`, sku: 'SKU-1' });
    const lines = [0, 1].map((item) => ({ sku: story.skuOf(item), units: 1, priceMinor: 1000 }));
    Object.assign(story.orderOf(bought), { lines, totalMinor: 2000 });
    Object.assign(story.chargeOf(bought), { amountMinor: 2000 });
    for (const record of story.records) {
      if (record.checkoutId === bought.checkoutId) record.totalMinor = 2000;
    }
    story.attempt(bought, { ...story.confirmedAnswer(bought), totalMinor: 2000 });
    const report = judge(story.input({ catalogue }));
    expect([violated(report), report.oversoldUnits]).toEqual([[], 0]);
  });
});

describe('an order that is known by an item which the ledger does not have in it', () => {
  /** Two units of item 1 were bought; the client had item 0 in mind. */
  function buyOther(story: SaleStory): SaleStory {
    const first = story.records.length;
    story.buy({ customer: 4, item: 1, units: 2, atMs: 400 });
    for (const record of story.records.slice(first)) record.item = 0;
    return story;
  }

  it('is no fault of the shop where another visit may have taken it out of the cart', () => {
    const story = sale();
    put(story, 100);
    put(story, 150, { item: 1, units: 2 });
    put(story, 200, { units: 0, journey: 77 });
    expect(violated(judge(buyOther(story).input()))).toEqual([]);
  });

  it('is one where the item was in the cart for good, or there was no cart', () => {
    const kept = sale();
    put(kept, 100);
    put(kept, 150, { item: 1, units: 2 });
    expect(violated(judge(buyOther(kept).input()))).toContain('O1');
    expect(violated(judge(buyOther(sale()).input()))).toContain('O1');
  });
});
