import { describe, expect, it } from 'vitest';
import { formatProblems, quoteValue, sortProblems } from '../../../src/config/problem.ts';

describe('a list of problems', () => {
  it('gives a line each: place, field, message', () => {
    expect(
      formatProblems([
        { source: 'x.yaml', line: 7, column: 13, path: 'load.rate', message: '"fast" is not' },
        { source: 'x.yaml', path: '', message: 'there is no such file' },
        { source: '--rate', path: 'load.rate', message: 'is empty' },
      ]),
    ).toEqual([
      'x.yaml:7:13  load.rate  "fast" is not',
      'x.yaml  there is no such file',
      '--rate  load.rate  is empty',
    ]);
  });

  it('counts what it does not list', () => {
    const many = Array.from({ length: 60 }, () => ({ source: 'x', path: '', message: 'm' }));
    const lines = formatProblems(many);
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('… and 10 more');
  });

  it('follows the file from top to bottom, flags last', () => {
    const at = (line: number, column: number) => ({
      source: 'x',
      line,
      column,
      path: '',
      message: '',
    });
    const flag = { source: '--rate', path: '', message: '' };
    expect(sortProblems([flag, at(9, 1), at(2, 8), at(2, 3)])).toEqual([
      at(2, 3),
      at(2, 8),
      at(9, 1),
      flag,
    ]);
  });

  it('shows what a terminal would obey instead of sending it', () => {
    const hostile = '\u001b]0;title\u0007 \u009b31m \u202egnp.exe \ud800 a\nb';
    const [line] = formatProblems([{ source: hostile, path: hostile, message: hostile }]);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(line).toContain('\\u{001b}]0;title\\u{0007}');
  });
});

describe('a quoted value', () => {
  it.each([
    ['fast', '"fast"'],
    [12, '12'],
    [true, 'true'],
    [null, 'nothing'],
    [[1], 'a list'],
    [{}, 'a group of fields'],
    ['x'.repeat(100), `"${'x'.repeat(60)}…"`],
    ['a\u001bb', '"a\\u{001b}b"'],
  ])('of %j is %s', (value, text) => {
    expect(quoteValue(value)).toBe(text);
  });
});
