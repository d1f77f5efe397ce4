import { describe, expect, it } from 'vitest';
import { type GapRule, parseReplay } from '../../../src/config/scenario/replay-file.ts';
import type { RatePoint } from '../../../src/contract/scenario.ts';

function points(text: string, gaps: GapRule = 'error'): [number, number][] {
  const read = parseReplay(text, 'traffic.csv', gaps);
  expect(read.problems).toEqual([]);
  return pairs(read.points);
}

function pairs(list: readonly RatePoint[]): [number, number][] {
  return list.map(({ atMs, perSec }) => [atMs, perSec]);
}

function problems(text: string, gaps: GapRule = 'error'): string[] {
  const read = parseReplay(text, 'traffic.csv', gaps);
  expect(read.points).toEqual([]);
  return read.problems.map(({ line, message }) => `${line ?? ''} ${message}`);
}

describe('a recorded curve', () => {
  it.each<[string, string]>([
    ['a header', 'time,rate\n0,10\n1,20\n'],
    ['no header', '0,10\n1,20'],
    ['quotes, blanks, empty lines and CRLF', '"time","rate"\r\n\r\n"0", 10\r\n 1 ,"20"\r\n'],
    ['a byte order mark', '\ufefftime,rate\n0,10\n1,20'],
    ['durations and rates with units', '0s,10/s\n1000ms,1.2k/min'],
    ['dates', '2026-03-01T10:00:00Z,10\n2026-03-01T10:00:01Z,20'],
    ['seconds since 1970', '1772359200,10\n1772359201,20'],
  ])('is read with %s', (_, text) => {
    expect(points(text)).toEqual([
      [0, 10],
      [1000, 20],
    ]);
  });

  it('may jump: two rows at one instant', () => {
    expect(points('0,10\n1,10\n1,50\n2,50')).toEqual([
      [0, 10],
      [1000, 10],
      [1000, 50],
      [2000, 50],
    ]);
  });

  it('keeps only the ends of a level stretch, which is the same curve', () => {
    expect(points('0,5\n1,5\n2,5\n3,5\n4,9\n5,9\n6,9')).toEqual([
      [0, 5],
      [3000, 5],
      [4000, 9],
      [6000, 9],
    ]);
  });

  const gapped = '0,10\n1,20\n2,30\n9,40\n10,50';

  it('has no gap unless somebody says what it means', () => {
    expect(problems(gapped)).toEqual([
      expect.stringMatching(
        /^4 comes 7s after the row before it, .* every 1s; .* hold, zero or line/,
      ),
    ]);
  });

  it.each<[GapRule, [number, number][]]>([
    [
      'hold',
      [
        [9000, 30],
        [9000, 40],
      ],
    ],
    [
      'zero',
      [
        [3000, 30],
        [3000, 0],
        [9000, 0],
        [9000, 40],
      ],
    ],
    ['line', [[9000, 40]]],
  ])('with gaps: %s bridges them', (rule, bridge) => {
    expect(points(gapped, rule)).toEqual([
      [0, 10],
      [1000, 20],
      [2000, 30],
      ...bridge,
      [10_000, 50],
    ]);
  });
});

describe('a file that is no recorded curve', () => {
  it.each<[string, string, RegExp[]]>([
    ['nothing', '', [/^1 has no rows/]],
    ['a header alone', 'time,rate\n', [/^1 has no rows/]],
    ['time that goes back', '0,1\n5,1\n3,1\n', [/^3 goes back in time, by 2s/]],
    ['a negative rate', 'time,rate\n0,-1\n', [/^2 the rate "-1" is out of range/]],
    ['no number', '0,NaN\n1,nan\n', [/^1 "NaN" is not a rate/, /^2 "nan" is not a rate/]],
    ['too much', '0,1000000000000\n1,1e400', [/^1 .*out of range/, /^2 .*out of range/]],
    ['a header in the middle', '0,1\ntime,rate\n', [/^2 "time" is not a time/, /^2 "rate" is not/]],
    ['one column', '0\n', [/^1 "0" is not a time and a rate/]],
    ['three columns', '0,1,2\n', [/^1 "0,1,2" is not a time and a rate/]],
    ['other separators', '0;1\n', [/^1 .*separate them by a comma/]],
    [
      'mistakes everywhere',
      Array.from({ length: 500 }, () => 'x,1').join('\n'),
      [...Array.from({ length: 20 }, () => /"x" is not a time/), /and 480 more problems/],
    ],
  ])('%s: told with its line', (_, text, expected) => {
    const found = problems(text);
    expect(found).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern);
  });

  it('more than a million rows are refused with their number; a million are read', () => {
    const rows = (count: number): string =>
      Array.from({ length: count }, (_, i) => `${i},${i % 7}`).join('\n');
    expect(parseReplay(rows(1_000_000), 'a.csv', 'error').points).toHaveLength(1_000_000);
    expect(problems(rows(1_000_001))).toEqual([
      '1 has 1,000,001 rows; at most 1,000,000 are supported',
    ]);
  });
});
