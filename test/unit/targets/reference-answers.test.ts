import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Call, createCall } from '../../../src/contract/call.ts';
import { OPERATION_NAMES, type OperationName, traitsOf } from '../../../src/contract/operation.ts';
import { HttpAnswer } from '../../../src/targets/http/http-answer.ts';
import { createMappedProtocol } from '../../../src/targets/mapping/mapped-protocol.ts';
import { decodeNullAnswer } from '../../../src/targets/null/answers.ts';
import { referenceMapping } from '../../../src/targets/reference/mapping.ts';

const PROTOCOL = createMappedProtocol(
  referenceMapping({
    ...{ origin: 'http://127.0.0.1:1', skus: [], tokens: [], paymentTokens: [] },
    waitingRoom: true,
  }),
  [],
);

interface Given {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

function answerWith(body: unknown, { status = 200, headers = {} }: Given = {}): HttpAnswer {
  const answer = new HttpAnswer();
  const all = { 'content-type': 'application/json', ...headers };
  answer.readHeaders(
    status,
    Object.entries(all).flatMap((pair) => pair.map((part) => Buffer.from(part))),
  );
  answer.add(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
  return answer;
}

function decode(operation: OperationName, body: unknown, given: Given = {}): Call {
  const call = { ...createCall(), operation };
  PROTOCOL.decode(call, answerWith(body, given));
  return call;
}

const said = (call: Call): string => `${call.outcome} ${call.reason}`;

const LINES = [
  { sku: 'sku-0', quantity: 2, priceMinor: 500 },
  { sku: 'sku-1', quantity: 1, priceMinor: 250 },
];
const ORDER = { id: 'o-1', key: 'k', status: 'confirmed', lines: LINES, totalMinor: 1250 };
const CHECKOUT = { id: 'co-1', expiresAtUs: 5_000_000.25, lines: LINES, totalMinor: 1250 };

describe('the stock of a product', () => {
  it.each([
    [{ available: 5, sale: 'open' }, 'ok in_stock', 5],
    [{ available: 5, sale: 'none' }, 'ok in_stock', 5],
    [{ available: 5, sale: 'closed' }, 'ok in_stock', 5],
    [{ available: 0, sale: 'open' }, 'ok out_of_stock', 0],
    [{ available: 9, sale: 'upcoming' }, 'ok sale_upcoming', 9],
    [{ available: 0, sale: 'upcoming' }, 'ok sale_upcoming', 0],
    [{ available: -3, sale: 'open' }, 'ok out_of_stock', -3],
    [{ available: 1.5, sale: 'open' }, 'failed bad_answer', -1],
    [{ available: '5', sale: 'open' }, 'failed bad_answer', -1],
    [{ available: 5, sale: 'soon' }, 'failed bad_answer', -1],
    [{ available: 5 }, 'failed bad_answer', -1],
    [{ sale: 'open' }, 'failed bad_answer', -1],
    [[], 'failed bad_answer', -1],
    [null, 'failed bad_answer', -1],
  ])('%j is %s', (body, outcome, stock) => {
    const call = decode('viewStock', body);
    expect([said(call), call.gotStock]).toEqual([outcome, stock]);
  });
});

describe('an accepted checkout', () => {
  it('tells id, units, total and expiry', () => {
    expect(decode('checkout', CHECKOUT, { status: 201 })).toMatchObject({
      outcome: 'ok',
      reason: 'none',
      gotCheckoutId: 'co-1',
      gotUnits: 3,
      gotTotalMinor: 1250,
      gotExpiresAtUs: 5_000_000,
    });
  });

  it.each([
    ['an id that is unsafe', { ...CHECKOUT, id: 'a\r\nb' }],
    ['an id that is a number', { ...CHECKOUT, id: 7 }],
    ['no lines', { ...CHECKOUT, lines: undefined }],
    ['a line without quantity', { ...CHECKOUT, lines: [{ sku: 'a' }] }],
    ['a negative quantity', { ...CHECKOUT, lines: [{ quantity: -1 }] }],
    ['a line that is null', { ...CHECKOUT, lines: [null] }],
    ['a thousand and one lines', { ...CHECKOUT, lines: Array(1001).fill(LINES[0]) }],
    ['units beyond counting', { ...CHECKOUT, lines: Array(9).fill({ quantity: 2 ** 53 - 1 }) }],
    ['a broken total', { ...CHECKOUT, totalMinor: 12.5 }],
    ['a negative total', { ...CHECKOUT, totalMinor: -1 }],
    ['a total as text', { ...CHECKOUT, totalMinor: '1250' }],
    ['no expiry', { ...CHECKOUT, expiresAtUs: undefined }],
    ['an expiry as text', { ...CHECKOUT, expiresAtUs: 'soon' }],
  ])('is unknown with %s, and nothing of it is kept', (_name, body) => {
    const call = decode('checkout', body, { status: 201 });
    expect(said(call)).toBe('unknown bad_answer');
    expect([call.gotCheckoutId, call.gotUnits, call.gotTotalMinor]).toEqual(['', -1, -1]);
  });
});

describe('an order', () => {
  const operations = ['order', 'orderDuplicate', 'orderReplay', 'orderStatus'] as const;
  it.each(operations)('is read the same by %s', (operation) => {
    expect(decode(operation, ORDER)).toMatchObject({
      outcome: 'ok',
      reason: 'none',
      gotOrderId: 'o-1',
      gotOrderStatus: 'confirmed',
      gotUnits: 3,
      gotTotalMinor: 1250,
      gotReplayed: false,
    });
  });

  it('is accepted when its outcome comes later', () => {
    const call = decode('order', { ...ORDER, status: 'payment_unknown' }, { status: 202 });
    expect([said(call), call.gotOrderStatus]).toEqual(['ok accepted', 'payment_unknown']);
  });

  it('tells that its answer is a replay, of a success or of a refusal', () => {
    const headers = { 'idempotent-replayed': 'true' };
    expect(decode('orderReplay', ORDER, { status: 201, headers }).gotReplayed).toBe(true);
    const declined = decode('order', { code: 'payment_declined' }, { status: 402, headers });
    expect([said(declined), declined.gotReplayed]).toEqual(['refused payment_declined', true]);
  });

  it.each(['CONFIRMED', '', 'a b', 'x'.repeat(41), 5, null])('has no status %j', (status) => {
    expect(said(decode('order', { ...ORDER, status }))).toBe('unknown bad_answer');
  });
});

describe('a tombstone', () => {
  it('is put', () => {
    const call = decode('tombstoneKey', { status: 'tombstoned' });
    expect([said(call), call.gotOrderStatus]).toEqual(['ok none', 'tombstoned']);
  });

  it('comes too late with the order that has the key', () => {
    const call = decode('tombstoneKey', { code: 'key_used', order: ORDER }, { status: 409 });
    expect([said(call), call.gotOrderId, call.gotUnits]).toEqual(['refused key_reused', 'o-1', 3]);
  });

  it('is not believed without its status', () => {
    expect(said(decode('tombstoneKey', {}))).toBe('unknown bad_answer');
  });
});

describe('pages of which nothing is read', () => {
  const operations = ['home', 'search', 'viewProduct', 'addToCart'] as const;
  it.each(operations)('%s needs a JSON object and no more', (operation) => {
    expect(said(decode(operation, {}))).toBe('ok none');
    const bad = traitsOf(operation).effect === 'read' ? 'failed' : 'unknown';
    expect(said(decode(operation, '[1]'))).toBe(`${bad} bad_answer`);
    expect(said(decode(operation, '<html>'))).toBe(`${bad} bad_answer`);
  });
});

describe('refusals', () => {
  it('take their reason from the problem document', () => {
    const headers = { 'content-type': 'application/problem+json' };
    const call = decode('checkout', { code: 'sold_out' }, { status: 409, headers });
    expect(said(call)).toBe('refused sold_out');
  });

  it.each([['<html>'], ['[]'], ['{"code":7}'], ['{"code":"other"}'], ['null']])(
    'without a known code are no refusals: %s',
    (body) => {
      expect(said(decode('checkout', body, { status: 409 }))).toBe('unknown bad_answer');
    },
  );

  it('count as shed only with the marker', () => {
    const headers = { 'x-shed': 'before-dispatch' };
    expect(said(decode('order', {}, { status: 503, headers }))).toBe('refused shed');
    expect(said(decode('order', {}, { status: 429, headers }))).toBe('refused rate_limited');
    expect(said(decode('order', {}, { status: 503 }))).toBe('unknown server_error');
    expect(said(decode('home', {}, { status: 503 }))).toBe('failed server_error');
  });
});

describe('whatever a target answers', () => {
  const statuses = fc.oneof(
    fc.constantFrom(200, 201, 202, 402, 404, 409, 410, 422, 429, 503),
    fc.integer({ min: 200, max: 999 }),
  );
  const words = fc.constantFrom('id', 'status', 'lines', 'code', 'available', 'sale', '__proto__');
  const bodies = fc.oneof(
    fc.json(),
    fc.string(),
    fc.dictionary(words, fc.jsonValue()).map((value) => JSON.stringify(value)),
  );

  it('decoding never throws, always rules, and lets no unsafe id through', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...OPERATION_NAMES.filter((name) => name !== 'login')),
        statuses,
        bodies,
        (operation, status, body) => {
          const call = decode(operation, body, { status });
          if (traitsOf(operation).effect === 'read') expect(call.outcome).not.toBe('unknown');
          if (call.outcome === 'ok') expect(status).toBeLessThan(300);
          expect(`${call.gotOrderId}${call.gotCheckoutId}`).toMatch(/^[A-Za-z0-9_.:-]*$/);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not change what objects are made of', () => {
    decode('order', '{"__proto__":{"polluted":1},"id":"o"}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('the answers of the null target', () => {
  it('let every journey go on', () => {
    for (const operation of OPERATION_NAMES) {
      const call = { ...createCall(), operation };
      decodeNullAnswer(call, answerWith({ ok: true }));
      expect([operation, call.outcome]).toEqual([operation, 'ok']);
      expect([call.gotCheckoutId, call.gotOrderId, call.gotStock]).toEqual([
        'null-checkout',
        'null-order',
        1,
      ]);
    }
  });

  it('are still judged by status and body', () => {
    const call = { ...createCall(), operation: 'order' as const };
    decodeNullAnswer(call, answerWith({}, { status: 500 }));
    expect(said(call)).toBe('unknown server_error');
    decodeNullAnswer(call, answerWith('no json'));
    expect(said(call)).toBe('unknown bad_answer');
  });
});
