import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMoney,
  formatMs,
  formatPerSec,
  formatRatio,
  parseDurationMs,
  parseRatePerSec,
  parseRatio,
} from '../../../src/base/units.ts';

describe('reading', () => {
  it.each([
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['250ms', 250],
    ['1.5s', 1500],
    ['3us', 0.003],
    ['3µs', 0.003],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['0', 0],
    [' 5s ', 5000],
  ])('reads the duration %j as %d ms', (text, ms) => {
    expect(parseDurationMs(text)).toBeCloseTo(ms, 9);
  });

  it.each(['', '5', 's', '-5s', '5 s', '1,5s', '5sec', '1m30', '5s!', `${'1s'.repeat(30)}`])(
    'does not take %j for a duration',
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined();
    },
  );

  it.each([
    ['400/s', 400],
    ['24k/min', 400],
    ['1M/h', 1e6 / 3600],
    ['0.5/s', 0.5],
    ['2K/sec', 2000],
    ['60 / m', 1],
  ])('reads the rate %j as %d per second', (text, perSec) => {
    expect(parseRatePerSec(text)).toBeCloseTo(perSec, 9);
  });

  it.each(['', '400', '/s', '-1/s', '1e3/s', '4k', 'fast', '1/s/s', '1G/s'])(
    'does not take %j for a rate',
    (text) => {
      expect(parseRatePerSec(text)).toBeUndefined();
    },
  );

  it.each([
    ['4%', 0.04],
    ['0.5 %', 0.005],
    ['0.04', 0.04],
    ['1', 1],
  ])('reads the share %j as %d', (text, ratio) => {
    expect(parseRatio(text)).toBeCloseTo(ratio, 12);
  });

  it.each(['', '%', '-4%', '4%%', 'half', '1e-3', '.5'])('does not take %j for a share', (text) => {
    expect(parseRatio(text)).toBeUndefined();
  });
});

describe('writing', () => {
  it.each([
    [0, '0 µs'],
    [0.812, '812 µs'],
    [0.9996, '1.00 ms'],
    [4.213, '4.21 ms'],
    [38.44, '38.4 ms'],
    [99.96, '100 ms'],
    [250, '250 ms'],
    [999.6, '1.00 s'],
    [1250, '1.25 s'],
    [125_000, '2m05s'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('writes %d ms as %j', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });

  it.each([
    [20_000, '20s'],
    [90_000, '1m30s'],
    [120_000, '2m'],
    [250, '250ms'],
    [2500, '2.5s'],
  ])('writes %d ms as the duration %j', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1_234_567, '1,234,567'],
    [-12_345, '-12,345'],
    [1234.5, '1,234.5'],
  ])('writes the count %d as %j', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });

  it.each([
    [2.314, '2.31/s'],
    [87.34, '87.3/s'],
    [1234.4, '1,234/s'],
    [Number.NaN, '–'],
  ])('writes the rate %d as %j', (value, text) => {
    expect(formatPerSec(value)).toBe(text);
  });

  it.each([
    [0.0123, '1.23%'],
    [0, '0.0%'],
    [0.4, '40.0%'],
    [Number.NaN, '–'],
  ])('writes the ratio %d as %j', (ratio, text) => {
    expect(formatRatio(ratio)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [18_249_999, '18.2 MB'],
    [999_600, '1 MB'],
    [2_000_000_000_000_000, '2000 TB'],
  ])('writes %d bytes as %j', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [199_900, 'EUR', '1,999.00 EUR'],
    [5, 'EUR', '0.05 EUR'],
    [1999, 'JPY', '1,999 JPY'],
    [1999, 'KWD', '1.999 KWD'],
  ])('writes %d minor units of %s as %j', (minor, currency, text) => {
    expect(formatMoney(minor, currency)).toBe(text);
  });

  it('an amount keeps every digit that a number can hold', () => {
    const minor = Number.MAX_SAFE_INTEGER;
    expect(formatMoney(minor, 'KWD')).toBe('9,007,199,254,740.991 KWD');
    expect(formatMoney(minor, 'EUR')).toBe('90,071,992,547,409.91 EUR');
    expect(formatMoney(minor, 'JPY')).toBe('9,007,199,254,740,991 JPY');
    expect(formatMoney(-5, 'KWD')).toBe('-0.005 KWD');
  });
});
