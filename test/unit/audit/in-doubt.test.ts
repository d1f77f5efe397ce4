import { describe, expect, it } from 'vitest';
import { inDoubtOrders } from '../../../src/audit/in-doubt.ts';
import type { OperationRecord } from '../../../src/contract/history.ts';
import { historyOf, recordOf } from '../../support/history-builder.ts';

const base = { customer: 4, journey: 9, key: 'k', checkoutId: 'co', item: 2, units: 1 } as const;
const lost = { ...base, operation: 'order', outcome: 'unknown', reason: 'timeout' } as const;

function keysInDoubt(...records: Partial<OperationRecord>[]): string[] {
  return inDoubtOrders(historyOf(records.map(recordOf))).map(({ key }) => key);
}

describe('an order is in doubt', () => {
  it('without an answer, and is described by what its checkout held', () => {
    const opened = { ...base, operation: 'checkout', outcome: 'ok', units: 3, key: '' } as const;
    const found = inDoubtOrders(historyOf([recordOf(opened), recordOf(lost)]));
    expect(found).toEqual([{ key: 'k', journey: 9, customer: 4, item: 2, units: 3 }]);
  });

  it('when it was accepted and never seen to end', () => {
    const accepted = { ...base, operation: 'order', outcome: 'ok', reason: 'accepted' } as const;
    expect(keysInDoubt({ ...accepted, orderStatus: 'paying' })).toEqual(['k']);
  });

  it('when a later read says that it is still being paid, or that there is no such order yet', () => {
    const read = { ...base, operation: 'orderStatus' } as const;
    expect(keysInDoubt(lost, { ...read, outcome: 'ok', orderStatus: 'paying' })).toEqual(['k']);
    expect(keysInDoubt(lost, { ...read, outcome: 'refused', reason: 'not_found' })).toEqual(['k']);
  });

  it('when only another customer got an answer under the same key', () => {
    const other = { ...base, customer: 5, operation: 'order', outcome: 'ok' } as const;
    expect(keysInDoubt(lost, { ...other, orderStatus: 'confirmed' })).toEqual(['k']);
  });

  it('when a repetition was shed or limited, which says nothing about the first attempt', () => {
    expect(keysInDoubt(lost, { ...lost, outcome: 'refused', reason: 'shed' })).toEqual(['k']);
    expect(keysInDoubt(lost, { ...lost, outcome: 'refused', reason: 'rate_limited' })).toEqual([
      'k',
    ]);
  });
});

describe('an order is not in doubt', () => {
  it('when it was answered, before or after the attempt without an answer', () => {
    const yes = { ...base, operation: 'order', outcome: 'ok', orderStatus: 'confirmed' } as const;
    expect(keysInDoubt(yes, lost)).toEqual([]);
    expect(keysInDoubt(lost, yes)).toEqual([]);
    expect(keysInDoubt(lost, { ...lost, outcome: 'refused', reason: 'payment_declined' })).toEqual(
      [],
    );
  });

  it('when a status read tells how it ended', () => {
    const read = { ...base, operation: 'orderStatus', outcome: 'ok' } as const;
    for (const orderStatus of ['confirmed', 'archived', 'declined', 'expired', 'refunded']) {
      expect(keysInDoubt(lost, { ...read, orderStatus })).toEqual([]);
    }
  });

  it('when its key is tombstoned, or the tombstone came too late and shows the order', () => {
    const tombstone = { ...base, operation: 'tombstoneKey' } as const;
    expect(keysInDoubt(lost, { ...tombstone, orderStatus: 'tombstoned' })).toEqual([]);
    const late = { ...tombstone, outcome: 'refused', reason: 'key_reused' } as const;
    expect(keysInDoubt(lost, { ...late, orderStatus: 'confirmed' })).toEqual([]);
    expect(keysInDoubt(lost, { ...late, orderStatus: 'paying' })).toEqual(['k']);
  });

  it('when every attempt surely had no effect', () => {
    expect(keysInDoubt({ ...lost, outcome: 'failed', reason: 'connect_failed' })).toEqual([]);
    expect(keysInDoubt({ ...lost, outcome: 'refused', reason: 'shed' })).toEqual([]);
  });
});
