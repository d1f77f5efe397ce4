import { describe, expect, it } from 'vitest';
import type { OperationName } from '../../../src/contract/operation.ts';
import { mappedOperations } from '../../../src/contract/target-mapping/mapped-operations.ts';
import { mappingProblems } from '../../../src/contract/target-mapping/mapping-problems.ts';
import { bracedNames, parseTemplate } from '../../../src/contract/target-mapping/template.ts';
import type { TargetMapping } from '../../../src/contract/target-mapping.ts';
import { request, sampleMapping, step } from '../../support/sample-mapping.ts';

function problemsOf(more: Partial<TargetMapping>, needed: readonly OperationName[] = []): string[] {
  return mappingProblems(sampleMapping(more), needed).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
}

const WHOLE: Partial<TargetMapping> = {
  setup: [step('POST /admin/login', { extract: { admin: '$.token' } }), step('POST /seed/{admin}')],
  users: { columns: ['name', 'pass word'], rows: [['a', 'b']] },
  session: [
    step('POST /login', {
      request: request('POST /login', { body: { u: '{user.name}', p: '{user.pass word}' } }),
      extract: { token: '$.token' },
    }),
    step('POST /carts/{token}', { extract: { cart: "$['id']" } }),
  ],
  operations: {
    viewProduct: step('GET /p/{sku}?c={customer}&q={searchWords}'),
    addToCart: step('POST /c/{cart}', {
      request: request('POST /c/{cart}', { body: { sku: '{sku}', n: '{quantity}' } }),
    }),
    checkout: step('POST /checkout', { extract: { checkoutId: '$.id', note: '$.note' } }),
    order: step('POST /orders', {
      request: request('POST /orders', {
        headers: { authorization: 'Bearer {token}', 'idempotency-key': '{key}' },
        body: { id: '{checkoutId}', pay: '{paymentToken}', note: '{note}', admin: '{admin}' },
      }),
      extract: { orderId: '$.id' },
      outcomes: [
        {
          statuses: [409],
          fields: [{ path: '$.code', equals: 'x' }],
          is: 'refused',
          reason: 'none',
        },
      ],
    }),
    cancelOrder: step('DELETE /orders/{orderId}'),
  },
  ledger: {
    stock: { request: request('GET /stock/{sku}'), units: '$.n' },
    orders: {
      request: request('GET /orders?after={cursor}', { headers: { authorization: '{admin}' } }),
      items: '$.items[*]',
      next: '$.next',
      columns: { id: '$.id' },
      confirmed: ['paid'],
      cancelled: [],
    },
  },
};

describe('a mapping', () => {
  it('without a mistake has no problems', () => {
    expect(problemsOf(WHOLE, ['order', 'orderDuplicate', 'checkout'])).toEqual([]);
  });

  it.each<[string, Partial<TargetMapping>, string]>([
    [
      'an unknown placeholder in a path',
      { operations: { home: step('GET /{skuu}') } },
      'operations.home.request: there is no value {skuu} (did you mean {sku}?)',
    ],
    [
      'an unknown placeholder in a header',
      {
        operations: {
          home: step('GET /', { request: request('GET /', { headers: { a: '{b}' } }) }),
        },
      },
      'operations.home.headers.a: there is no value {b}',
    ],
    [
      'a misspelt placeholder in the text of a body',
      {
        operations: {
          home: step('POST /', {
            request: request('POST /', { body: { a: ['x', 'no {quantty} of it'] } }),
          }),
        },
      },
      'operations.home.body.a.1: there is no value {quantty} (did you mean {quantity}?); {{quantty}} is the text itself',
    ],
    [
      'an unknown placeholder that is a whole string',
      { operations: { home: step('POST /', { request: request('POST /', { body: '{zzz}' }) }) } },
      'operations.home.body: there is no value {zzz}; {{zzz}} is the text itself',
    ],
    [
      'a column that the feed does not have',
      {
        users: { columns: ['email'], rows: [['a']] },
        session: [step('GET /{user.emial}')],
      },
      'session.0.request: there is no value {user.emial} (did you mean {user.email}?)',
    ],
    [
      'a value before its step',
      { session: [step('GET /{t}'), step('GET /', { extract: { t: '$.t' } })] },
      'session.0.request: {t} comes from step 2 of session, which is not before this',
    ],
    [
      'a value that only the operation itself extracts',
      { operations: { home: step('GET /{t}', { extract: { t: '$.t' } }) } },
      'operations.home.request: {t} comes from operation home, which is not before this',
    ],
    [
      'a value of a session in the set-up',
      { setup: [step('GET /{t}')], session: [step('GET /', { extract: { t: '$.t' } })] },
      'setup.0.request: {t} comes from step 1 of session, which is not before this',
    ],
    [
      'a value of a session in a header of every request',
      { headers: { a: '{t}' }, session: [step('GET /', { extract: { t: '$.t' } })] },
      'headers.a: {t} comes from step 1 of session, which is not before this',
    ],
    [
      'a checkout id that no checkout extracts',
      { operations: { order: step('POST /{checkoutId}'), checkout: step('POST /c') } },
      'operations.order.request: {checkoutId} is only known when checkout extracts it',
    ],
    [
      'an order id that nothing extracts',
      { operations: { cancelOrder: step('POST /{orderId}') } },
      'operations.cancelOrder.request: {orderId} is only known when order or orderStatus extracts it',
    ],
    [
      'a key before there is one',
      { operations: { checkout: step('POST /{key}') } },
      'operations.checkout.request: {key} is known in orders and what follows them, not here',
    ],
    [
      'an item in a step that has none',
      { session: [step('GET /{sku}')] },
      'session.0.request: {sku} is not known in session steps',
    ],
    [
      'a cursor outside a list',
      { operations: { home: step('GET /{cursor}') } },
      'operations.home.request: {cursor} is not known in operation home',
    ],
    [
      'a path that does not begin with a slash',
      { operations: { home: step('GET home') } },
      'operations.home.request: the path "home" must begin with "/"',
    ],
    [
      'a fragment in a path',
      { operations: { home: step('GET /#x') } },
      'operations.home.request: a path has no "#"; write %23',
    ],
    [
      'a body in a GET',
      { operations: { home: step('GET /', { request: request('GET /', { body: {} }) }) } },
      'operations.home.body: a GET has no body',
    ],
    [
      'a bad path in an extract',
      { operations: { home: step('GET /', { extract: { a: 'id' } }) } },
      'operations.home.extract.a: a path begins with "$", like $.order.id',
    ],
    [
      'a bad path in a rule',
      {
        operations: {
          home: step('GET /', {
            outcomes: [{ fields: [{ path: '$..a' }], is: 'failed', reason: 'none' }],
          }),
        },
      },
      `operations.home.outcomes.0.when.$..a: is not understood from "..a" on; a path is made of .name, ['any name'], [0] and [*]`,
    ],
    [
      'a name that is taken',
      { operations: { home: step('GET /', { extract: { sku: '$.a' } }) } },
      'operations.home.extract.sku: "sku" already means something else; take another name',
    ],
    [
      'a name that is none',
      { operations: { home: step('GET /', { extract: { 'a b': '$.a' } }) } },
      'operations.home.extract.a b: a name is a letter and up to 39 letters, digits, "-" or "_"',
    ],
    [
      'a header name that is none',
      { headers: { 'a b': 'x' } },
      'headers.a b: "a b" is no name of a header',
    ],
    [
      'a header of the client',
      { headers: { Host: 'x' } },
      'headers.Host: is set by the client itself',
    ],
    [
      'a wish for compression',
      { headers: { 'Accept-Encoding': 'gzip' } },
      'headers.Accept-Encoding: compressed answers are not read; leave it out',
    ],
    ['a header twice', { headers: { a: 'x', A: 'y' } }, 'headers.A: is there twice'],
    [
      'a line end in a header',
      { headers: { a: 'x\r\nb: y' } },
      'headers.a: has a character that no header may have',
    ],
    [
      'a bad ledger path',
      { ledger: { stock: { request: request('GET /{sku}'), units: '' } } },
      'ledger.stock.units: a path begins with "$", like $.order.id',
    ],
  ])('is told of %s', (_name, more, problem) => {
    expect(problemsOf(more)).toEqual([problem]);
  });

  it('is told of everything at once, and of operations that are neither mapped nor skipped', () => {
    const more = {
      headers: { host: 'x' },
      operations: { home: step('GET /{a}', { extract: { b: 'c' } }) },
      skip: ['viewCart'],
    } as const;
    expect(problemsOf(more, ['home', 'viewCart', 'order'])).toHaveLength(4);
    expect(problemsOf(more, ['order']).at(-1)).toBe(
      'operations: order is not mapped; map it, or list it under "skip"',
    );
  });

  it('may leave GraphQL in its bodies as it is', () => {
    const query = 'query P($s: ID!) { product(sku: $s){id name}cart{ sku }x{{sku}} }';
    const graphql = step('POST /graphql', {
      request: request('POST /graphql', { body: { query, variables: { s: '{sku}' } } }),
    });
    expect(problemsOf({ operations: { viewProduct: graphql } })).toEqual([]);
    const parts = parseTemplate(query, (name) => name === 'sku');
    expect(parts).toEqual([query.replace('{{sku}}', '{sku}')]);
  });

  it('has no more values of a session than it can carry', () => {
    const extract = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`v${i}`, '$.a']));
    expect(problemsOf({ operations: { home: step('GET /', { extract }) } })).toEqual([
      'operations: more than 32 different values are extracted',
    ]);
  });
});

describe('placeholders', () => {
  const known = (name: string): boolean => name === 'a' || name === 'user.first name';
  it.each([
    ['', []],
    ['x', ['x']],
    ['{a}', [{ name: 'a' }]],
    ['/{a}/{a}{a}', ['/', { name: 'a' }, '/', { name: 'a' }, { name: 'a' }]],
    ['{user.first name}!', [{ name: 'user.first name' }, '!']],
    ['{b}{ a }{"a":1}{}{1}', ['{b}{ a }{"a":1}{}{1}']],
    ['{{a}} {{b}} {{}}', ['{a} {b} {{}}']],
    ['{a', ['{a']],
    ['a}}{{', ['a}}{{']],
  ])('%s is cut where a known name is in braces', (text, parts) => {
    expect(parseTemplate(text, known)).toEqual(parts);
  });

  it('are looked for in time that grows with the text', () => {
    expect(bracedNames('{a'.repeat(100_000))).toEqual([]);
  });
});

describe('the probes of an order', () => {
  const orderWith = (headers: Record<string, string>, body: string): OperationName[] => {
    const order = step('POST /o', { request: request('POST /o', { headers, body }) });
    return Object.keys(
      mappedOperations(sampleMapping({ operations: { order } })),
    ) as OperationName[];
  };

  it('are sent only when the order carries its key, and changed only with its payment', () => {
    expect(orderWith({}, '{paymentToken}')).toEqual(['order']);
    expect(orderWith({ k: '{key}' }, 'x')).toEqual(['order', 'orderDuplicate', 'orderReplay']);
    expect(orderWith({ k: '{key}' }, '{paymentToken}')).toEqual([
      'order',
      'orderDuplicate',
      'orderReplay',
      'orderChanged',
    ]);
  });
});
