import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import { INVARIANTS } from '../../../src/audit/invariants.ts';
import type { AuditInput } from '../../../src/contract/audit.ts';
import type { Ledger } from '../../../src/contract/ledger.ts';
import { historyOf, SaleStory } from '../../support/history-builder.ts';
import { resultOf, unjudged, violated } from '../../support/verdicts.ts';

function sale(): SaleStory {
  const story = new SaleStory({ units: [3, 5] });
  story.buy({ customer: 1, atMs: 100 });
  story.abandon({ customer: 2, atMs: 200 });
  return story;
}

function expectUnknown(input: AuditInput, reason: string): ReturnType<typeof judge> {
  const report = judge(input);
  expect(violated(report), report.reason).toEqual([]);
  expect(report.verdict).toBe('unknown');
  expect(report.reason).toContain(reason);
  return report;
}

describe('the audit does not call it a pass', () => {
  it('when nothing happened', () => {
    const empty = new SaleStory({ units: [3] });
    const report = expectUnknown(empty.input(), 'nothing to check');
    expect(unjudged(report)).toEqual([
      'I1',
      'I4',
      'O1',
      'O2',
      'O3',
      'O4',
      'O5',
      'P1',
      'P3',
      'P5',
      'E1',
      'E3',
    ]);
  });

  it('when no history was kept', () => {
    const input = { ...sale().input(), historyKept: false, history: historyOf([]) };
    expectUnknown(input, 'no history was kept');
  });

  it('when records of the history are missing', () => {
    const story = sale();
    story.lost = 3;
    const report = expectUnknown(story.input(), 'at least 3 records of the history are missing');
    expect(resultOf(report, 'O1').verdict).toBe('unknown');
    expect(resultOf(report, 'P1').verdict).toBe('pass');
  });

  it('when the ledgers could not be read', () => {
    const report = expectUnknown(sale().input({ ledgers: [] }), 'the ledgers could not be read');
    expect(resultOf(report, 'I6').verdict).toBe('pass');
  });

  it('when a ledger was answered with empty lists', () => {
    const nothing = {
      stock: [],
      holds: [],
      orders: [],
      events: [],
      charges: [],
      notifications: [],
    };
    const empty: Ledger = { ...nothing, pending: { orders: 0, outbox: 0 } };
    expectUnknown(sale().input({ ledgers: [empty, empty] }), 'the ledgers could not be read');
  });

  it('when two readings of the ledgers differed', () => {
    const story = sale();
    const input = story.input({ ledgerStable: false });
    const report = expectUnknown(input, 'two readings of the ledgers differed');
    expect(resultOf(report, 'O1')).toMatchObject({ verdict: 'unknown', checked: 0 });
  });

  it('when the shop did not come to rest', () => {
    const report = expectUnknown(sale().input({ settled: false }), 'did not come to rest');
    expect(unjudged(report)).toEqual(['I2', 'P5']);
  });

  it('when the shop says it came to rest, but admits pending work', () => {
    const input = sale().input({}, (ledger) => {
      ledger.pending.orders = 1;
      ledger.events.pop();
    });
    expect(resultOf(expectUnknown(input, 'rest'), 'E1').reason).toContain('still to be published');
  });

  it('when an order stayed in doubt', () => {
    const story = sale();
    const bought = story.abandon({ customer: 5, item: 1, atMs: 300 });
    story.attempt(bought, { outcome: 'unknown', reason: 'timeout', status: 0 });
    const report = expectUnknown(story.input(), '1 orders could not be resolved');
    expect(report.inDoubt).toEqual({
      total: 1,
      resolvedApplied: 0,
      resolvedAbsent: 0,
      stillUnknown: 1,
    });
  });

  it('when a required goal was never met, or is not known', () => {
    const input = sale().input({ requiredGoals: ['order_confirmed', 'limit_refused', 'no_such'] });
    const report = expectUnknown(input, 'required goal limit_refused');
    expect(report.reason).toContain('required goal no_such is not known');
    expect(report.reason).not.toContain('order_confirmed');
  });

  it('when a drain probe was promised but not carried out, or failed', () => {
    const story = sale();
    const promises = { ...story.input().promises, drainProbe: true };
    expectUnknown(story.input({ promises }), 'no drain probe was carried out');
    story.drainProbes.push({
      item: 1,
      reported: 5,
      bought: 2,
      refusedAtEnd: false,
      problem: 'timeout',
    });
    expectUnknown(story.input({ promises }), 'the drain probe of SKU-1 failed');
    story.drainProbes[0] = { item: 1, reported: 5, bought: 3, refusedAtEnd: false, problem: '' };
    expectUnknown(story.input({ promises }), 'ended without a refusal');
  });

  it('when the evidence itself is broken', () => {
    const story = sale();
    const broken = { ...story.input(), ledgers: [{}] } as unknown as AuditInput;
    expect(judge(broken)).toMatchObject({ verdict: 'unknown' });
    const odd = story.input({}, (ledger) => {
      Object.assign(ledger.orders[0] ?? {}, { lines: null });
    });
    const report = judge(odd);
    expect(report.verdict).toBe('unknown');
    expect(resultOf(report, 'O4').reason).toContain('lines of row 1');
  });
});

describe('an order that could not be looked up', () => {
  it('is settled by a ledger that shows how it ended', () => {
    const story = sale();
    const bought = story.decline({ customer: 5, item: 1, atMs: 300 });
    Object.assign(story.records.at(-1) ?? {}, { outcome: 'unknown', reason: 'timeout', status: 0 });
    const { customer, item, units, key } = bought;
    const unclear = { result: 'unknown', orderId: '', orderStatus: '' } as const;
    story.resolutions.push({ key, journey: 5, customer, item, units, ...unclear });
    expect(judge(story.input())).toMatchObject({
      verdict: 'pass',
      inDoubt: { total: 1, resolvedApplied: 1, stillUnknown: 0 },
    });
    expect(judge(story.input({ ledgerStable: false })).inDoubt.stillUnknown).toBe(1);
  });
});

describe('a drain probe of a shop that is not at rest', () => {
  it('proves nothing when it buys more or less than was reported', () => {
    for (const bought of [3, 5]) {
      const story = sale();
      const promises = { ...story.input().promises, drainProbe: true };
      story.drainProbes.push({ item: 1, reported: 4, bought, refusedAtEnd: true, problem: '' });
      expectUnknown(story.input({ promises, settled: false }), 'began before the shop was at rest');
    }
  });
});

describe('what is proven stands', () => {
  it('even when no ledger can be read', () => {
    const story = new SaleStory({ units: [1] });
    for (const customer of [1, 2]) story.buy({ customer, atMs: customer * 300 });
    const report = judge(story.input({ ledgers: [], ledgerStable: false, settled: false }));
    expect(report).toMatchObject({ verdict: 'fail', oversoldUnits: 1 });
    expect(report.reason).toContain('I1 (No oversell) was violated once');
  });

  it('even when records are missing', () => {
    const story = new SaleStory({ units: [1] });
    for (const customer of [1, 2]) story.buy({ customer, atMs: customer * 300 });
    story.lost = 10;
    expect(judge(story.input()).oversoldUnits).toBe(1);
  });

  it('even when the strategy has declared that it may breach the invariant', () => {
    const story = new SaleStory({ units: [1] });
    for (const customer of [1, 2]) story.buy({ customer, atMs: customer * 300 });
    const promises = { ...story.input().promises, declaredBreaches: ['I1', 'I3'] };
    expect(judge(story.input({ promises })).verdict).toBe('fail');
  });

  it('of a leaked hold, when a later reading shows it long after its time', () => {
    const story = sale();
    const leaked = story.checkout({ customer: 3, item: 1, atMs: 300 });
    const readAtUs = story.holdOf(leaked).expiresAtUs + 5_000_000;
    const input = story.input({ settled: false, ledgerReadAtUs: [readAtUs, readAtUs, readAtUs] });
    expect(judge(input)).toMatchObject({ verdict: 'fail', strandedHolds: 1 });
    expect(violated(judge(input))).toEqual(['I2']);
    const early = { ...input, ledgerReadAtUs: [0, 0, 0].map(() => readAtUs - 5_000_000) };
    expect(resultOf(judge(early), 'I2')).toMatchObject({ verdict: 'unknown', violationCount: 0 });
  });
});

describe('a report', () => {
  it('lists at most 20 violations and counts all of them', () => {
    const story = sale();
    for (let i = 0; i < 50; i++) story.readStock(-1, 5000 + i);
    const result = resultOf(judge(story.input()), 'I6');
    expect(result.violations).toHaveLength(20);
    expect(result.violationCount).toBe(50);
    expect(result.checked).toBe(50);
  });

  it('has one result per invariant, in the order of the list', () => {
    const report = judge(sale().input());
    expect(report.invariants.map(({ id, title }) => [id, title])).toEqual(
      INVARIANTS.map(({ id, title }) => [id, title]),
    );
  });

  it('shows hostile ids as harmless text', () => {
    const story = sale();
    const bought = story.buy({ customer: 4, item: 1, atMs: 600 });
    const evil = `\u001b[31m\u202e${'x'.repeat(500)}`;
    story.orderOf(bought).status = evil;
    for (const record of story.records)
      if (record.orderId === bought.orderId) record.key = `\n${evil}`;
    const text = JSON.stringify(judge(story.input()).invariants);
    expect(text).not.toMatch(/\\u001b|\\n/);
    expect(text).not.toContain('\u202e');
    expect(text).toContain('u{1b}');
    expect(text).not.toContain('x'.repeat(61));
  });
});
