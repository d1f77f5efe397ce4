// I7b: numbers of holds put them in an order that their requests allow.
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import { Prng } from '../../../src/base/prng.ts';
import type { AuditInput } from '../../../src/contract/audit.ts';
import { SaleStory } from '../../support/history-builder.ts';
import { resultOf, violated } from '../../support/verdicts.ts';

/** Holds by number, each asked for and answered at the given instants. */
function numbered(
  holds: readonly (readonly [ticket: number, fromMs: number, tookMs: number])[],
): SaleStory {
  const story = new SaleStory({ units: [100, 100] });
  for (const [ticket, fromMs, tookMs] of holds) {
    const { checkoutId } = story.abandon({ customer: 1 + story.records.length, atMs: fromMs });
    const record = story.records.find((each) => each.checkoutId === checkoutId);
    Object.assign(record ?? {}, { ticket, doneUs: (fromMs + tookMs) * 1000 });
  }
  story.buy({ customer: 99, item: 1, atMs: 50 });
  return story;
}

function offered(story: SaleStory): AuditInput {
  const input = story.input();
  return { ...input, promises: { ...input.promises, tickets: true } };
}

describe('numbers of holds', () => {
  it('may have gaps and any order among requests that overlap', () => {
    const story = numbered([
      [4, 100, 50],
      [2, 110, 90],
      [9, 120, 10],
      [12, 300, 10],
    ]);
    const report = judge(offered(story));
    expect(violated(report)).toEqual([]);
    expect(resultOf(report, 'I7b').checked).toBe(4);
  });

  it('rise from an answer to the next request', () => {
    const report = judge(
      offered(
        numbered([
          [5, 100, 10],
          [7, 130, 10],
          [6, 200, 10],
        ]),
      ),
    );
    expect(violated(report)).toEqual(['I7b']);
    const [found] = resultOf(report, 'I7b').violations;
    expect(found?.summary).toBe('SKU-0: number 7 was answered before number 6 was asked for');
    expect(found?.witness).toHaveLength(2);
  });

  it('are given once, but a checkout that is answered again keeps its own', () => {
    const story = numbered([
      [5, 100, 10],
      [5, 105, 10],
    ]);
    expect(violated(judge(offered(story)))).toEqual(['I7b']);
    const again = numbered([[5, 100, 10]]);
    const first = again.records.find(({ ticket }) => ticket === 5);
    again.records.push({ ...first!, invokedUs: 300_000, doneUs: 310_000, attempt: 2 });
    expect(violated(judge(offered(again)))).toEqual([]);
  });

  it('are not judged where none are given', () => {
    const result = resultOf(
      judge(
        numbered([
          [5, 100, 10],
          [5, 105, 10],
        ]).input(),
      ),
      'I7b',
    );
    expect(result).toMatchObject({ judged: false, applies: false });
  });

  it('of a real counter never alarm, and two of them exchanged always do', () => {
    for (let seed = 0; seed < 40; seed++) {
      const prng = new Prng(seed, 'tickets');
      // Each takes its number at some instant between question and answer.
      const holds = Array.from({ length: 30 }, () => {
        const fromMs = 100 + prng.below(2000);
        const tookMs = 5 + prng.below(60);
        return { fromMs, tookMs, atMs: fromMs + prng.unit() * tookMs };
      });
      holds.sort((a, b) => a.atMs - b.atMs);
      const rows = holds.map(({ fromMs, tookMs }, i) => [i + 1, fromMs, tookMs] as const);
      expect([seed, ...violated(judge(offered(numbered(rows))))]).toEqual([seed]);
      const exchanged = rows.map(([ticket, ...times], i) => {
        if (i === 0) return [rows.length, ...times] as const;
        return i === rows.length - 1 ? ([1, ...times] as const) : ([ticket, ...times] as const);
      });
      expect([seed, ...violated(judge(offered(numbered(exchanged))))]).toEqual([seed, 'I7b']);
    }
  });
});
