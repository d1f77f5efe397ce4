// Foreign text cannot move, hide or reorder what is on a terminal.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeDeep, escapeText } from '../../../src/reporters/escape-text.ts';

/** Written apart from the implementation: code points that must never come through. */
function isDangerous(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0xad ||
    code === 0x61c ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0xfeff ||
    (code >= 0xd800 && code <= 0xdfff) ||
    (code >= 0xe0000 && code <= 0xe007f)
  );
}

const anyText = fc.string({ unit: 'binary', maxLength: 600 });

describe('escapeText', () => {
  test.each([
    ['plain text, ünïcode, 商品', 'plain text, ünïcode, 商品'],
    ['two\nlines\r\tand a tab', 'two\\nlines\\r\\tand a tab'],
    ['\u001b[31mred', '\\x1b[31mred'],
    ['\u009b2J', '\\x9b2J'],
    ['bell\u0007 nul\u0000 del\u007f', 'bell\\x07 nul\\x00 del\\x7f'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['zero\u200bwidth', 'zero\\u{200b}width'],
    ['no\u00a0break', 'no\\xa0break'],
    ['lone \ud800 half', 'lone \\u{d800} half'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
    ['e\u0301', 'e\u0301'],
    [`z${'\u0301'.repeat(40)}`, 'z\u0301\u0301'],
  ])('shows %j as %j', (text, shown) => {
    expect(escapeText(text)).toBe(shown);
  });

  test('cuts what is too long and says so', () => {
    expect(escapeText('x'.repeat(500), 10)).toBe(`${'x'.repeat(9)}…`);
    expect(escapeText('x'.repeat(10), 10)).toBe('x'.repeat(10));
    expect(escapeText('\u001b'.repeat(500), 10).length).toBeLessThanOrEqual(10);
  });

  test('lets nothing dangerous through, whatever it is given', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = escapeText(text);
        expect(shown.length).toBeLessThanOrEqual(400);
        for (const character of shown) {
          expect(isDangerous(character.codePointAt(0) ?? 0)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('leaves alone what was escaped before', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = escapeText(text);
        expect(escapeText(shown)).toBe(shown);
      }),
    );
  });
});

test('escapeDeep reaches every string and every key, and no prototype', () => {
  const hostile: unknown = JSON.parse('{"a\\u001b":["\\u202e",{"__proto__":"\\u0007"}],"n":1}');
  const safe = escapeDeep(hostile);
  expect(JSON.stringify(safe)).toBe('{"a\\\\x1b":["\\\\u{202e}",{"__proto__":"\\\\x07"}],"n":1}');
  expect(Object.getPrototypeOf(safe)).toBe(Object.prototype);
});
