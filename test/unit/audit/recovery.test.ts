// L1: after the last fault the shop works as before.
import { expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import type { AuditInput } from '../../../src/contract/audit.ts';
import { SaleStory, START_US } from '../../support/history-builder.ts';
import { resultOf, unjudged, violated } from '../../support/verdicts.ts';

const FAULTS = [{ name: 'kill-shop', fromMs: 10_000, toMs: 11_000 }];
/** Server deadline and sweep of the story's promises, after the fault. */
const RECOVERED_MS = 11_000 + 2000 + 1500;

/** 20 look-ups a second for 10 s before the fault, then again once it must have recovered. */
function run(failing: { before: number; after: number; lasts?: number }): SaleStory {
  const story = new SaleStory({ units: [3] });
  story.buy({ customer: 1, atMs: 100 });
  const ask = (atMs: number, i: number, share: number): void => {
    const isBad = (i * 0.618) % 1 < share;
    const bad = { outcome: 'failed', reason: 'timeout', status: 0 } as const;
    const good = { outcome: 'refused', reason: 'not_found', status: 404 } as const;
    story.record(
      { operation: 'orderStatus', customer: 7, key: `q-${i}`, ...(isBad ? bad : good) },
      atMs,
      2,
    );
  };
  for (let i = 0; i < 200; i++) ask(i * 50 + 1, i, failing.before);
  for (let i = 0; i < 40; i++) ask(11_000 + i * 80, i, 1);
  const after = (failing.lasts ?? 10) * 20;
  for (let i = 0; i < after; i++) ask(RECOVERED_MS + 10 + i * 50, i, failing.after);
  return story;
}

const judged = (story: SaleStory, overrides: Partial<AuditInput> = {}): ReturnType<typeof judge> =>
  judge(story.input({ faults: FAULTS, ...overrides }));

it('passes a shop that works as before, whatever happened while it recovered', () => {
  const report = judged(run({ before: 0, after: 0 }));
  expect([violated(report), unjudged(report)]).toEqual([[], []]);
  expect(resultOf(report, 'L1').checked).toBeGreaterThan(0);
  expect(violated(judged(run({ before: 0.1, after: 0.12 })))).toEqual([]);
});

it('convicts a shop that keeps failing', () => {
  const report = judged(run({ before: 0, after: 0.3 }));
  expect(violated(report)).toEqual(['L1']);
  expect(resultOf(report, 'L1').violations[0]?.summary).toMatch(
    /^orderStatus succeeds in \d\d\.\d % after the last fault, in 100\.0 % before the first$/,
  );
});

it('does not compare where the load has grown or hardly anything is left of it', () => {
  const grown = run({ before: 0, after: 0.3, lasts: 10 });
  for (let i = 0; i < 400; i++) {
    const bad = { outcome: 'failed', reason: 'timeout', status: 0 } as const;
    grown.record(
      { operation: 'orderStatus', customer: 7, key: 'x', ...bad },
      RECOVERED_MS + 15 + i * 24,
      2,
    );
  }
  expect(violated(judged(grown))).toEqual([]);
  expect(violated(judged(run({ before: 0, after: 1, lasts: 2 })))).toEqual([]);
});

it('has no part in the verdict of a load that ended too early for it', () => {
  const report = judged(run({ before: 0, after: 0, lasts: 0 }));
  expect(resultOf(report, 'L1')).toMatchObject({ judged: false, verdict: 'unknown' });
  expect(report.verdict).toBe('pass');
});

it('convicts an order that is still half done long after', () => {
  const story = run({ before: 0, after: 0 });
  const bought = story.checkout({ customer: 2, atMs: 9900 });
  story.confirmInLedger(bought, 9950);
  Object.assign(story.orderOf(bought), { status: 'paying', confirmedSeq: 0 });
  const at = (sec: number): number[] => [0, 1, 2].map((i) => START_US + (sec + i) * 1e6);
  const late = judged(story, { settled: false, ledgerReadAtUs: at(60) });
  expect(violated(late)).toContain('L1');
  const soon = judged(story, { settled: false, ledgerReadAtUs: at(20) });
  expect(violated(soon)).not.toContain('L1');
});

it('is not judged without a fault', () => {
  const report = judge(run({ before: 0, after: 1 }).input());
  expect(resultOf(report, 'L1')).toMatchObject({ judged: false, applies: false });
});
