import { describe, expect, it } from 'vitest';
import { queueFairness } from '../../../src/analysis/queue-fairness.ts';
import { waitingRoomFigures } from '../../../src/analysis/waiting-room-view.ts';
import type { OperationRecord } from '../../../src/contract/history.ts';
import type { AdmissionRow } from '../../../src/contract/ledger.ts';
import type { RunResult } from '../../../src/contract/run-result.ts';
import { historyOf, recordOf } from '../../support/history-builder.ts';

const row = (joinedSeq: number, admittedSeq: number, uses = 1): AdmissionRow => ({
  id: `w-${joinedSeq}`,
  customer: `c-${joinedSeq}`,
  joinedSeq,
  joinedAtUs: joinedSeq,
  admittedSeq,
  admittedAtUs: admittedSeq,
  expiresAtUs: admittedSeq + 9,
  uses,
});

function said(
  operation: 'joinQueue' | 'queueStatus',
  journey: number,
  reason: 'waiting' | 'none',
  [fromMs, toMs]: readonly [number, number],
): OperationRecord {
  const invokedUs = fromMs * 1000;
  return recordOf({
    operation,
    reason,
    journey,
    invokedUs,
    doneUs: toMs * 1000,
    population: journey % 2,
  });
}

const fairness = (book: AdmissionRow[] | undefined, records: OperationRecord[]) =>
  queueFairness({ book, history: historyOf(records), populations: ['shopper', 'bot', 'nobody'] });

describe('the order of admission against the order of arrival', () => {
  it('is told as the share of pairs, and by how many places', () => {
    const { inversionShare, displacementMax, displacementP99, ...counts } = fairness(
      [row(1, 2), row(2, 3), row(3, 1, 0), row(4, 4), row(5, 0)],
      [],
    );
    expect([inversionShare, displacementMax, displacementP99]).toEqual(
      [2 / 6, 2, null].map((x) => (x === null ? null : Math.round(x * 1e9) / 1e9)),
    );
    expect(counts).toMatchObject({ places: 5, admitted: 4, neverAdmitted: 1, unusedTokens: 1 });
  });

  it('is nothing without two who were admitted, or without a book', () => {
    for (const book of [undefined, [], [row(1, 1)], [row(1, 1), row(2, 0)]]) {
      expect(fairness(book, [])).toMatchObject({ inversionShare: null });
    }
  });

  it('is also told as the visitors saw it, by when they asked and when they heard', () => {
    const { seenInversionShare, inversionShare } = fairness(
      [row(1, 1), row(2, 2), row(3, 3)],
      [
        said('joinQueue', 0, 'waiting', [0, 5]),
        said('joinQueue', 1, 'waiting', [10, 15]),
        said('joinQueue', 2, 'none', [20, 30]),
        // Looks seldom: it hears last, although it was the first.
        said('queueStatus', 1, 'none', [100, 105]),
        said('queueStatus', 0, 'none', [500, 510]),
      ],
    );
    expect([inversionShare, seenInversionShare]).toEqual([0, 1]);
  });
});

describe('how long people waited', () => {
  it('runs from first asking to being told, by population, and anew for another turn', () => {
    const { waitMs, byPopulation } = fairness(
      [],
      [
        said('joinQueue', 0, 'waiting', [0, 5]),
        said('queueStatus', 0, 'waiting', [50, 60]),
        said('queueStatus', 0, 'none', [90, 100]),
        said('joinQueue', 0, 'none', [200, 204]),
        said('joinQueue', 1, 'waiting', [10, 15]),
      ],
    );
    expect(waitMs).toEqual({ count: 2, mean: 52, p50: null, p90: null, p99: null, max: 100 });
    expect(byPopulation).toMatchObject({
      shopper: { waits: 2, waitMs: { count: 2 } },
      bot: { waits: 1, waitMs: { count: 0, mean: null, max: null } },
    });
    expect(byPopulation).not.toHaveProperty('nobody');
  });

  it('keeps the time of a first request that was not answered', () => {
    const lost = { ...said('joinQueue', 0, 'none', [0, 10]), outcome: 'unknown' as const };
    const { waitMs } = fairness([], [lost, said('joinQueue', 0, 'none', [40, 50])]);
    expect(waitMs.max).toBe(50);
  });

  it('states quantiles only with enough waits', () => {
    const waits = Array.from({ length: 100 }, (_, i) =>
      said('joinQueue', 2 * i, 'none', [0, i + 1]),
    );
    expect(fairness([], waits).waitMs).toMatchObject({ p50: 50, p90: 90, p99: null, max: 100 });
  });
});

describe('the page', () => {
  const figures = (waitingRoom: RunResult['business']['waitingRoom']) =>
    waitingRoomFigures({ waitingRoom } as RunResult['business']);

  it('says nothing without a waiting room', () => {
    expect(figures(null)).toEqual([]);
    expect(waitingRoomFigures({} as RunResult['business'])).toEqual([]);
  });

  it('says who came in, in which order, and who waited how long', () => {
    const result = fairness(
      [row(1, 2), row(2, 1, 0), row(3, 0)],
      [said('joinQueue', 0, 'none', [0, 2000]), said('joinQueue', 1, 'waiting', [0, 1])],
    );
    const [room, waited] = figures(result);
    expect(room?.value).toBe('2 of 3 places admitted (66.7%)');
    expect(room?.details).toEqual([
      '100.0% of pairs out of order, by at most 1 place',
      '1 token never used',
    ]);
    expect(waited?.value).toBe('max 2.00 s · n 1');
    expect(waited?.details).toEqual(['shopper: max 2.00 s · n 1', 'bot: 1 waited in vain']);
  });

  it('says so when everybody was admitted in the order of arrival', () => {
    const [room] = figures(fairness([row(1, 1), row(2, 2)], []));
    expect(room?.details).toEqual(['in the order of arrival']);
  });
});
