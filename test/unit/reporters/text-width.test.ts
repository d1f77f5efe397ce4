// Text is measured, wrapped and cut by terminal columns, not by characters.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayWidth, padEnd, truncateText, wrapText } from '../../../src/reporters/text-width.ts';

const words = fc
  .array(fc.string({ unit: fc.constantFrom('a', 'b', '商', 'é', '–'), maxLength: 30 }), {
    maxLength: 12,
  })
  .map((list) => list.join(' '));

describe('displayWidth', () => {
  test.each([
    ['abc', 3],
    ['商品', 4],
    ['e\u0301', 1],
    ['✓ ✗ ≥ · –', 9],
    ['🎉', 2],
    ['한글', 4],
    ['', 0],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('wrapText', () => {
  test('breaks at spaces and, where a word is too long, anywhere', () => {
    expect(wrapText('a quick brown fox', 9)).toEqual(['a quick', 'brown fox']);
    expect(wrapText('reports/20260302/result.json', 12)).toEqual([
      'reports/2026',
      '0302/result.',
      'json',
    ]);
    expect(wrapText('', 10)).toEqual(['']);
  });

  test('never makes a line too long and loses nothing but spaces', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 2, max: 40 }), (text, columns) => {
        const lines = wrapText(text, columns);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });
});

test('truncateText fits and marks what was cut', () => {
  expect(truncateText('operation', 5)).toBe('oper…');
  expect(truncateText('商品商品', 5)).toBe('商品…');
  expect(truncateText('short', 5)).toBe('short');
  expect(truncateText('any', 0)).toBe('');
});

test('padEnd fills by columns', () => {
  expect(padEnd('商', 4)).toBe('商  ');
});
