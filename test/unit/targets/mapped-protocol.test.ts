import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Call, createCall } from '../../../src/contract/call.ts';
import type { OperationName } from '../../../src/contract/operation.ts';
import type { OperationMapping, TargetMapping } from '../../../src/contract/target-mapping.ts';
import { HttpAnswer } from '../../../src/targets/http/http-answer.ts';
import type { HttpRequest, Protocol } from '../../../src/targets/http/protocol.ts';
import { createMappedProtocol } from '../../../src/targets/mapping/mapped-protocol.ts';
import { request, sampleMapping, step } from '../../support/sample-mapping.ts';

const SKUS = ['sku-0', 'a/b?c#"é', '.'];

function protocolOf(more: Partial<TargetMapping>): Protocol {
  return createMappedProtocol(sampleMapping(more), SKUS);
}

/** One operation, and another that extracts the session value `v`. */
function withOperation(one: OperationMapping, more: Partial<TargetMapping> = {}): Protocol {
  const operations = { viewProduct: one, home: step('GET /', { extract: { v: '$.v' } }) };
  return protocolOf({ operations, ...more });
}

function encode(protocol: Protocol, fields: Partial<Call> = {}): HttpRequest | undefined {
  const encoded: HttpRequest = { method: 'GET', path: '', headers: [], body: null };
  const call: Call = { ...createCall(), operation: 'viewProduct', item: 0, ...fields };
  if (!protocol.encode(call, encoded)) return undefined;
  return { ...encoded, headers: [...encoded.headers] };
}

function headersOf(encoded: HttpRequest | undefined): Record<string, string> {
  const { headers = [] } = encoded ?? {};
  const pairs: [string, string][] = [];
  for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i] ?? '', headers[i + 1] ?? '']);
  return Object.fromEntries(pairs);
}

interface Given {
  readonly status?: number;
  readonly type?: string;
  readonly operation?: OperationName;
  readonly values?: string[] | null;
}

function decode(protocol: Protocol, body: unknown, given: Given = {}): Call {
  const { status = 200, type = 'application/json', operation = 'viewProduct' } = given;
  const answer = new HttpAnswer();
  answer.readHeaders(status, [Buffer.from('content-type'), Buffer.from(type)]);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  if (text !== '') answer.add(Buffer.from(text));
  const call = { ...createCall(), operation, item: 0, values: given.values ?? null };
  protocol.decode(call, answer);
  return call;
}

const said = ({ outcome, reason }: Call): string => `${outcome} ${reason}`;
/** A value that `home` has been answered with. */
const carried = (protocol: Protocol, v: unknown): string[] | null =>
  decode(protocol, { v }, { operation: 'home' }).values;

describe('a mapped request', () => {
  it('is the method, the path behind that of the base URL, all headers and the body', () => {
    const one = step('PUT /p/{sku}?c={customer}', {
      request: request('PUT /p/{sku}?c={customer}', {
        headers: { 'X-Key': 'k {quantity}', Accept: 'text/plain' },
        body: { a: [1, true, null, 'x {sku}'], 'odd "name"': { n: '{quantity}', s: '{sku}' } },
      }),
    });
    const more = { baseUrl: 'http://127.0.0.1:1/api/v2/', headers: { 'x-all': 'all' } };
    const encoded = encode(withOperation(one, more), { item: 1, quantity: 3, customer: 7 });
    expect(`${encoded?.method} ${encoded?.path}`).toBe('PUT /api/v2/p/a%2Fb%3Fc%23%22%C3%A9?c=7');
    expect(headersOf(encoded)).toEqual({
      'user-agent': expect.stringMatching(/^ecomsim\/\d/) as unknown,
      accept: 'text/plain',
      'x-all': 'all',
      'x-key': 'k 3',
      'content-type': 'application/json',
    });
    expect(JSON.parse(encoded?.body ?? '')).toEqual({
      a: [1, true, null, 'x a/b?c#"é'],
      'odd "name"': { n: 3, s: 'a/b?c#"é' },
    });
  });

  it.each([
    ['5', 5],
    ['text', 'text'],
    ['5 as text', '5'],
    ['yes', true],
    ['a fraction', 1.5],
  ])('gives a value back with the type it came with: %s', (_name, v) => {
    const one = step('POST /', { request: request('POST /', { body: ['{v}', 'a{v}'] }) });
    const protocol = withOperation(one);
    const { body } = encode(protocol, { values: carried(protocol, v) }) ?? {};
    expect(JSON.parse(body ?? '')).toEqual([v, `a${v}`]);
  });

  it('gives an id back as the number that it came as, and only then', () => {
    const protocol = protocolOf({
      operations: {
        checkout: step('POST /c', { extract: { checkoutId: '$.id' } }),
        order: step('POST /o', { request: request('POST /o', { body: '{checkoutId}' }) }),
      },
    });
    const bodyFor = (id: unknown): unknown => {
      const { values, gotCheckoutId } = decode(protocol, { id }, { operation: 'checkout' });
      const fields = { operation: 'order', values, checkoutId: gotCheckoutId } as const;
      return JSON.parse(encode(protocol, fields)?.body ?? '');
    };
    expect([bodyFor(17), bodyFor('17'), bodyFor('a b')]).toEqual([17, '17', 'a b']);
  });

  it('takes user data by customer, beginning again after the last row', () => {
    const one = step('GET /{user.name}');
    const users = {
      columns: ['id', 'name'],
      rows: [
        ['1', 'ann'],
        ['2', 'b b'],
      ],
    };
    const protocol = withOperation(one, { users });
    const paths = [0, 1, 2, 3].map((customer) => encode(protocol, { customer })?.path);
    expect(paths).toEqual(['/ann', '/b%20b', '/ann', '/b%20b']);
  });

  it('takes what the set-up gave from the shared values', () => {
    const more = {
      setup: [step('POST /s', { extract: { key: '$.k' } })],
      shared: { apiKey: 'x y' },
    };
    expect(encode(withOperation(step('GET /{apiKey}'), more))?.path).toBe('/x%20y');
  });

  it('is not sent without a value that it needs', () => {
    const missing: readonly [string, Partial<Call>][] = [
      ['GET /{v}', {}],
      ['GET /{v}', { values: [''] }],
      ['GET /{key}', {}],
      ['GET /{checkoutId}', {}],
      ['GET /{orderId}', {}],
    ];
    for (const [line, fields] of missing) {
      expect([line, encode(withOperation(step(line)), fields)]).toEqual([line, undefined]);
    }
    expect(encode(withOperation(step('GET /')), { operation: 'order' })).toBeUndefined();
    expect(encode(withOperation(step('GET /')), { operation: 'login' })).toBeUndefined();
  });

  it.each(['.', '..', '', 'a\ud800'])('has no segment of its path be %j', (name) => {
    const users = { columns: ['name'], rows: [[name]] };
    expect(encode(withOperation(step('GET /{user.name}/x'), { users }))).toBeUndefined();
  });

  it.each(['a\r\nx: y', 'a\nb', 'a\0', 'ł'])('has no header be %j', (name) => {
    const users = { columns: ['name'], rows: [[name]] };
    const one = step('GET /', { request: request('GET /', { headers: { a: 'x {user.name}' } }) });
    expect(encode(withOperation(one, { users }))).toBeUndefined();
    const good = { columns: ['name'], rows: [['fine']] };
    expect(headersOf(encode(withOperation(one, { users: good })))['a']).toBe('x fine');
  });

  it('puts any text into a path, a query or a body so that it comes out as it was', () => {
    const one = step('POST /{user.a}/x?q={user.a}&r=1', {
      request: request('POST /{user.a}/x?q={user.a}&r=1', {
        body: { whole: '{user.a}', part: '"{user.a}\\' },
      }),
    });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        fc.pre(text !== '.' && text !== '..');
        const users = { columns: ['a'], rows: [[text]] };
        const encoded = encode(withOperation(one, { users }));
        const url = new URL(encoded?.path ?? '', 'http://host');
        const [, segment, rest] = url.pathname.split('/');
        expect([decodeURIComponent(segment ?? ''), rest]).toEqual([text, 'x']);
        const { searchParams } = new URL(encoded?.path.replaceAll('+', '%2B') ?? '', 'http://host');
        expect([searchParams.get('q'), searchParams.get('r')]).toEqual([text, '1']);
        expect(JSON.parse(encoded?.body ?? '')).toEqual({ whole: text, part: `"${text}\\` });
        expect(encoded?.path).toMatch(/^[\x21-\x7e]*$/);
      }),
      { numRuns: 500 },
    );
  });

  it('sends a probe as the order that it repeats, and the changed one with another payment', () => {
    const order = step('POST /o', {
      request: request('POST /o', { headers: { k: '{key}' }, body: '{paymentToken}' }),
    });
    const protocol = protocolOf({ operations: { order } });
    const sent = (['order', 'orderDuplicate', 'orderReplay', 'orderChanged'] as const).map(
      (operation) => encode(protocol, { operation, key: 'k-1', customer: 4 })?.body,
    );
    expect(sent).toEqual(['"tok_c4"', '"tok_c4"', '"tok_c4"', '"tok_other4"']);
  });

  it('buys directly where the mapping says how', () => {
    const checkout = step('POST /cart', { direct: request('POST /now', { body: '{sku}' }) });
    const protocol = protocolOf({ operations: { checkout } });
    const paths = [false, true].map(
      (direct) => encode(protocol, { operation: 'checkout', direct })?.path,
    );
    expect(paths).toEqual(['/cart', '/now']);
  });
});

describe('a mapped answer', () => {
  const ORDER = {
    orderId: '$.o.id',
    units: '$.o.lines[*].n',
    totalMinor: '$.o.total',
    status: '$.o.state',
    expiresInMs: '$.o.ttl',
  };
  const GOOD = { id: 'x y é', lines: [{ n: 1 }, { n: 2 }], total: 30, state: 'PAID', ttl: 250 };
  const ledger: TargetMapping['ledger'] = {
    orders: {
      request: request('GET /'),
      items: '$',
      columns: {},
      confirmed: ['PAID', '7'],
      cancelled: ['Gone'],
    },
  };
  const orders = (more: Partial<OperationMapping> = {}): Protocol =>
    protocolOf({ operations: { order: step('POST /o', { extract: ORDER, ...more }) }, ledger });
  const asOrder = (o: unknown): Call => decode(orders(), { o }, { operation: 'order' });

  it('fills the call with what has a meaning', () => {
    expect(asOrder(GOOD)).toMatchObject({
      outcome: 'ok',
      reason: 'none',
      gotOrderId: 'x y é',
      gotUnits: 3,
      gotTotalMinor: 30,
      gotOrderStatus: 'confirmed',
      gotExpiresAtUs: 250_000,
      values: null,
    });
  });

  it('takes the number of a hold, and no text or fraction for one', () => {
    const checkout = step('POST /c', { extract: { ticket: '$.n' } });
    const ticketOf = (n: unknown): number =>
      decode(protocolOf({ operations: { checkout } }), { n }, { operation: 'checkout' }).gotTicket;
    expect([17, 0, '17', 1.5, -1, null].map(ticketOf)).toEqual([17, 0, -1, -1, -1, -1]);
  });

  it.each([
    ['PAID', 'confirmed'],
    [7, 'confirmed'],
    ['Gone', 'cancelled'],
    ['IN-PROGRESS now', 'in_progress_now'],
    ['pending', 'pending'],
  ])('translates the status %j', (state, ours) => {
    expect(asOrder({ ...GOOD, state }).gotOrderStatus).toBe(ours);
  });

  it.each([
    ['no order', undefined],
    ['no id', { ...GOOD, id: undefined }],
    ['an empty id', { ...GOOD, id: '' }],
    ['an id with a control character', { ...GOOD, id: 'a\u0007' }],
    ['an id with half a character', { ...GOOD, id: 'a\ud800' }],
    ['a long id', { ...GOOD, id: 'x'.repeat(201) }],
    ['an id that is no whole number', { ...GOOD, id: 1.5 }],
    ['an id that is a list', { ...GOOD, id: ['a'] }],
    ['no lines', { ...GOOD, lines: 5 }],
    ['a line without number', { ...GOOD, lines: [{ n: 1 }, {}] }],
    ['a negative number', { ...GOOD, lines: [{ n: -1 }] }],
    ['too many lines', { ...GOOD, lines: Array(1001).fill({ n: 1 }) }],
    ['an amount that is no whole number', { ...GOOD, total: 1.5 }],
    ['an amount as text', { ...GOOD, total: '30' }],
    ['no status', { ...GOOD, state: '' }],
    ['a status of signs', { ...GOOD, state: '<script>' }],
    ['a time that is none', { ...GOOD, ttl: -1 }],
  ])('is bad with %s, and nothing of it is kept', (_name, o) => {
    expect(asOrder(o)).toMatchObject({
      outcome: 'unknown',
      reason: 'bad_answer',
      gotOrderId: '',
      gotUnits: -1,
      gotTotalMinor: -1,
      gotOrderStatus: '',
      gotExpiresAtUs: -1,
    });
  });

  it('gives values to the session, all of them or none', () => {
    const extract = { a: '$.a', b: '$.b' };
    const protocol = protocolOf({ operations: { home: step('GET /', { extract }) } });
    const home = { operation: 'home' } as const;
    expect(decode(protocol, { a: 'x', b: 5 }, home).values).toEqual(['x', '\u00005']);
    for (const b of [undefined, null, '', {}, [], 'a\nb', 'x'.repeat(4097)]) {
      const call = decode(protocol, { a: 'new', b }, { ...home, values: ['old', 'old'] });
      expect([said(call), call.values]).toEqual(['failed bad_answer', ['old', 'old']]);
    }
  });

  const RULES: OperationMapping['outcomes'] = [
    {
      statuses: [409, 410],
      fields: [{ path: '$.code', equals: 'GONE' }],
      is: 'refused',
      reason: 'sold_out',
    },
    { fields: [{ path: '$.error' }], is: 'failed', reason: 'rejected' },
    { fields: [{ path: '$.maybe', equals: null }], is: 'unknown', reason: 'server_error' },
    { statuses: [404], fields: [], is: 'ok', reason: 'none' },
  ];
  it.each([
    [{ o: GOOD }, 200, 'ok none'],
    [{ code: 'GONE' }, 409, 'refused sold_out'],
    [{ code: 'GONE' }, 410, 'refused sold_out'],
    [{ code: 'GONE', o: GOOD }, 200, 'ok none'],
    [{ error: 0 }, 200, 'failed rejected'],
    [{ error: null, o: GOOD }, 200, 'ok none'],
    [{ maybe: null }, 500, 'unknown server_error'],
    [{ o: GOOD }, 404, 'ok none'],
    [{}, 404, 'unknown bad_answer'],
    [{ code: 'sold_out' }, 409, 'refused sold_out'],
    [{ code: 'other' }, 409, 'unknown bad_answer'],
    ['<html>', 503, 'unknown server_error'],
  ])('is judged by its rules first: %j with %i', (body, status, outcome) => {
    const call = decode(orders({ outcomes: RULES }), body, { status, operation: 'order' });
    expect(said(call)).toBe(outcome);
  });

  it('of a read is never unknown', () => {
    const outcomes = [{ fields: [], is: 'unknown', reason: 'server_error' }] as const;
    expect(said(decode(withOperation(step('GET /', { outcomes })), {}))).toBe(
      'failed server_error',
    );
  });

  it('tells the stock, whatever it is made of', () => {
    const viewStock = step('GET /s', {
      extract: { stock: '$.places[*].n' },
      outcomes: [
        { fields: [{ path: '$.state', equals: 'soon' }], is: 'ok', reason: 'sale_upcoming' },
      ],
    });
    const protocol = protocolOf({ operations: { viewStock } });
    const ask = (body: unknown): [string, number] => {
      const call = decode(protocol, body, { operation: 'viewStock' });
      return [said(call), call.gotStock];
    };
    expect(ask({ places: [{ n: 2 }, { n: 3 }] })).toEqual(['ok in_stock', 5]);
    expect(ask({ places: [] })).toEqual(['ok out_of_stock', 0]);
    expect(ask({ places: [{ n: -2 }] })).toEqual(['ok out_of_stock', -2]);
    expect(ask({ places: [{ n: 1 }], state: 'soon' })).toEqual(['ok sale_upcoming', 1]);
    expect(ask({ places: 1 })).toEqual(['failed bad_answer', -1]);
  });

  it.each<[OperationMapping['answer'], unknown, number, string, string]>([
    ['json', {}, 200, 'application/json', 'ok none'],
    ['json', [], 200, 'application/vnd.api+json; charset=utf-8', 'ok none'],
    ['json', '', 204, 'text/html', 'ok none'],
    ['json', '<html>', 200, 'text/html', 'failed bad_answer'],
    ['json', '{"a":', 200, 'application/json', 'failed bad_answer'],
    ['object', [], 200, 'application/json', 'failed bad_answer'],
    ['object', '', 204, 'application/json', 'failed bad_answer'],
    ['any', '<html>', 200, 'text/html', 'ok none'],
  ])('that should be %s: %j with %i %s is %s', (answer, body, status, type, outcome) => {
    const protocol = withOperation(step('GET /', answer === undefined ? {} : { answer }));
    expect(said(decode(protocol, body, { status, type }))).toBe(outcome);
  });

  it('of GraphQL is never ok with errors', () => {
    const graphql = (operation: OperationName): Protocol =>
      protocolOf({
        operations: {
          [operation]: step('POST /graphql', {
            request: request('POST /graphql', { body: { query: 'mutation M { a { id } }' } }),
            outcomes: [
              {
                fields: [{ path: '$.errors[0].extensions.code', equals: 'SOLD' }],
                is: 'refused',
                reason: 'sold_out',
              },
            ],
          }),
        },
      });
    const ask = (operation: OperationName, body: unknown): string =>
      said(decode(graphql(operation), body, { operation }));
    expect(ask('order', { data: { a: { id: 1 } } })).toBe('ok none');
    expect(ask('order', { data: {}, errors: [] })).toBe('ok none');
    expect(ask('order', { errors: [{ message: 'no' }], data: null })).toBe('unknown rejected');
    expect(ask('home', { errors: [{ message: 'no' }] })).toBe('failed rejected');
    expect(ask('order', { errors: [{ extensions: { code: 'SOLD' } }] })).toBe('refused sold_out');
  });

  it('may be anything at all without throwing or giving a control character away', () => {
    const protocol = orders({ extract: { ...ORDER, v: '$.v' }, outcomes: RULES });
    const bodies = fc.oneof(
      fc.json(),
      fc.string(),
      fc.jsonValue().map((o) => JSON.stringify({ o })),
    );
    fc.assert(
      fc.property(bodies, fc.integer({ min: 200, max: 599 }), (body, status) => {
        const call = decode(protocol, body, { status, operation: 'order' });
        expect(['ok', 'refused', 'failed', 'unknown']).toContain(call.outcome);
        expect(call.gotOrderId).not.toMatch(/[\p{Cc}\p{Cs}]/u);
      }),
    );
  });
});

describe('a system that is not ours', () => {
  it('is first asked by a read that needs no session, if it has one', () => {
    const operations = {
      home: step('GET /web', { answer: 'any' }),
      viewProduct: step('GET /p/{sku}', {
        request: request('GET /p/{sku}', { headers: { 'x-key': 'k' } }),
      }),
    } as const;
    const protocol = protocolOf({ operations });
    expect(protocol.warmupPath).toBe('/p/sku-0');
    expect(protocol.warmupHeaders).toContain('x-key');
    const needsSession = {
      ...sampleMapping(),
      session: [step('GET /', { extract: { v: '$.v' } })],
    };
    const home = { home: step('GET /{v}') };
    expect(protocolOf({ ...needsSession, operations: home }).warmupPath).toBe('');
  });
});
