import { describe, expect, it } from 'vitest';
import { TextTable } from '../../../src/audit/text-table.ts';

const COUNT = 5000;

describe('a table of texts', () => {
  it('knows every text by one number, however often it grew since it was added', () => {
    const table = new TextTable();
    const texts = Array.from({ length: COUNT }, (_, i) => `c-${i % 7} key-${i}`);
    for (const [i, text] of texts.entries()) expect(table.add(text)).toBe(i);
    for (const [i, text] of texts.entries()) {
      expect([text, table.add(text), table.find(text), table.text(i)]).toEqual([text, i, i, text]);
    }
    expect(table.size).toBe(COUNT);
    expect(table.find('never added')).toBe(-1);
  });
});
