import { expect, test } from 'vitest';
import { createVirtualClock } from '../../../../src/base/clock.ts';
import { createIdSource } from '../../../../src/reference-system/orders/id-source.ts';

test('ids are unique, also between two sources of the same millisecond', () => {
  const clock = createVirtualClock(0, 1.7e12);
  const sources = [createIdSource(clock), createIdSource(clock)];
  const ids = sources.flatMap((source) => Array.from({ length: 5000 }, () => source.next('o')));
  expect(new Set(ids).size).toBe(10_000);
});

test('ids sort by the time they were made', () => {
  const clock = createVirtualClock(0, 1.7e12);
  const source = createIdSource(clock);
  const ids = Array.from({ length: 20 }, () => {
    clock.advance(1);
    return source.next('o');
  });
  expect([...ids].sort()).toEqual(ids);
});

test('ids are letters and digits after their prefix', () => {
  const source = createIdSource(createVirtualClock(0, 1.7e12));
  for (let i = 0; i < 2000; i++) expect(source.next('k')).toMatch(/^k-[a-z0-9]{26}$/);
});
