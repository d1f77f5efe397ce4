// Finished runs side by side: figures, declared breaches, exit codes, and the page.
import { describe, expect, it } from 'vitest';
import { type ArmRuns, compareRuns } from '../../../src/analysis/comparison.ts';
import type { RunResult } from '../../../src/contract/run-result.ts';
import { renderComparison } from '../../../src/reporters/comparison-page.ts';
import { HOSTILE_TEXT, SAMPLES } from '../../support/sample-results.ts';

function arm(
  label: string,
  results: readonly RunResult[],
  declares: readonly string[] = [],
): ArmRuns {
  return {
    label,
    settings: { 'system.inventory.strategy': label },
    declaredBreaches: declares,
    runs: results.map((result, i) => ({ result, folder: `reports/${label}-${i}` })),
  };
}

/** The passing sample with another P99 and goodput. */
function passing(p99: number | null, goodput: number, digest = 'same'): RunResult {
  const result = structuredClone(SAMPLES.pass());
  const order = result.operations['order'];
  if (order === undefined) throw new Error('the sample has no orders');
  order.responseTimeMs.p99 = p99;
  order.responseTimeMs.p99Interval = p99 === null ? null : [p99 - 5, p99 + 5];
  result.business.goodputPerSec = goodput;
  result.run.planDigest = digest;
  return result;
}

const page = (arms: readonly ArmRuns[], columns = 100): string =>
  renderComparison(compareRuns('system.inventory.strategy', arms), { columns, color: false });

describe('a comparison', () => {
  it('states the figures of a single run with the interval of its P99', () => {
    const [one] = compareRuns('x', [arm('a', [passing(120, 9)])]).arms;
    expect(one?.orderP99Ms).toEqual({ median: 120, min: 120, max: 120 });
    expect(one?.ordersPerSec.median).toBe(9);
    expect(one?.orderP99IntervalMs).toEqual([115, 125]);
    expect(one?.exitCode).toBe(0);
  });

  it('states what the strategies paid for their locks, where the shop counts it', () => {
    const result = passing(1, 1);
    result.business.ordersConfirmed = 10;
    result.inventory = {
      ...{ requests: 100, attempts: 125, attemptsPerRequest: 1.25, conflicts: 25 },
      ...{ lockWaitMsPerRequest: 3.5, lockWaitMs: 350, steals: 0, repairedUnits: 0 },
    };
    const [counted, silent] = compareRuns('x', [
      arm('a', [result]),
      arm('b', [{ ...passing(1, 1), inventory: null }]),
    ]).arms;
    expect(counted?.retriesPerOrder.median).toBe(2.5);
    expect(counted?.lockWaitMs.median).toBe(3.5);
    expect(silent?.retriesPerOrder.median).toBeNull();
  });

  it('states the median and the spread of several runs, and no interval', () => {
    const runs = [passing(120, 9), passing(80, 11), passing(100, 10), passing(null, 4)];
    const [one] = compareRuns('x', [arm('a', runs)]).arms;
    expect(one?.orderP99Ms).toEqual({ median: 100, min: 80, max: 120 });
    expect(one?.ordersPerSec.median).toBe(9.5);
    expect(one?.orderP99IntervalMs).toBeNull();
  });

  it('ends with the worst exit code, and says when an arm broke only what it declares', () => {
    const both = (declares: readonly string[]) =>
      compareRuns('x', [
        arm('sound', [passing(1, 1)]),
        arm('unsafe', [SAMPLES.violation()], declares),
      ]);
    const declared = both(['I1', 'no-oversell']);
    expect(declared.exitCode).toBe(80);
    expect(declared.reason).toBe(
      '1 of 2 arms violated an invariant: unsafe, each only as it declares',
    );
    const undeclared = both(['I6']);
    expect(undeclared.reason).toBe('1 of 2 arms violated an invariant: unsafe');
    expect(undeclared.notes.join('\n')).toContain(
      'unsafe violated no-oversell, which it does not declare',
    );
  });

  it('says when the arms were driven by different plans', () => {
    const alike = compareRuns('x', [arm('a', [passing(1, 1)]), arm('b', [passing(1, 1)])]);
    const different = compareRuns('x', [
      arm('a', [passing(1, 1, 'one')]),
      arm('b', [passing(1, 1, 'other')]),
    ]);
    expect(alike.samePlan).toBe(true);
    expect(different.samePlan).toBe(false);
    expect(different.notes.join('\n')).toContain('different plans');
  });

  describe('of several runs a side', () => {
    let runs = 0;
    const side = (label: string, p99: number, count = 5): ArmRuns =>
      arm(
        label,
        Array.from({ length: count }, (_, i) => {
          const result = passing(p99, 10 + i / 100);
          result.run.id = `${label}-${runs++}`;
          result.totals.responseTimeMs.p99 = p99 + i / 10;
          result.capacity.estimatePerSec = 300 + i;
          return result;
        }),
      );

    it('ends with 84 and names what became slower', () => {
      const { exitCode, reason } = compareRuns('x', [side('old', 100), side('new', 120)], 0.1);
      expect(exitCode).toBe(84);
      expect(reason).toBe('slower than old by more than 10 %: new (P99)');
    });

    it('ends with 0 only when every metric rules a regression out', () => {
      const { exitCode, reason } = compareRuns('x', [side('old', 100), side('new', 100)]);
      expect(exitCode).toBe(0);
      expect(reason).toBe('all 2 arms passed, none slower than old by more than 5 %');
    });

    it('ends with 81 under four a side, and says how to get more', () => {
      const few = compareRuns('x', [side('old', 100, 1), side('new', 200, 1)]);
      expect(few.exitCode).toBe(81);
      expect(few.reason).toBe('cannot tell whether slower than old by more than 5 %: new');
      expect(few.notes.join('\n')).toContain('--repeat 6');
    });

    it('does not judge runs that were cut short, or "at least" as a value', () => {
      const cut = side('new', 100);
      for (const { result } of cut.runs.slice(0, 2)) result.verdict = 'interrupted';
      const open = compareRuns('x', [side('old', 100), cut]);
      expect(open.judgements[0]?.metrics[0]?.counted).toEqual([5, 3]);
      expect(open.notes.join('\n')).toContain('Not judged: 2 runs');
      const atLeast = side('new', 100);
      for (const { result } of atLeast.runs) result.totals.responseTimeMs.p99AtLeast = true;
      const censored = compareRuns('x', [side('old', 100), atLeast]);
      expect(censored.judgements[0]?.metrics[0]?.counted).toEqual([5, 0]);
      expect(censored.notes.join('\n')).toContain('make the runs longer');
    });

    it('cautions when the machines, targets or lengths differ', () => {
      const moved = side('new', 100);
      for (const { result } of moved.runs) {
        result.run.machine.cores += 6;
        result.run.target.name = 'elsewhere';
        result.load.measuredMs += 60_000;
      }
      const marks = compareRuns('x', [side('old', 100), moved]).notes.join('\n');
      for (const what of ['machines', 'targets', 'lengths']) {
        expect(marks).toContain(`CAUTION, different ${what}`);
      }
      expect(compareRuns('x', [side('a', 1), side('b', 1)]).notes.join('')).not.toContain(
        'CAUTION',
      );
    });

    it('shows ratio, interval and verdict on a page of 80 columns', () => {
      const text = page([side('old', 100), side('new', 120)], 80);
      expect(text).toContain('Verdicts: new against old, margin 5 %');
      expect(text).toMatch(/^P99 .*×1\.200 +1\.19\d–1\.20\d .*slower$/m);
      expect(text).toMatch(/^goodput .*×1\.000 .*same$/m);
    });
  });

  it('finds nothing oversold unknown when the audit proved nothing', () => {
    const result = passing(1, 1);
    result.audit = { ...result.audit, verdict: 'unknown', oversoldUnits: 0 };
    expect(compareRuns('x', [arm('a', [result])]).arms[0]?.oversoldUnits).toBeNull();
  });

  it('says which arm was not run', () => {
    const text = page([arm('a', [passing(1, 1)]), arm('b', [])]);
    expect(text).toContain('not run');
    expect(text).toContain('b was not run.');
  });

  it.each([40, 60, 80, 120])('fits a terminal of %i columns', (columns) => {
    const text = page(
      [arm('guarded-update', [passing(120, 9)]), arm('unsafe', [SAMPLES.violation()])],
      columns,
    );
    const [last] = text.trimEnd().split('\n').slice(-1);
    const others = text.split('\n').filter((line) => line !== last);
    for (const line of others) expect(line.length).toBeLessThanOrEqual(columns);
    expect(text).toContain('oversold');
  });

  it('shows no control character of a stored result', () => {
    const result = passing(1, 1);
    result.run.scenario = HOSTILE_TEXT;
    const text = page([arm(HOSTILE_TEXT, [result]), arm('b', [])]).replaceAll('\n', '');
    expect(text).not.toMatch(/\p{Cc}/u);
  });
});
