import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Posterior,
  passProbability,
  type Trial,
} from '../../../../src/capacity/search/posterior.ts';

const RANGE = { lowPerSec: 100, highPerSec: 1000 };

const trials = fc.array(
  fc.record({
    ratePerSec: fc.double({ min: 120, max: 900, noNaN: true }),
    passed: fc.boolean(),
  }),
  { maxLength: 25 },
);

/** Passes below 400/s, fails above. */
function clean(rates: readonly number[]): Trial[] {
  return rates.map((ratePerSec) => ({ ratePerSec, passed: ratePerSec < 400 }));
}

describe('the posterior of the rate that half of all windows pass', () => {
  it('lies between what passed and what failed', () => {
    const posterior = new Posterior(RANGE, clean([300, 360, 380, 390, 410, 420, 440, 500]));
    expect(posterior.quantile(0.5)).toBeGreaterThan(375);
    expect(posterior.quantile(0.5)).toBeLessThan(425);
    expect(posterior.quantile(0.05)).toBeLessThan(posterior.quantile(0.5));
    expect(posterior.quantile(0.95)).toBeGreaterThan(posterior.quantile(0.5));
  });

  it('claims less than the rate that half of all windows pass, and more with more windows', () => {
    const few = new Posterior(RANGE, clean([350, 450]));
    const many = new Posterior(RANGE, clean([350, 450, 370, 380, 390, 410, 420, 360, 430, 395]));
    expect(few.claim()).toBeLessThan(few.quantile(0.5));
    expect(many.claim()).toBeGreaterThan(few.claim());
    expect(many.claim()).toBeLessThan(400);
  });

  it('survives a lapse: one failure far below moves it little, many move it down', () => {
    const base = clean([350, 360, 370, 380, 390, 410, 420, 430, 440]);
    const at = (extra: number): number =>
      new Posterior(RANGE, [
        ...base,
        ...Array.from({ length: extra }, () => ({ ratePerSec: 200, passed: false })),
      ]).quantile(0.5);
    expect(at(1)).toBeGreaterThan(360);
    expect(at(12)).toBeLessThan(330);
  });

  it('does not depend on the order of the windows', () => {
    fc.assert(
      fc.property(trials, (given) => {
        const forwards = new Posterior(RANGE, given);
        const backwards = new Posterior(RANGE, [...given].reverse());
        expect(backwards.quantile(0.3)).toBeCloseTo(forwards.quantile(0.3), 6);
        expect(backwards.claim()).toBeCloseTo(forwards.claim(), 6);
      }),
      { numRuns: 30 },
    );
  });

  it('never claims less after a window that passed, nor more after one that failed', () => {
    fc.assert(
      fc.property(trials, fc.double({ min: 120, max: 900, noNaN: true }), (given, ratePerSec) => {
        const before = new Posterior(RANGE, given).quantile(0.5);
        const better = new Posterior(RANGE, [...given, { ratePerSec, passed: true }]);
        const worse = new Posterior(RANGE, [...given, { ratePerSec, passed: false }]);
        expect(better.quantile(0.5)).toBeGreaterThanOrEqual(before * (1 - 1e-9));
        expect(worse.quantile(0.5)).toBeLessThanOrEqual(before * (1 + 1e-9));
      }),
      { numRuns: 30 },
    );
  });

  it('speaks the same of rates in another unit', () => {
    fc.assert(
      fc.property(trials, fc.double({ min: 0.01, max: 100, noNaN: true }), (given, factor) => {
        const plain = new Posterior(RANGE, given);
        const scaled = new Posterior(
          { lowPerSec: RANGE.lowPerSec * factor, highPerSec: RANGE.highPerSec * factor },
          given.map(({ ratePerSec, passed }) => ({ ratePerSec: ratePerSec * factor, passed })),
        );
        expect(scaled.quantile(0.5) / factor / plain.quantile(0.5)).toBeCloseTo(1, 6);
        expect(scaled.claim() / factor / plain.claim()).toBeCloseTo(1, 6);
      }),
      { numRuns: 30 },
    );
  });

  it('draws thresholds and slopes as probable as it holds them', () => {
    const posterior = new Posterior(RANGE, clean([350, 380, 390, 410, 420, 450]));
    const drawn = Array.from({ length: 200 }, (_, i) => posterior.draw((i + 0.5) / 200));
    const low = posterior.quantile(0.05);
    const high = posterior.quantile(0.95);
    const inside = drawn.filter(({ thetaPerSec: theta }) => theta >= low && theta <= high);
    expect(inside.length).toBeGreaterThan(160);
    expect(inside.length).toBeLessThan(196);
  });

  it('knows how many windows pass at the threshold: half, lapses included', () => {
    expect(passProbability(400, 400, 0.05)).toBeCloseTo(0.5, 12);
    expect(passProbability(200, 400, 0.05)).toBeCloseTo(0.97, 6);
    expect(passProbability(800, 400, 0.05)).toBeCloseTo(0.03, 6);
  });
});
