import { describe, expect, it } from 'vitest';
import { assert, defined, InvariantError, unreachable } from '../../../src/base/assert.ts';

describe('assertions', () => {
  it('crash with their message when the condition does not hold', () => {
    expect(() => assert(1 > 2, 'one is less')).toThrow(new InvariantError('one is less'));
    expect(() => assert(2 > 1, 'fine')).not.toThrow();
  });

  it.each([0, '', false])('take %j for a value that is there', (value) => {
    expect(defined(value, 'x')).toBe(value);
  });

  it.each([undefined, null])('crash where %j is not expected', (value) => {
    expect(() => defined(value, 'the stock')).toThrow('the stock');
  });

  it('name the value that no branch expects', () => {
    expect(() => unreachable('surprise' as never, 'shape')).toThrow(/shape.*surprise/);
  });
});
