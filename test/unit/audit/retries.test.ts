// Orders that are sent again, by a client that lost its patience or a hand that clicked twice.
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import { inDoubtOrders } from '../../../src/audit/in-doubt.ts';
import { historyOf, SaleStory } from '../../support/history-builder.ts';
import { unjudged, violated } from '../../support/verdicts.ts';

const TIMED_OUT = { outcome: 'unknown', reason: 'timeout', status: 0 } as const;
const IN_PROGRESS = { outcome: 'unknown', reason: 'key_in_progress', status: 409 } as const;
const USED = { outcome: 'refused', reason: 'checkout_expired', status: 409 } as const;

const sale = (): SaleStory => new SaleStory({ units: [9] });

function expectQuiet(story: SaleStory): void {
  const report = judge(story.input());
  expect(violated(report), report.reason).toEqual([]);
  expect(unjudged(report), report.reason).toEqual([]);
  expect(report.verdict).toBe('pass');
}

describe('the audit stays quiet', () => {
  it('on an order whose answers were lost until a retry with its key was answered', () => {
    const story = sale();
    const bought = story.checkout({ customer: 1, atMs: 100 });
    story.confirmInLedger(bought, 250);
    story.attempt(bought, TIMED_OUT, 200);
    story.attempt(bought, { ...IN_PROGRESS, attempt: 2 }, 300);
    story.attempt(bought, { ...story.confirmedAnswer(bought), attempt: 3, replayed: true }, 400);
    expectQuiet(story);
    expect(inDoubtOrders(historyOf(story.records))).toEqual([]);
    expect(judge(story.input()).goals['retried_with_its_key']).toBe(1);
  });

  it('on a double click with one key, both told of the one order', () => {
    const story = sale();
    const bought = story.buy({ customer: 1, atMs: 100 });
    story.attempt(bought, { ...story.confirmedAnswer(bought), replayed: true }, 220);
    expectQuiet(story);
    expect(judge(story.input())).toMatchObject({ oversoldUnits: 0, goals: { order_confirmed: 1 } });
  });

  it('on a double click with a key of its own that is refused, whichever comes first', () => {
    const story = sale();
    const bought = story.buy({ customer: 1, atMs: 100 });
    story.attempt({ ...bought, key: 'click' }, USED, 210);
    const late = story.buy({ customer: 2, atMs: 500 });
    story.attempt({ ...late, key: 'click' }, USED, 590, 2);
    expectQuiet(story);
    expect(judge(story.input()).goals['second_key_refused']).toBe(1);
  });

  it('on a shop that tells a second key of the order that the first one made', () => {
    const story = sale();
    const bought = story.buy({ customer: 1, atMs: 100 });
    story.attempt({ ...bought, key: 'click' }, story.confirmedAnswer(bought), 230);
    expectQuiet(story);
  });

  it('on a drained item of which an order was told under two keys', () => {
    const story = sale();
    const bought = story.buy({ customer: 1, atMs: 100 });
    story.attempt({ ...bought, key: 'click' }, story.confirmedAnswer(bought), 230);
    const before = story.ledger();
    story.drain(0, 30_000);
    const report = judge(story.input({}, undefined, before));
    expect(violated(report), report.reason).toEqual([]);
    expect(report.oversoldUnits).toBe(0);
  });

  it('on two clicks that each made a checkout: that is the shopper’s mistake', () => {
    const story = sale();
    story.buy({ customer: 1, atMs: 100 });
    story.buy({ customer: 1, atMs: 130 });
    expectQuiet(story);
  });

  it('on a changed request under a key that lost its checkout to another key', () => {
    const story = sale();
    const bought = story.buy({ customer: 1, atMs: 100 });
    const click = { ...bought, key: 'click' };
    story.attempt(click, USED, 210);
    story.attempt(click, { ...USED, operation: 'orderChanged' }, 400);
    expectQuiet(story);
  });

  it('on a retry with a new key after the payment was declined', () => {
    const story = sale();
    story.buy({ customer: 2, atMs: 50 });
    const declined = story.decline({ customer: 1, atMs: 100 });
    story.attempt({ ...declined, key: 'again' }, { ...USED, attempt: 2 }, 400);
    expectQuiet(story);
  });
});

describe('the audit convicts', () => {
  it('a shop that sells one checkout to two keys, by its ledger and by its answers alone', () => {
    const story = sale();
    const one = story.buy({ customer: 1, atMs: 100 });
    const two = story.buy({ customer: 1, atMs: 110 });
    for (const record of story.records) {
      if (record.key === two.key) record.checkoutId = one.checkoutId;
    }
    story.orderOf(two).checkoutId = one.checkoutId;
    const report = judge(story.input());
    expect(violated(report)).toContain('O3');
    const blind = judge(story.input({ ledgers: [], ledgerStable: false, settled: false }));
    expect(violated(blind)).toEqual(['O3']);
    const { violations } = blind.invariants.find(({ id }) => id === 'O3')!;
    expect(violations[0]?.summary).toContain('was answered with 2 orders');
    expect(violations[0]?.witness.length).toBeGreaterThan(1);
  });

  it('nobody by answers that name one lasting cart as every checkout', () => {
    const story = sale();
    const bought = [100, 5000].map((atMs) => story.buy({ customer: 1, atMs }));
    expect(bought).toHaveLength(2);
    for (const record of story.records) record.checkoutId = 'cart-1';
    const blind = judge(story.input({ ledgers: [], ledgerStable: false, settled: false }));
    expect(violated(blind)).toEqual([]);
  });

  it('a shop that tells two customers of one order', () => {
    const story = sale();
    const bought = story.buy({ customer: 1, atMs: 100 });
    story.attempt({ ...bought, customer: 2, key: 'k2' }, story.confirmedAnswer(bought), 300);
    expect(violated(judge(story.input()))).toContain('O3');
  });

  it('a retry that got another order under the same key', () => {
    const story = sale();
    const bought = story.buy({ customer: 1, atMs: 100 });
    const answer = { ...story.confirmedAnswer(bought), orderId: 'o-other', attempt: 2 };
    story.attempt(bought, answer, 300);
    expect(violated(judge(story.input()))).toEqual(expect.arrayContaining(['O3', 'P4']));
  });
});

it('the witness of a retry says which attempt it was', () => {
  const story = sale();
  const bought = story.buy({ customer: 1, atMs: 100 });
  const answer = { ...story.confirmedAnswer(bought), orderId: 'o-other', attempt: 2 };
  story.attempt(bought, answer, 300);
  const { violations } = judge(story.input()).invariants.find(({ id }) => id === 'P4')!;
  expect(violations[0]?.witness[1]).toContain('(attempt 2) → ok');
});
