import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextTable } from '../../../src/audit/text-table.ts';
import { orderOf } from '../../../src/audit/time-order.ts';

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
