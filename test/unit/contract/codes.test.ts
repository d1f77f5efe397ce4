import { describe, expect, it } from 'vitest';
import { createCall, resetAnswer } from '../../../src/contract/call.ts';
import {
  OPERATION_CODE,
  OPERATION_NAMES,
  OPERATIONS,
  traitsOf,
} from '../../../src/contract/operation.ts';
import { OUTCOME_CODE, OUTCOMES, REASON_CODE, REASONS } from '../../../src/contract/outcome.ts';

describe('codes of the stored history', () => {
  it.each([
    ['operations', OPERATION_NAMES, OPERATION_CODE],
    ['outcomes', OUTCOMES, OUTCOME_CODE],
    ['reasons', REASONS, REASON_CODE],
  ])('number the %s without gaps, fit into a byte and lead back to the name', (_, names, codes) => {
    expect(names.length).toBeLessThan(256);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(codes)).toHaveLength(names.length);
    for (const [index, name] of names.entries()) {
      expect((codes as Record<string, number>)[name]).toBe(index);
    }
  });

  it('record every write that holds, pays or cancels, and no browsing', () => {
    const recorded = OPERATION_NAMES.filter((name) => traitsOf(name).recorded);
    expect(recorded).toEqual(
      expect.arrayContaining(['viewStock', 'checkout', 'order', 'orderStatus', 'cancelOrder']),
    );
    expect(recorded).not.toContain('viewProduct');
    const probes = OPERATION_NAMES.filter((name) => OPERATIONS[name].probe);
    expect(probes.every((name) => traitsOf(name).recorded)).toBe(true);
  });
});

describe('a reused call', () => {
  it('starts each request without anything of the last answer', () => {
    const call = createCall();
    const asked = { operation: 'order', customer: 7, item: 3, key: 'k', slot: 5 } as const;
    Object.assign(call, asked, {
      sentAtUs: 1,
      firstByteAtUs: 2,
      doneAtUs: 3,
      outcome: 'ok',
      reason: 'accepted',
      status: 202,
      bytesReceived: 9,
      gotCheckoutId: 'c',
      gotOrderId: 'o',
      gotOrderStatus: 'confirmed',
      gotUnits: 1,
      gotTotalMinor: 2,
      gotStock: 3,
      gotExpiresAtUs: 4,
      gotReplayed: true,
    });
    resetAnswer(call);
    expect(call).toEqual({ ...createCall(), ...asked });
  });
});
