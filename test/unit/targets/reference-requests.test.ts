import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Call,
  CLIENT_DEFAULTS,
  type ClientSpec,
  createCall,
} from '../../../src/contract/call.ts';
import { OPERATION_NAMES, type OperationName } from '../../../src/contract/operation.ts';
import { shopProtocol } from '../../../src/targets/client-registry.ts';
import { HttpAnswer } from '../../../src/targets/http/http-answer.ts';
import type { HttpRequest } from '../../../src/targets/http/protocol.ts';
import { isSafeId, isSafeToken } from '../../../src/targets/safe-id.ts';

const SPEC: ClientSpec = {
  ...CLIENT_DEFAULTS,
  kind: 'reference',
  origin: 'http://127.0.0.1:1',
  skus: ['sku-0', 'a/b?c#"'],
  tokens: ['token-0', 'token-1'],
  maxConnections: 1,
  timeoutMs: 1000,
};

const PROTOCOL = shopProtocol(SPEC);

function requestOf(operation: OperationName, fields: Partial<Call> = {}): HttpRequest | undefined {
  const request: HttpRequest = { method: 'GET', path: '', headers: [], body: null };
  const call = { ...createCall(), operation, item: 0, key: 'k-1', ...fields };
  const sendable = PROTOCOL.encode(
    { ...call, checkoutId: fields.checkoutId ?? 'co-1', orderId: fields.orderId ?? 'o-1' },
    request,
  );
  return sendable ? request : undefined;
}

function headerOf(request: HttpRequest | undefined, name: string): string | undefined {
  const at = request?.headers.indexOf(name) ?? -1;
  return at < 0 ? undefined : request?.headers[at + 1];
}

const ORDER_BODY = '{"checkoutId":"co-1","paymentToken":"tok_c0"}';

/** Operation, request line, body, whether a token and whether an idempotency key is sent. */
const ROWS: readonly (readonly [OperationName, string, string | null, boolean, boolean])[] = [
  ['home', 'GET /api/home', null, false, false],
  ['search', 'GET /api/search?q=chair&limit=20', null, false, false],
  ['viewProduct', 'GET /api/products/sku-0', null, false, false],
  ['viewStock', 'GET /api/inventory/sku-0', null, false, false],
  ['viewCart', 'GET /api/cart', null, true, false],
  ['addToCart', 'POST /api/cart/items', '{"sku":"sku-0","quantity":1}', true, false],
  ['checkout', 'POST /api/checkouts', '{}', true, false],
  ['order', 'POST /api/orders', ORDER_BODY, true, true],
  ['orderStatus', 'GET /api/orders/by-key/k-1', null, true, false],
  ['cancelOrder', 'POST /api/orders/o-1/cancel', null, true, false],
  ['orderDuplicate', 'POST /api/orders', ORDER_BODY, true, true],
  ['orderReplay', 'POST /api/orders', ORDER_BODY, true, true],
  [
    'orderChanged',
    'POST /api/orders',
    '{"checkoutId":"co-1","paymentToken":"tok_other0"}',
    true,
    true,
  ],
  ['tombstoneKey', 'PUT /api/orders/by-key/k-1/tombstone', null, true, false],
];

describe('the requests of the reference shop', () => {
  for (const [operation, line, body, hasToken, hasKey] of ROWS) {
    it(`${operation} is ${line}`, () => {
      const request = requestOf(operation);
      expect(`${request?.method} ${request?.path}`).toBe(line);
      expect(request?.body).toBe(body);
      expect(headerOf(request, 'authorization')).toBe(hasToken ? 'Bearer token-0' : undefined);
      expect(headerOf(request, 'idempotency-key')).toBe(hasKey ? 'k-1' : undefined);
      expect(headerOf(request, 'content-type')).toBe(
        body === null ? undefined : 'application/json',
      );
      expect(headerOf(request, 'accept')).toBe('application/json');
      expect(headerOf(request, 'user-agent')).toMatch(/^ecomsim\/\d+\.\d+\.\d+/);
    });
  }

  it('cover every operation but the login, which this shop does not need', () => {
    const room = ['joinQueue', 'queueStatus'];
    expect([...ROWS.map(([operation]) => operation), 'login', ...room]).toEqual(OPERATION_NAMES);
    for (const operation of room) expect(requestOf(operation as OperationName)).toBeUndefined();
  });

  it('name the lines of a direct checkout', () => {
    const request = requestOf('checkout', { direct: true, item: 1, quantity: 3 });
    expect(JSON.parse(request?.body ?? '')).toEqual({ lines: [{ sku: 'a/b?c#"', quantity: 3 }] });
  });

  it('escape a SKU in a path', () => {
    expect(requestOf('viewProduct', { item: 1 })?.path).toBe('/api/products/a%2Fb%3Fc%23%22');
  });

  it('pay at once where a probe asks for it', () => {
    expect(requestOf('order', { instantPayment: true })?.body).toContain('"tok_instant"');
  });

  it('search for many different words, each escaped', () => {
    const paths = new Set<string>();
    for (let i = 0; i < 1000; i++)
      paths.add(requestOf('search', { variate: i / 1000 })?.path ?? '');
    expect(paths.size).toBeGreaterThan(20);
    for (const path of paths) expect(path).toMatch(/^\/api\/search\?q=[a-z%0-9]+&limit=20$/);
  });

  it('speak for the customer of the call', () => {
    const request = requestOf('order', { customer: 1 });
    expect(headerOf(request, 'authorization')).toBe('Bearer token-1');
    expect(request?.body).toContain('tok_c1');
  });

  it('pay with the token of the customer’s card, where there is one', () => {
    const paying = shopProtocol({ ...SPEC, paymentTokens: ['tok_pm_a'] });
    const bodyOf = (customer: number, fields: Partial<Call> = {}): string => {
      const request: HttpRequest = { method: 'GET', path: '', headers: [], body: null };
      const ids = { key: 'k-1', checkoutId: 'co-1', ...fields };
      paying.encode({ ...createCall(), operation: 'order', customer, ...ids }, request);
      return String(request.body);
    };
    expect(bodyOf(0)).toContain('"tok_pm_a"');
    expect(bodyOf(1)).toContain('"tok_c1"');
    expect(bodyOf(0, { instantPayment: true })).toContain('"tok_instant"');
  });

  it('are not made without the ids they need', () => {
    expect(requestOf('order', { key: '' })).toBeUndefined();
    expect(requestOf('order', { checkoutId: '' })).toBeUndefined();
    expect(requestOf('orderStatus', { key: '..' })).toBeUndefined();
    expect(requestOf('cancelOrder', { orderId: 'a/../b' })).toBeUndefined();
    expect(requestOf('tombstoneKey', { key: 'a b' })).toBeUndefined();
  });

  it('stop at a customer or item that the plan does not have: that is a bug of ours', () => {
    expect(() => requestOf('viewCart', { customer: 2 })).toThrow('no customer 2');
    expect(() => requestOf('viewProduct', { item: -1 })).toThrow('item');
  });

  it('never carry a line break or a NUL, whatever a target made us remember', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...OPERATION_NAMES),
        fc.string({ unit: 'binary', maxLength: 30 }),
        (operation, text) => {
          const request = requestOf(operation, { key: text, checkoutId: text, orderId: text });
          const all = `${request?.path}${request?.headers.join('')}${request?.body}`;
          expect(all).not.toMatch(/[\r\n\0]/);
        },
      ),
    );
  });
});

describe('an id from a target', () => {
  it.each(['a', 'o_1', 'o-1.2:3', 'x'.repeat(200)])('may be used again: %j', (id) => {
    expect(isSafeId(id)).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    'a/b',
    'a b',
    'a\r\n',
    'a\0',
    'a\n',
    'ä',
    '"><script>',
    '%2e%2e',
    'x'.repeat(201),
    7,
    null,
    undefined,
    ['a'],
  ])('may not be used again: %j', (id) => {
    expect(isSafeId(id)).toBe(false);
  });
});

describe('a token from a target', () => {
  it('may be what RFC 6750 allows and no longer than 4 KiB', () => {
    expect(isSafeToken('eyJ.a-b_c~d+e/f==')).toBe(true);
    for (const token of ['', 'a b', 'a\r\nx: y', 'a=b', 'x'.repeat(4097), 5]) {
      expect(isSafeToken(token)).toBe(false);
    }
  });
});

describe('where there is a waiting room', () => {
  const room = shopProtocol({ ...SPEC, waitingRoom: true });
  const sent = (call: Call): HttpRequest => {
    const request: HttpRequest = { method: 'GET', path: '', headers: [], body: null };
    expect(room.encode(call, request)).toBe(true);
    return { ...request, headers: [...request.headers] };
  };
  const answer = (call: Call, body: object, status = 200): Call => {
    const given = new HttpAnswer();
    given.readHeaders(status, [Buffer.from('content-type'), Buffer.from('application/json')]);
    given.add(Buffer.from(JSON.stringify(body)));
    room.decode(call, given);
    return call;
  };
  const asked = (operation: OperationName) => ({ ...createCall(), operation, item: 0 });

  it('a place is taken and looked at', () => {
    const join = sent(asked('joinQueue'));
    expect([join.method, join.path, join.body]).toEqual(['POST', '/api/admission', null]);
    expect(headerOf(join, 'authorization')).toBe('Bearer token-0');
    expect(headerOf(join, 'content-type')).toBeUndefined();
    const look = sent(asked('queueStatus'));
    expect([look.method, look.path]).toEqual(['GET', '/api/admission']);
  });

  it('a checkout carries the token that the session was given, and nothing before', () => {
    for (const direct of [false, true]) {
      const before = { ...asked('checkout'), direct };
      expect(headerOf(sent(before), 'x-admission-token')).toBe('');
      const waiting = answer(asked('joinQueue'), { status: 'waiting', position: 3 });
      expect(waiting).toMatchObject({ outcome: 'ok', reason: 'waiting' });
      expect(headerOf(sent({ ...before, values: waiting.values }), 'x-admission-token')).toBe('');
      const token = `a1.${'e'.repeat(90)}.${'m'.repeat(43)}`;
      const admitted = answer(asked('queueStatus'), { status: 'admitted', token });
      expect(admitted).toMatchObject({ outcome: 'ok', reason: 'none' });
      const after = { ...before, values: admitted.values };
      expect(headerOf(sent(after), 'x-admission-token')).toBe(token);
    }
  });

  it.each([
    ['admission_required', 'refused', 'admission_required'],
    ['admission_expired', 'refused', 'admission_required'],
    ['admission_used', 'refused', 'admission_required'],
    ['admission_invalid', 'failed', 'unauthorised'],
    ['admission_foreign', 'failed', 'unauthorised'],
  ])('the refusal %s means %s, %s', (code, outcome, reason) => {
    expect(answer(asked('checkout'), { code }, 403)).toMatchObject({ outcome, reason });
  });

  it('a place that is neither is no answer', () => {
    for (const body of [{}, { status: 'lost' }, { status: 'admitted' }, [], { status: null }]) {
      expect(answer(asked('queueStatus'), body)).toMatchObject({ reason: 'bad_answer' });
    }
  });
});
