// O6: who placed or cancelled an order reads it so.
import { expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import { SaleStory } from '../../support/history-builder.ts';
import { resultOf, violated } from '../../support/verdicts.ts';

const MISSING = {
  operation: 'orderStatus',
  outcome: 'refused',
  reason: 'not_found',
  status: 404,
} as const;

function sale(): SaleStory {
  const story = new SaleStory({ units: [5] });
  story.buy({ customer: 1, atMs: 100 });
  return story;
}

it('an order that was accepted with its outcome to come is not forgotten meanwhile', () => {
  const story = sale();
  const bought = story.buy({ customer: 2, atMs: 200 });
  const record = story.records.find((each) => each.orderId === bought.orderId);
  Object.assign(record ?? {}, { reason: 'accepted', status: 202, orderStatus: '' });
  story.attempt(bought, MISSING, 2000);
  expect(violated(judge(story.input()))).toEqual(['O6']);
});

it('a look-up that was sent before the answer proves nothing', () => {
  const story = sale();
  const bought = story.buy({ customer: 2, atMs: 200 });
  const answer = story.records.find((each) => each.orderId === bought.orderId);
  const read = story.attempt(bought, MISSING, 2000);
  Object.assign(read, { invokedUs: answer?.doneUs ?? 0 });
  const report = judge(story.input());
  expect(violated(report)).toEqual([]);
});

it('a cancelled order is not seen as confirmed by who cancelled it', () => {
  const story = sale();
  const bought = story.buy({ customer: 2, atMs: 200 });
  story.cancel(bought, 1000);
  const read = { ...story.confirmedAnswer(bought), operation: 'orderStatus' } as const;
  story.attempt(bought, read, 2000);
  const report = judge(story.input());
  expect(violated(report)).toEqual(['O6']);
  expect(resultOf(report, 'O6').violations[0]?.witness).toHaveLength(2);
});

it('a cancelled order may be seen in any state after that', () => {
  for (const orderStatus of ['cancelled', 'refunding', 'refunded', 'archived']) {
    const story = sale();
    const bought = story.buy({ customer: 2, atMs: 200 });
    story.cancel(bought, 1000);
    const read = { ...story.confirmedAnswer(bought), operation: 'orderStatus' } as const;
    story.attempt(bought, { ...read, orderStatus }, 2000);
    expect([orderStatus, ...violated(judge(story.input()))]).toEqual([orderStatus]);
  }
});
