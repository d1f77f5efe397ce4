// Restocks by the coordinator: what the audit may say before, at and after their instants.
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import { SaleStory } from '../../support/history-builder.ts';
import { violated } from '../../support/verdicts.ts';

/** One unit, two more at second 5. */
function restockedSale(tookMs: number | null = 10): SaleStory {
  const story = new SaleStory({ units: [1, 5], perCustomer: 1 });
  story.restock(0, 2, 5000, tookMs);
  return story;
}

describe('a restock during the run', () => {
  it('lets the units be sold after it, and sold-out answers stand before it', () => {
    const story = restockedSale();
    story.buy({ customer: 1, atMs: 100 });
    story.soldOut(2, 4000);
    story.readStock(0, 4500);
    story.readStock(2, 5100);
    for (const customer of [3, 4]) story.buy({ customer, atMs: 5000 + customer * 100 });
    story.soldOut(5, 7000);
    const report = judge(story.input());
    expect(violated(report), report.reason).toEqual([]);
    expect(report.goals['restock_sold']).toBe(2);
  });

  it('may take effect at any instant between its command and its answer', () => {
    const story = restockedSale(900);
    story.buy({ customer: 1, atMs: 100 });
    story.buy({ customer: 2, atMs: 5100 });
    story.buy({ customer: 3, atMs: 5150 });
    story.soldOut(4, 5020);
    expect(violated(judge(story.input()))).toEqual([]);
  });

  it('is no excuse for what was held or sold before it was commanded', () => {
    const story = restockedSale();
    for (const customer of [1, 2, 3]) story.buy({ customer, atMs: customer * 500 });
    const report = judge(story.input());
    expect(violated(report)).toEqual(['I1']);
    expect(report.oversoldUnits).toBe(2);
    const oversell = report.invariants.find(({ id }) => id === 'I1');
    expect(oversell?.violations[0]?.summary).toContain('2 more than the 1 there were');
  });

  it('convicts by the order of the ledger what clients cannot date', () => {
    const story = restockedSale();
    // The client of the first order never heard of it; the ledger places it before the second.
    const silent = story.checkout({ customer: 1, atMs: 100 });
    story.confirmInLedger(silent, 240);
    story.records.pop();
    story.attempt(silent, { outcome: 'unknown', reason: 'timeout', status: 0 });
    story.buy({ customer: 2, atMs: 2000 });
    const report = judge(story.input());
    expect(violated(report)).toEqual(['I1']);
    expect(report.oversoldUnits).toBe(1);
  });

  it('convicts holds that together took more than there was before it', () => {
    const story = restockedSale();
    story.abandon({ customer: 1, atMs: 1000 });
    story.abandon({ customer: 2, atMs: 2000 });
    expect(violated(judge(story.input()))).toEqual(['I1']);
  });

  it('does not count what was sold after it as sold before, because an early order was given back late', () => {
    const story = restockedSale();
    const early = story.buy({ customer: 1, atMs: 100 });
    story.buy({ customer: 2, atMs: 6000 });
    story.cancel(early, 7000);
    expect(violated(judge(story.input()))).toEqual([]);
  });

  it('makes a sold-out answer wrong once it was acknowledged', () => {
    const story = restockedSale();
    story.buy({ customer: 1, atMs: 100 });
    story.soldOut(2, 6000);
    const report = judge(story.input());
    expect(violated(report)).toEqual(['I2']);
    expect(report.undersoldUnits).toBe(2);
  });

  it('makes a stock read before it impossible that shows its units, and one after it that does not', () => {
    const early = restockedSale();
    early.readStock(3, 4000);
    expect(violated(judge(early.input()))).toEqual(['I6', 'I7']);
    const late = restockedSale();
    late.readStock(1, 6000);
    expect(violated(judge(late.input()))).toEqual(['I7']);
  });

  it('that was never acknowledged excuses the shop either way', () => {
    const done = restockedSale(null);
    for (const customer of [1, 2, 3]) done.buy({ customer, atMs: 5000 + customer * 100 });
    expect(violated(judge(done.input()))).toEqual([]);
    const lost = restockedSale(null);
    lost.buy({ customer: 1, atMs: 5100 });
    lost.soldOut(2, 7000);
    const input = lost.input({}, (ledger) => {
      Object.assign(ledger.stock[0]!, { restocked: 0, available: 0 });
    });
    expect(violated(judge(input))).toEqual([]);
  });

  it('that the ledger does not show is a unit lost', () => {
    const story = restockedSale();
    const report = judge(
      story.input({}, (ledger) => {
        Object.assign(ledger.stock[0]!, { restocked: 0, available: 1 });
      }),
    );
    expect(violated(report)).toEqual(['I2', 'I3']);
  });
});
