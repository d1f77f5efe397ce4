import { describe, expect, it } from 'vitest';
import { nearestName, suggestion } from '../../../src/base/nearest-name.ts';

const NAMES = ['laptop', 'ci', 'large-embedded', 'order', 'orderStatus', 'guarded-update'];

describe('the nearest name', () => {
  it.each([
    ['labtop', 'laptop'],
    ['LAPTOP', 'laptop'],
    ['oredr', 'order'],
    ['gaurded-update', 'guarded-update'],
    ['larg', 'large-embedded'],
    ['orderstatus', 'orderStatus'],
  ])('finds for %j the name %j', (word, name) => {
    expect(nearestName(word, NAMES)).toBe(name);
  });

  it.each(['', 'zebra-crossing', 'x'.repeat(1_000_000)])('finds nothing near to it', (word) => {
    expect(nearestName(word, ['laptop', 'guarded-update'])).toBeUndefined();
  });

  it('prefers the closer of two', () => {
    expect(nearestName('ordder', ['border', 'order'])).toBe('order');
  });

  it('is a question to the user, or nothing', () => {
    expect(suggestion('labtop', NAMES)).toBe(' (did you mean "laptop"?)');
    expect(suggestion('zebra-crossing', NAMES)).toBe('');
  });
});
