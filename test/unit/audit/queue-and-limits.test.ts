// O9 and A3: who is let in, how often, and in which order.
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import type { AuditInput } from '../../../src/contract/audit.ts';
import type { AdmissionRow } from '../../../src/contract/ledger.ts';
import { SaleStory, START_US } from '../../support/history-builder.ts';
import { resultOf, violated } from '../../support/verdicts.ts';

function admission(
  joined: number,
  admitted: number,
  more: Partial<AdmissionRow> = {},
): AdmissionRow {
  return {
    id: `place-${joined}`,
    customer: `c-${joined}`,
    joinedSeq: joined,
    joinedAtUs: START_US + joined * 1000,
    admittedSeq: admitted,
    admittedAtUs: START_US + 50_000 + admitted * 1000,
    expiresAtUs: START_US + 900_000,
    uses: admitted > 0 ? 1 : 0,
    ...more,
  };
}

describe('the queue', () => {
  function queue(rows: readonly AdmissionRow[], admitsInOrder: boolean): AuditInput {
    const story = new SaleStory({ units: [3] });
    story.buy({ customer: 1, atMs: 100 });
    const input = story.input({}, (ledger) => {
      ledger.admissions = [...rows];
    });
    return { ...input, promises: { ...input.promises, admitsInOrder } };
  }

  it('may be in any order where none is promised', () => {
    const rows = [admission(1, 3), admission(2, 1), admission(3, 2), admission(4, 0)];
    expect(violated(judge(queue(rows, false)))).toEqual([]);
    expect(resultOf(judge(queue(rows, false)), 'O9')).toMatchObject({
      checked: 4,
      verdict: 'pass',
    });
  });

  it('is first come, first served where that is promised', () => {
    const inOrder = [admission(1, 1), admission(3, 2), admission(4, 3), admission(5, 0)];
    expect(violated(judge(queue(inOrder, true)))).toEqual([]);
    const report = judge(queue([admission(1, 2), admission(3, 1), admission(4, 3)], true));
    expect(violated(report)).toEqual(['O9']);
    const [found] = resultOf(report, 'O9').violations;
    expect(found?.summary).toBe('c-3 was admitted before c-1, who had joined 2 places earlier');
    expect(found?.witness).toHaveLength(2);
  });

  it('gives no place twice, and nobody buys from outside', () => {
    const twice = [admission(1, 1), admission(1, 2)];
    expect(violated(judge(queue(twice, false)))).toEqual(['O9']);
    expect(violated(judge(queue([admission(1, 1), admission(2, 1)], false)))).toEqual(['O9']);
    expect(violated(judge(queue([admission(1, 0, { uses: 1 })], false)))).toEqual(['O9']);
  });

  it('is not judged where there is none', () => {
    const story = new SaleStory({ units: [3] });
    story.buy({ customer: 1, atMs: 100 });
    expect(resultOf(judge(story.input()), 'O9')).toMatchObject({ judged: false, applies: false });
  });
});

describe('rate limits', () => {
  interface Limits {
    readonly perUserPerSec?: number;
    readonly perAddressPerSec?: number;
  }

  function limited(
    story: SaleStory,
    limits: Limits,
    overrides: Partial<AuditInput> = {},
  ): AuditInput {
    const input = story.input(overrides);
    const rateLimits = { perUserPerSec: 0, perAddressPerSec: 0, ...limits };
    return { ...input, promises: { ...input.promises, rateLimits } };
  }

  /** Requests of one customer, each answered after 2 ms. */
  function requests(
    instantsMs: readonly number[],
    operation: 'viewStock' | 'orderStatus',
  ): SaleStory {
    const story = new SaleStory({ units: [3] });
    story.buy({ customer: 1, atMs: 5000 });
    for (const atMs of instantsMs) {
      const isRead = operation === 'viewStock';
      story.record(
        isRead
          ? { operation, customer: 8, item: 0, stock: 3 }
          : { operation, customer: 8, key: 'k', outcome: 'refused', reason: 'not_found' },
        atMs,
        2,
      );
    }
    return story;
  }

  const every = (ms: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => 100 + i * ms);

  it('let in a second of requests at once and the rate after that', () => {
    const story = requests([...every(3, 5), ...every(210, 9).map((ms) => ms + 210)], 'orderStatus');
    expect(violated(judge(limited(story, { perUserPerSec: 5 })))).toEqual([]);
  });

  it('let nobody in more often', () => {
    const story = requests(every(10, 7), 'orderStatus');
    const report = judge(limited(story, { perUserPerSec: 5 }));
    expect(violated(report)).toEqual(['A3']);
    const [found] = resultOf(report, 'A3').violations;
    expect(found?.summary).toMatch(/^the user of customer 8 was let in 6 times within 52\.0 ms/);
    expect(found?.witness).toHaveLength(6);
  });

  it('count what is asked without a token for the address alone', () => {
    const story = requests(every(10, 7), 'viewStock');
    expect(violated(judge(limited(story, { perUserPerSec: 5 })))).toEqual([]);
    expect(violated(judge(limited(story, { perAddressPerSec: 5 })))).toEqual(['A3']);
  });

  it('start anew behind a fault, and mean nothing by a clock that was moved', () => {
    const story = requests(every(10, 8), 'orderStatus');
    const fault = (name: string): Partial<AuditInput> => ({
      faults: [{ name, fromMs: 133, toMs: 137 }],
    });
    const judged = judge(limited(story, { perUserPerSec: 5 }, fault('kill-shop')));
    expect(violated(judged)).not.toContain('A3');
    const moved = judge(
      limited(requests(every(1, 30), 'orderStatus'), { perUserPerSec: 5 }, fault('clock-jump')),
    );
    expect(resultOf(moved, 'A3')).toMatchObject({ judged: false, verdict: 'unknown' });
  });

  function refusedAt(atMs: number, before: readonly number[]): SaleStory {
    const story = requests(before, 'orderStatus');
    const refused = { outcome: 'refused', reason: 'rate_limited', status: 429 } as const;
    story.record({ operation: 'orderStatus', customer: 8, key: 'k', ...refused }, atMs, 2);
    return story;
  }

  it('refuse nobody below them, where every request is known', () => {
    const all = { historyScope: 'all' } as const;
    const early = refusedAt(200, every(10, 3));
    expect(violated(judge(limited(early, { perUserPerSec: 5 }, all)))).toEqual(['A3']);
    expect(violated(judge(limited(early, { perUserPerSec: 5 })))).toEqual([]);
    const used = refusedAt(200, every(10, 5));
    expect(violated(judge(limited(used, { perUserPerSec: 5 }, all)))).toEqual([]);
    // Two seconds later the bucket is full again.
    const later = refusedAt(2500, every(10, 5));
    expect(violated(judge(limited(later, { perUserPerSec: 5 }, all)))).toEqual(['A3']);
  });

  it('are not judged where there are none', () => {
    const story = requests(every(1, 50), 'orderStatus');
    expect(resultOf(judge(story.input()), 'A3')).toMatchObject({ judged: false, applies: false });
  });
});
