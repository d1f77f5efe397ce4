// From the result of a run at one rate to a window: what passes, fails or says nothing.
import { describe, expect, it } from 'vitest';
import { windowOf } from '../../../../src/capacity/window/window-verdict.ts';
import type { MeasuredWindow } from '../../../../src/contract/capacity.ts';
import type { RunResult } from '../../../../src/contract/run-result.ts';
import { SAMPLES } from '../../../support/sample-results.ts';

function judged(change: (result: RunResult) => void = () => {}): MeasuredWindow {
  const result = structuredClone(SAMPLES.pass());
  const [second] = result.timeline;
  if (second === undefined) throw new Error('the sample has no timeline');
  const { warmupMs } = result.load;
  result.load.measuredMs = 12_000;
  result.timeline = Array.from({ length: 12 }, (_, i) => ({
    ...structuredClone(second),
    atMs: warmupMs + i * 1000,
    inFlight: 10 + (i % 3),
  }));
  change(result);
  return windowOf(result, {
    kind: 'search',
    ratePerSec: 50,
    lengthMs: 12_000,
    machineSpeed: 1,
    folder: 'reports/one',
  });
}

const read = (window: MeasuredWindow, name: string): boolean | null | undefined =>
  window.constraints.find((one) => one.name === name)?.ok;

describe('a window', () => {
  it('passes when everything that could be judged held', () => {
    const window = judged();
    expect(window.verdict, window.reason).toBe('pass');
    expect(window.reason).toBe('');
    expect(window.constraints.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['completed', 'in-flight', 'correct', 'generator']),
    );
  });

  it('fails by the threshold that failed, and names it', () => {
    const window = judged((result) => {
      result.thresholds = [{ expression: 'p(99)<1ms', observed: 9, ok: false, reason: '' }];
    });
    expect(window).toMatchObject({ verdict: 'fail', reason: 'p(99)<1ms' });
  });

  it('leaves out what had too few samples, and what the target gives no evidence for', () => {
    const window = judged((result) => {
      const expression = 'order:p(99)<1ms';
      result.thresholds = [
        { expression, observed: null, ok: null, reason: 'too few samples' },
        { expression: 'x', observed: null, ok: null, reason: 'no evidence', judged: false },
      ];
    });
    expect(window.verdict).toBe('pass');
    expect(read(window, 'order:p(99)<1ms')).toBeNull();
    expect(read(window, 'x')).toBeUndefined();
  });

  it('fails when more than one in a hundred of what was due was not done', () => {
    const window = judged((result) => {
      result.load.journeysStarted = Math.floor(result.load.journeysDue * 0.98);
    });
    expect(window.reason).toBe('completed');
  });

  it('fails when the operations in flight grow and grow', () => {
    const grown = judged((result) => {
      result.timeline.forEach((second, i) => {
        second.inFlight = 10 + i * result.load.requestsPerSec * 0.1;
      });
    });
    expect(grown).toMatchObject({ verdict: 'fail', reason: 'in-flight' });
  });

  it('forgives the heap of a sale that opens, when it is worked off', () => {
    const window = judged((result) => {
      result.timeline.forEach((second, i) => {
        second.inFlight = i < 3 ? 500 * (i + 1) : 10;
      });
    });
    expect(window.verdict, window.reason).toBe('pass');
  });

  it('says nothing when the generator was invalid, whatever the thresholds say', () => {
    const window = judged((result) => {
      result.load.generator = { ...result.load.generator, verdict: 'invalid', reasons: ['late'] };
      result.thresholds = [{ expression: 'p(99)<1ms', observed: 9, ok: false, reason: '' }];
    });
    expect(window).toMatchObject({ verdict: 'invalid', reason: 'late' });
  });

  it('has an incorrect sale stand in the readings even of an invalid window', () => {
    const window = judged((result) => {
      result.load.generator = { ...result.load.generator, verdict: 'invalid', reasons: ['late'] };
      result.audit = { ...result.audit, verdict: 'fail', reason: '3 units oversold' };
    });
    expect(read(window, 'correct')).toBe(false);
    expect(window.reason).toBe('not correct: 3 units oversold');
  });
});
