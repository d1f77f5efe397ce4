import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatDuration,
  formatMs,
  parseDurationMs,
  parseRatePerSec,
  parseRatio,
} from '../../src/base/units.ts';

describe('units', () => {
  it('read back every duration they write', () => {
    const durations = fc.oneof(
      fc.integer({ min: 0, max: 86_400_000 }),
      fc.integer({ min: 1, max: 100_000 }).map((seconds) => seconds * 1000),
    );
    fc.assert(
      fc.property(durations, (ms) => {
        expect(parseDurationMs(formatDuration(ms))).toBeCloseTo(ms, 6);
      }),
    );
  });

  it('give one duration for one amount, in whatever unit it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seconds) => {
        const minutes = `${Math.floor(seconds / 60)}m${seconds % 60}s`;
        expect(parseDurationMs(minutes)).toBe(parseDurationMs(`${seconds}s`));
        expect(parseDurationMs(`${seconds * 1000}ms`)).toBe(seconds * 1000);
      }),
    );
  });

  it('scale rates exactly between seconds, minutes and hours', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (value) => {
        expect(parseRatePerSec(`${value * 60}/min`)).toBeCloseTo(value, 6);
        expect(parseRatePerSec(`${value}k/h`)).toBeCloseTo((value * 1000) / 3600, 6);
      }),
    );
  });

  it('read percent and plain shares alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (hundredths) => {
        const plain = parseRatio((hundredths / 10_000).toFixed(4));
        expect(parseRatio(`${hundredths / 100}%`)).toBeCloseTo(plain ?? Number.NaN, 12);
      }),
    );
  });

  it('group thousands without changing the number', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        expect(Number(formatCount(value).replaceAll(',', ''))).toBe(value);
      }),
    );
  });

  it('never throw on arbitrary text, and never give what is not a finite number', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        for (const parse of [parseDurationMs, parseRatePerSec, parseRatio]) {
          const value = parse(text);
          expect(value === undefined || (Number.isFinite(value) && value >= 0)).toBe(true);
        }
      }),
    );
  });

  it('write milliseconds in at most eight characters', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3_600_000, noNaN: true }), (ms) => {
        expect(formatMs(ms).length).toBeLessThanOrEqual(8);
      }),
    );
  });
});
