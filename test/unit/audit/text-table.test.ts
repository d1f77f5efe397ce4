import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PairTable } from '../../../src/audit/pair-table.ts';
import { TextTable } from '../../../src/audit/text-table.ts';
import { orderOf } from '../../../src/audit/time-order.ts';
import { writeText } from '../../../src/history/packed-text.ts';

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.nat(3000).map((n) => `o-${n.toString(16).padStart(32, '0')}`),
);

describe('a table of texts', () => {
  it('gives each distinct text one number, in order of appearance, and the text back', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3000, size: 'max' }), (texts) => {
        const table = new TextTable();
        const numbers = new Map<string, number>();
        for (const one of texts) {
          expect(table.find(one)).toBe(numbers.get(one) ?? -1);
          if (!numbers.has(one)) numbers.set(one, numbers.size);
          expect(table.add(one)).toBe(numbers.get(one));
        }
        expect(table.size).toBe(numbers.size);
        for (const [one, number] of numbers) {
          expect(table.text(number)).toBe(Buffer.from(one, 'utf8').toString('utf8'));
          expect(table.find(one)).toBe(number);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a text that is packed or in bytes already', () => {
  it('has the number that it has as a text', () => {
    const ascii = fc.oneof(
      text,
      fc.stringMatching(/^[ -~]{0,130}$/),
      fc.stringMatching(/^[0-9a-f]{0,300}$/),
    );
    fc.assert(
      fc.property(fc.array(ascii, { maxLength: 60 }), (texts) => {
        const table = new TextTable();
        const other = new TextTable();
        const bytes = Buffer.alloc(2000);
        for (const one of texts) {
          writeText(bytes, 0, one);
          const number = table.addPacked(bytes, 0);
          expect(table.add(one)).toBe(number);
          expect(table.text(number)).toBe(Buffer.from(one, 'utf8').toString('utf8'));
          if (!/^[ -~]{0,200}$/.test(one)) continue;
          const raw = Buffer.from(`<${one}>`);
          expect(table.addAscii(raw, 1, raw.length - 1)).toBe(number);
          expect(other.addAscii(raw, 1, raw.length - 1)).toBe(other.add(one));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is one text, however somebody else packed it', () => {
    const table = new TextTable();
    const number = table.add('abcdef');
    // A head of two digits in front of four packed ones, and the whole as plain bytes.
    expect(table.addPacked(Buffer.from([128 + 2, 4, 0x61, 0x62, 0xcd, 0xef]), 0)).toBe(number);
    expect(table.addPacked(Buffer.from([6, ...Buffer.from('abcdef')]), 0)).toBe(number);
    expect(table.size).toBe(1);
  });
});

describe('a pair of numbers', () => {
  it('has one number, by order of appearance, and others are not found', () => {
    const half = fc.oneof(fc.nat(20), fc.constantFrom(0xffffffff, 2 ** 31));
    fc.assert(
      fc.property(fc.array(fc.tuple(half, half), { maxLength: 1500, size: 'max' }), (pairs) => {
        const table = new PairTable();
        const numbers = new Map<string, number>();
        for (const [first, second] of pairs) {
          const name = `${first} ${second}`;
          expect(table.find(first, second)).toBe(numbers.get(name) ?? -1);
          if (!numbers.has(name)) numbers.set(name, numbers.size);
          expect(table.add(first, second)).toBe(numbers.get(name));
          expect(table.second(numbers.get(name) as number)).toBe(second);
        }
        expect([table.find(-1, 0), table.find(0.5, 0), table.find(0, 2 ** 32)]).toEqual([
          -1, -1, -1,
        ]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a large table of texts', () => {
  it('knows every text by one number, however often it grew since it was added', () => {
    const table = new TextTable();
    const texts = Array.from({ length: 5000 }, (_, i) => `c-${i % 7} key-${i}`);
    for (const [i, text] of texts.entries()) expect(table.add(text)).toBe(i);
    for (const [i, text] of texts.entries()) {
      expect([text, table.add(text), table.find(text), table.text(i)]).toEqual([text, i, i, text]);
    }
    expect(table.find('never added')).toBe(-1);
  });
});

describe('the order of instants', () => {
  it('is that of a stable sort', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 600, size: 'max' }),
        (values) => {
          const expected = [...values.keys()].sort(
            (a, b) => (values[a] as number) - (values[b] as number),
          );
          expect([...orderOf(Float64Array.from(values))]).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });
});
