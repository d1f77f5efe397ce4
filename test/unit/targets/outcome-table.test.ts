import { describe, expect, it } from 'vitest';
import { createCall } from '../../../src/contract/call.ts';
import { OPERATION_NAMES, traitsOf } from '../../../src/contract/operation.ts';
import type { Outcome, Reason } from '../../../src/contract/outcome.ts';
import {
  applyRuling,
  BY_CODE,
  BY_SHED,
  BY_STATUS,
  type Ruling,
  rulingOfRefusal,
  rulingOfTransport,
  type TransportFailure,
} from '../../../src/targets/outcome-table.ts';

type Row = readonly [
  status: number,
  code: string,
  shed: boolean,
  onWrite: Outcome,
  onRead: Outcome,
  reason: Reason,
];

// Written out by hand from the definition of the outcome classes, not derived from the table.
const ROWS: readonly Row[] = [
  [402, 'payment_declined', false, 'refused', 'refused', 'payment_declined'],
  [403, 'blocked', false, 'refused', 'refused', 'blocked'],
  [403, 'admission_required', false, 'refused', 'refused', 'admission_required'],
  [403, 'admission_expired', false, 'refused', 'refused', 'admission_required'],
  [403, 'admission_used', false, 'refused', 'refused', 'admission_required'],
  [404, 'not_found', false, 'refused', 'refused', 'not_found'],
  [409, 'sold_out', false, 'refused', 'refused', 'sold_out'],
  [409, 'limit_reached', false, 'refused', 'refused', 'limit_reached'],
  [409, 'price_changed', false, 'refused', 'refused', 'price_changed'],
  [409, 'sale_closed', false, 'refused', 'refused', 'sale_closed'],
  [409, 'checkout_expired', false, 'refused', 'refused', 'checkout_expired'],
  [409, 'empty_cart', false, 'refused', 'refused', 'empty_cart'],
  [409, 'illegal_state', false, 'refused', 'refused', 'rejected'],
  [409, 'key_used', false, 'refused', 'refused', 'key_reused'],
  [409, 'key_in_progress', false, 'unknown', 'failed', 'key_in_progress'],
  [410, 'tombstoned', false, 'refused', 'refused', 'tombstoned'],
  [422, 'key_reused', false, 'refused', 'refused', 'key_reused'],
  [503, 'contention', false, 'refused', 'refused', 'contention'],
  [503, 'contention', true, 'refused', 'refused', 'contention'],
  [429, '', true, 'refused', 'refused', 'rate_limited'],
  [503, '', true, 'refused', 'refused', 'shed'],
  [429, '', false, 'unknown', 'failed', 'rate_limited'],
  [503, '', false, 'unknown', 'failed', 'server_error'],
  [500, '', true, 'unknown', 'failed', 'server_error'],
  [301, '', false, 'unknown', 'failed', 'redirect_refused'],
  [302, '', false, 'unknown', 'failed', 'redirect_refused'],
  [303, '', false, 'unknown', 'failed', 'redirect_refused'],
  [307, '', false, 'failed', 'failed', 'redirect_refused'],
  [308, '', false, 'failed', 'failed', 'redirect_refused'],
  [300, '', false, 'unknown', 'failed', 'bad_answer'],
  [304, '', false, 'unknown', 'failed', 'bad_answer'],
  [400, '', false, 'failed', 'failed', 'bad_request'],
  [401, '', false, 'failed', 'failed', 'unauthorised'],
  [402, '', false, 'unknown', 'failed', 'bad_answer'],
  [403, '', false, 'failed', 'failed', 'unauthorised'],
  [404, '', false, 'failed', 'failed', 'rejected'],
  [405, '', false, 'failed', 'failed', 'rejected'],
  [406, '', false, 'failed', 'failed', 'rejected'],
  [408, '', false, 'unknown', 'failed', 'server_error'],
  [409, '', false, 'unknown', 'failed', 'bad_answer'],
  [409, 'sold-out', false, 'unknown', 'failed', 'bad_answer'],
  [409, 'toString', false, 'unknown', 'failed', 'bad_answer'],
  [409, '__proto__', false, 'unknown', 'failed', 'bad_answer'],
  [410, '', false, 'failed', 'failed', 'rejected'],
  [411, '', false, 'failed', 'failed', 'bad_request'],
  [412, '', false, 'failed', 'failed', 'rejected'],
  [413, '', false, 'failed', 'failed', 'bad_request'],
  [414, '', false, 'failed', 'failed', 'bad_request'],
  [415, '', false, 'failed', 'failed', 'bad_request'],
  [416, '', false, 'failed', 'failed', 'bad_request'],
  [417, '', false, 'failed', 'failed', 'bad_request'],
  [418, '', false, 'unknown', 'failed', 'rejected'],
  [422, '', false, 'failed', 'failed', 'bad_request'],
  [425, '', false, 'unknown', 'failed', 'server_error'],
  [428, '', false, 'failed', 'failed', 'rejected'],
  [431, '', false, 'failed', 'failed', 'bad_request'],
  [499, '', false, 'unknown', 'failed', 'server_error'],
  [500, '', false, 'unknown', 'failed', 'server_error'],
  [500, 'sold_out', false, 'unknown', 'failed', 'server_error'],
  [501, '', false, 'failed', 'failed', 'rejected'],
  [502, '', false, 'unknown', 'failed', 'server_error'],
  [504, '', false, 'unknown', 'failed', 'server_error'],
  [505, '', false, 'failed', 'failed', 'rejected'],
  [520, '', false, 'unknown', 'failed', 'server_error'],
  [600, '', false, 'unknown', 'failed', 'bad_answer'],
  [999, '', false, 'unknown', 'failed', 'bad_answer'],
];

describe('the outcome of a complete answer that is no 2xx', () => {
  for (const [status, code, shed, onWrite, onRead, reason] of ROWS) {
    const name = `${status}${code === '' ? '' : ` ${code}`}${shed ? ' with the shed marker' : ''}`;
    it(`${name} is ${onWrite} on a write and ${onRead} on a read: ${reason}`, () => {
      expect(rulingOfRefusal(status, code, shed)).toEqual({ onWrite, onRead, reason });
    });
  }

  it('has a row in this test for every entry of the table', () => {
    const tested = new Set(ROWS.map(([status, code, shed]) => `${status} ${code} ${shed}`));
    const entries = [
      ...Object.entries(BY_CODE).flatMap(([status, codes]) =>
        Object.keys(codes).map((code) => `${status} ${code} false`),
      ),
      ...Object.keys(BY_SHED).map((status) => `${status}  true`),
      ...Object.keys(BY_STATUS).map((status) => `${status}  false`),
    ];
    expect(entries.filter((entry) => !tested.has(entry))).toEqual([]);
  });

  it('never calls a read unknown: a read has no effect', () => {
    for (let status = 100; status < 1000; status++) {
      expect(rulingOfRefusal(status, '', false).onRead).not.toBe('unknown');
    }
  });
});

describe('the outcome of an exchange without a complete answer', () => {
  const rows: readonly (readonly [TransportFailure, boolean, Ruling])[] = [
    ['timeout', true, { onWrite: 'unknown', onRead: 'failed', reason: 'timeout' }],
    ['connection_lost', true, { onWrite: 'unknown', onRead: 'failed', reason: 'connection_lost' }],
    ['bad_answer', true, { onWrite: 'unknown', onRead: 'failed', reason: 'bad_answer' }],
    [
      'answer_too_large',
      true,
      { onWrite: 'unknown', onRead: 'failed', reason: 'answer_too_large' },
    ],
    ['cut_off', true, { onWrite: 'unknown', onRead: 'unknown', reason: 'cut_off' }],
    ['timeout', false, { onWrite: 'failed', onRead: 'failed', reason: 'timeout' }],
    ['connection_lost', false, { onWrite: 'failed', onRead: 'failed', reason: 'connect_failed' }],
    ['cut_off', false, { onWrite: 'failed', onRead: 'failed', reason: 'cut_off' }],
  ];
  for (const [failure, sent, ruling] of rows) {
    it(`${failure} ${sent ? 'after' : 'before'} the first byte is ${ruling.onWrite} on a write`, () => {
      expect(rulingOfTransport(failure, sent)).toEqual(ruling);
    });
  }
});

describe('applying a ruling', () => {
  it('takes the side of the operation', () => {
    const ruling = rulingOfTransport('timeout', true);
    for (const operation of OPERATION_NAMES) {
      const call = { ...createCall(), operation };
      applyRuling(call, ruling);
      const isRead = traitsOf(operation).effect === 'read';
      expect([operation, call.outcome]).toEqual([operation, isRead ? 'failed' : 'unknown']);
      expect(call.reason).toBe('timeout');
    }
  });
});
