import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_CSV_BYTES,
  MAX_CSV_COLUMNS,
  MAX_CSV_FIELD_CHARS,
  MAX_CSV_ROWS,
  parseCsv,
} from '../../../src/config/csv.ts';
import { MAX_FILE_BYTES, readTextFile } from '../../../src/config/text-file.ts';

function problemsOf(text: string): string[] {
  return parseCsv(text, 'f.csv').problems.map(({ line, message }) => `${line} ${message}`);
}

function rowsOf(text: string): readonly (readonly string[])[] {
  const { table, problems } = parseCsv(text, 'f.csv');
  expect(problems).toEqual([]);
  return table.rows;
}

describe('a CSV text', () => {
  it('is columns, rows and the line that each row begins on', () => {
    const text = 'email, password\na@x,"one, ""two"""\n\n"multi\nline",\nlast,5';
    expect(parseCsv(text, 'f.csv')).toEqual({
      table: {
        columns: ['email', 'password'],
        rows: [
          ['a@x', 'one, "two"'],
          ['multi\nline', ''],
          ['last', '5'],
        ],
        lines: [2, 4, 6],
      },
      problems: [],
    });
  });

  it.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CR LF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['CR', 'a,b\r1,2\r3,4\r'],
    ['no line end at its end', 'a,b\n1,2\n3,4'],
    ['empty lines before, between and after', '\n\na,b\n\n1,2\r\n\r\n3,4\n\n'],
    ['a byte order mark', '\ufeffa,b\n1,2\n3,4'],
  ])('may have %s', (_, text) => {
    expect(rowsOf(text)).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  it('keeps the blanks of its values, but not those around its names', () => {
    expect(parseCsv(' a ,b\n 1 ,2', 'f.csv').table).toMatchObject({
      columns: ['a', 'b'],
      rows: [[' 1 ', '2']],
    });
  });

  it('comes back as it was written, whatever the values are', () => {
    const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;
    const values = fc.oneof(fc.string(), fc.stringMatching(/^[",\r\n a]{0,8}$/));
    const tables = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.array(fc.array(values, { minLength: width, maxLength: width }), { minLength: 1 }),
      );
    fc.assert(
      fc.property(tables, fc.constantFrom('\n', '\r\n'), (rows, lineEnd) => {
        const names = (rows[0] as string[]).map((_, index) => `c${index}`);
        const text = [names, ...rows].map((row) => row.map(quoted).join(',')).join(lineEnd);
        expect(rowsOf(text)).toEqual(rows);
      }),
    );
  });
});

describe('a wrong CSV text', () => {
  it.each([
    ['', '1 is empty; the first line names the columns ("email,password")'],
    ['\n\n', '1 is empty; the first line names the columns ("email,password")'],
    ['a,b\n', '1 has no rows under its names'],
    ['a,b\n1', '2 has one value where the first line names 2'],
    ['a,b\n1,2\n1,2,3', '3 has 3 values where the first line names 2'],
    ['a,,c\n1,2,3', '1 column 2 has no name'],
    ['a,b,a\n1,2,3', '1 column 3 has the name "a" of another'],
    ['a;b\n1;2', '1 the columns must be separated by commas'],
    ['a\tb\n1\t2', '1 the columns must be separated by commas'],
    [
      'a\nx"y',
      '2 "x"y" has a quote in it; put the whole value in quotes and double the ones within',
    ],
    ['a\n"x"y', '2 "y" follows the closing quote of a value'],
    ['a\n1\n"x\ny\n', '3 the quote that a value begins with is never closed'],
  ])('%j is told by line', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('is told with every problem at once', () => {
    expect(problemsOf('a,a\n1\n1,2\n1,2,3\n')).toEqual([
      '1 column 2 has the name "a" of another',
      '2 has one value where the first line names 2',
      '4 has 3 values where the first line names 2',
    ]);
  });

  it('is not read to its end when everything is wrong', () => {
    const problems = problemsOf(`a,b\n${'1\n'.repeat(5000)}`);
    expect(problems).toHaveLength(1001);
    expect(problems.at(-1)).toBe('1002 the rest was not read');
  });

  it('never throws, whatever it is', () => {
    const texts = fc.stringMatching(/^[a",;\r\n\t \0]{0,60}$/);
    fc.assert(
      fc.property(texts, (text) => {
        const { table, problems } = parseCsv(text, 'f.csv');
        const isWhole = table.rows.every((row) => row.length === table.columns.length);
        expect(isWhole || problems.length > 0).toBe(true);
      }),
    );
  });
});

describe('the limits of a CSV text', () => {
  it('hold for rows, columns and values, and what is at a limit passes', () => {
    const rows = 'x\n'.repeat(MAX_CSV_ROWS);
    expect(problemsOf(`a\n${rows}`)).toEqual([]);
    expect(problemsOf(`a\n${rows}x\nx\n`)).toEqual([
      `${MAX_CSV_ROWS + 2} has more than ${MAX_CSV_ROWS} rows; the rest was not read`,
    ]);
    const names = Array.from({ length: MAX_CSV_COLUMNS + 1 }, (_, index) => `c${index}`);
    expect(problemsOf(`${names.join(',')}\n`)).toEqual([
      `1 has ${MAX_CSV_COLUMNS + 1} columns; at most ${MAX_CSV_COLUMNS} are read`,
    ]);
    const long = 'x'.repeat(MAX_CSV_FIELD_CHARS);
    expect(problemsOf(`a\n${long}`)).toEqual([]);
    expect(problemsOf(`a\n"${long}x"`)).toEqual([
      `2 a value has more than ${MAX_CSV_FIELD_CHARS} characters`,
    ]);
  });

  it('allow a larger file than a profile may be, when asked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'csv-'));
    try {
      const path = join(folder, 'users.csv');
      await writeFile(path, `a\n${'x'.repeat(MAX_FILE_BYTES)}`);
      expect(await readTextFile(path)).toEqual({ problem: 'is larger than 1 MiB' });
      const { text } = await readTextFile(path, MAX_CSV_BYTES);
      expect(text?.length).toBe(MAX_FILE_BYTES + 2);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
