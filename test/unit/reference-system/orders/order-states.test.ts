import { describe, expect, test } from 'vitest';
import {
  assertMove,
  isOpen,
  ORDER_MOVES,
  ORDER_STATES,
  type OrderState,
} from '../../../../src/reference-system/orders/order-states.ts';

const reachable = (from: OrderState, seen = new Set<OrderState>()): Set<OrderState> => {
  for (const to of ORDER_MOVES[from]) {
    if (seen.has(to)) continue;
    seen.add(to);
    reachable(to, seen);
  }
  return seen;
};

describe('order states', () => {
  test('every state can be reached from pending', () => {
    expect([...reachable('pending'), 'pending'].sort()).toEqual([...ORDER_STATES].sort());
  });

  test('no order can come back to a state', () => {
    for (const state of ORDER_STATES) expect(reachable(state).has(state)).toBe(false);
  });

  test('unfinished work can always come to an end, and an end is an end', () => {
    for (const state of ORDER_STATES) {
      const ends = [...reachable(state)].filter((other) => ORDER_MOVES[other].length === 0);
      if (isOpen(state)) expect(ends).not.toEqual([]);
    }
  });

  test('every move that is not in the table is refused by name', () => {
    for (const from of ORDER_STATES) {
      for (const to of ORDER_STATES) {
        if (ORDER_MOVES[from].includes(to)) {
          expect(() => assertMove(from, to, 'o-1')).not.toThrow();
        } else {
          expect(() => assertMove(from, to, 'o-1')).toThrow(`cannot go from ${from} to ${to}`);
        }
      }
    }
  });

  test('an illegal move has a code of its own', () => {
    expect(() => assertMove('refunded', 'confirmed', 'o-1')).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_TRANSITION' }),
    );
  });
});
