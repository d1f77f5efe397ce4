// Whatever is sent to the public port: the answer is as documented or a problem document with a
// stable code, never a failure of the shop, never its inside, and nothing is half done.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Shop, until } from '../integration/shop/running-shop.ts';
import { type RawAnswer, sendAndCut, sendRaw } from '../support/raw-http.ts';

const CODES = new Set([
  ...['unauthorised', 'bad_request', 'not_found', 'body_too_large', 'headers_too_large'],
  ...['empty_cart', 'cart_limit', 'bad_credentials', 'bad_expectation', 'method_not_allowed'],
  // Whoever holds a token may withdraw a key of their own that they never used.
  'tombstoned',
]);

let shop: Shop;
/** What belongs to another customer. */
let foreign: { checkoutId: string; orderId: string; key: string };

beforeAll(async () => {
  shop = await Shop.start({ inventory: { holdTtlMs: 600_000 } });
  await shop.seed({ hotUnits: 100 });
  const bought = await shop.checkout(1);
  const order = await shop.order(1, 'key-of-another', bought.body.id);
  const held = await shop.checkout(1, 'plain');
  expect([order.status, held.status]).toEqual([201, 201]);
  foreign = { checkoutId: held.body.id, orderId: order.body.id, key: 'key-of-another' };
  await untilPublished();
}, 60_000);

afterAll(() => shop.running.stop());

async function untilPublished(): Promise<void> {
  await until(async () => {
    const { orders, outbox } = (await shop.control('GET', '/control/pending')).body;
    return orders + outbox === 0;
  });
}

async function books(): Promise<unknown[]> {
  const lists = ['stock', 'holds', 'orders', 'events', 'notifications'];
  const rows = await Promise.all(
    lists.map(async (name) => (await shop.control('GET', `/ledger/${name}`)).body.items),
  );
  return [...rows, (await shop.charges()).body.items];
}

function expectDecent(answer: RawAnswer, method: string, sent: string): void {
  const { status, headers, body } = answer;
  expect(status, `${sent} → ${body}`).toBeLessThan(500);
  expect(body, sent).not.toMatch(/node_modules|\n {4}at |\.[jt]s:\d|sqlite/i);
  if (status < 400) return;
  expect(headers.get('content-type'), `${sent} → ${status}`).toMatch(/^application\/problem\+json/);
  if (method === 'HEAD') return;
  const problem = JSON.parse(body) as { type: string; title: string; status: number; code: string };
  expect(problem, sent).toMatchObject({ type: 'about:blank', status, title: expect.any(String) });
  expect(CODES, `${sent} → ${body}`).toContain(problem.code);
}

interface Attack {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: string;
}

async function attack({ method, path, headers, body }: Attack): Promise<RawAnswer[]> {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: shop', 'connection: close', ...headers];
  const sized = lines.some((line) => /^(content-length|transfer-encoding):/i.test(line));
  if (!sized && body !== '') lines.push(`content-length: ${Buffer.byteLength(body)}`);
  const sent = `${lines.join(' | ')} || ${body}`.slice(0, 500);
  const answers = await sendRaw(shop.running.origin, `${lines.join('\r\n')}\r\n\r\n${body}`);
  expect(answers.length, sent).toBeGreaterThan(0);
  for (const answer of answers) expectDecent(answer, method, sent);
  return answers;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signed by somebody who has another key, or by nobody. */
function forgedToken(alg: string): string {
  const claims = { iss: 'ecomsim-shop', sub: 'c-1', exp: 4_000_000_000 };
  const signed = `${encode({ alg, typ: 'JWT' })}.${encode(claims)}`;
  const mac = createHmac('sha256', 'a key of ours').update(signed).digest('base64url');
  return `${signed}.${alg === 'none' ? '' : mac}`;
}

const authorisation = () => {
  const token = shop.tokens[0] ?? '';
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant([`authorization: Bearer ${token}`]) },
    fc.constant([]),
    fc
      .constantFrom(
        ...['', 'Bearer', 'Bearer ', `bearer ${token}`, `Basic ${token}`, `Bearer ${token}x`],
        ...[`Bearer ${token.slice(0, -2)}`, `Bearer ${'a'.repeat(8000)}`, 'Bearer ..'],
        ...[`Bearer ${forgedToken('none')}`, `Bearer ${forgedToken('HS256')}`],
      )
      .map((value) => [`authorization: ${value}`]),
  );
};

/** In a path: escapes that are none, ways out of the folder, other people's things. */
const segment = () =>
  fc.constantFrom(
    ...['%00', '%0d%0aset-cookie:%20a=b', '%zz', '%', '..', '%2e%2e%2f%2e%2e', '%F0%9F%92%A9'],
    ...[
      '%c3%28',
      "hot'%20OR%201=1--",
      '__proto__',
      'constructor',
      'a'.repeat(129),
      '%41'.repeat(129),
    ],
    ...['a'.repeat(5000), '-1', '1e309', 'hot%2fhot', foreign.orderId, foreign.key],
  );

const PATHS: readonly (readonly [string, string])[] = [
  ['GET', '/api/products/{}'],
  ['GET', '/api/inventory/{}'],
  ['GET', '/api/search?q={}'],
  ['GET', '/api/search?limit={}'],
  ['GET', '/api/cart'],
  ['POST', '/api/cart/items'],
  ['POST', '/api/checkouts'],
  ['POST', '/api/orders'],
  ['GET', '/api/orders?before={}'],
  ['GET', '/api/orders?limit={}'],
  ['GET', '/api/orders/{}'],
  ['POST', '/api/orders/{}/cancel'],
  ['GET', '/api/orders/by-key/{}'],
  ['PUT', '/api/orders/by-key/{}/tombstone'],
  ['POST', '/api/user/register'],
  ['POST', '/api/user/login'],
  ['GET', '/{}'],
];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];

const place = () =>
  fc
    .tuple(fc.constantFrom(...PATHS), segment(), fc.integer({ min: 0, max: 9 }))
    .chain(([[method, path], name, dice]) => {
      const filled = path.replace('{}', name);
      const methods = dice === 0 ? fc.constantFrom(...METHODS) : fc.constant(method);
      return methods.map((chosen) => ({ method: chosen, path: filled }));
    });

/** JSON texts of quantities that no line may have. */
const quantity = fc.constantFrom(
  ...['-1', '0.5', '1e309', '-0.0001', '"1"', 'null', 'true', '[1]', '{}', '1e21', '1001'],
  ...['9007199254740993', '-9007199254740993', '1.0000000001'],
);
const sku = fc.oneof(
  fc.constantFrom('hot', 'plain', '', 'x'.repeat(65), 'hot\u0000', 'hot\r\n', '\ud800', '\u202e'),
  fc.string({ unit: 'binary', maxLength: 70 }),
);
const line = fc
  .tuple(sku, quantity)
  .map(([name, units]) => `{"sku":${JSON.stringify(name)},"quantity":${units}}`);

const deep = fc
  .tuple(fc.constantFrom('[', '{"lines":', '[{"a":'), fc.integer({ min: 100, max: 12_000 }))
  .map(([open, depth]) => open.repeat(depth));

const text = () =>
  fc.oneof(
    { weight: 3, arbitrary: line },
    { weight: 3, arbitrary: fc.array(line, { maxLength: 60 }).map((all) => `{"lines":[${all}]}`) },
    fc.json(),
    fc.string(),
    deep,
    fc.constantFrom(
      ...['', '{', '{}', '[]', 'null', '"', '{"lines":[]}', '{"lines":null}', '\ufeff{}', 'NaN'],
      ...['{"__proto__":{"customer":"c-1"}}', '{"constructor":{"prototype":{"x":1}}}'],
      ...['{"sku":"hot","quantity":-1,"quantity":1.5}', '{"partial":"yes"}', '{"lines":[{}]}'],
      JSON.stringify({ checkoutId: foreign.checkoutId, paymentToken: 'tok_card' }),
      JSON.stringify({ checkoutId: foreign.checkoutId, paymentToken: '4111111111111111' }),
      JSON.stringify({ checkoutId: '\u0000', paymentToken: 'tok_card' }),
      JSON.stringify({ email: 'a', name: '', password: '1' }),
      JSON.stringify({ email: ['a@b'], name: {}, password: 12345678 }),
      `{"lines":[${Array(51).fill('{"sku":"hot","quantity":1}')}]}`,
      `{"a":"${'x'.repeat(70_000)}"}`,
    ),
  );

const contentType = fc.oneof(
  { weight: 5, arbitrary: fc.constant(['content-type: application/json']) },
  fc.constantFrom(
    [],
    ...[
      ...['text/plain', 'application/xml', 'multipart/form-data; boundary=x', '', ';;;', 'json'],
      ...['application/json; charset=utf-7', 'application/x-www-form-urlencoded', 'a'.repeat(300)],
    ].map((type) => [`content-type: ${type}`]),
  ),
);

const trick = () =>
  fc.constantFrom<string[]>(
    ...[[], [], [], [], ['x-http-method-override: DELETE'], ['x-forwarded-for: 127.0.0.1']],
    ...[['x-control-secret: guess'], ['x-shopper-address: 10.0.0.1; mac=AAAA'], ['expect: magic']],
    ...[['idempotency-key: '], ['idempotency-key: a b'], [`idempotency-key: ${'k'.repeat(129)}`]],
    ...[['host: other'], ['content-length: -1'], ['content-length: 5', 'content-length: 6']],
    ...[['transfer-encoding: chunked', 'content-length: 4'], ['transfer-encoding: gzip']],
    ...[['upgrade: websocket', 'connection: upgrade'], ['cookie: a=b'], ['range: bytes=0-']],
    ...[[`x-long: ${'h'.repeat(20_000)}`], ['bad header'], ['x\u0000: 1'], [' folded: 1']],
    ...[['accept-encoding: *;q=0'], ['content-encoding: br'], ['if-none-match: "a", *, W/"']],
  );

const KEYED = [[], ['idempotency-key: some-key']] as const;

const attacks = () =>
  fc
    .tuple(place(), authorisation(), contentType, trick(), text(), fc.constantFrom(...KEYED))
    .map(([where, token, type, odd, body, key]): Attack => {
      return { ...where, headers: [...token, ...type, ...key, ...odd], body };
    });

describe('a hostile request', () => {
  it('is told what is wrong with it and changes nothing', async () => {
    const before = await books();
    await fc.assert(
      fc.asyncProperty(fc.array(attacks(), { minLength: 1, maxLength: 4 }), async (wave) => {
        await Promise.all(wave.map(attack));
      }),
      { numRuns: 250 },
    );
    expect(await books()).toEqual(before);
    expect((await shop.api(0, 'GET', '/api/cart')).body.lines).toEqual([]);
    expect(shop.deaths).toEqual([]);
  }, 120_000);

  it('with a hundred thousand lines is too large, wherever it goes', async () => {
    const many = Array(100_000).fill('{"sku":"hot","quantity":1}');
    const body = `{"lines":[${many}]}`;
    const headers = [`authorization: Bearer ${shop.tokens[0]}`, 'content-type: application/json'];
    for (const path of ['/api/checkouts', '/api/cart/items', '/api/orders', '/api/user/login']) {
      const [answer] = await attack({ method: 'POST', path, headers, body });
      expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status: 413, code: 'body_too_large' });
    }
  });

  it('for what belongs to another customer is told that there is no such thing', async () => {
    const before = await books();
    const { checkoutId, orderId, key } = foreign;
    const answers = await Promise.all([
      shop.order(4, 'k', checkoutId),
      shop.api(4, 'GET', `/api/orders/${orderId}`),
      shop.api(4, 'POST', `/api/orders/${orderId}/cancel`),
      shop.api(4, 'GET', `/api/orders/by-key/${key}`),
    ]);
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      answers.map(() => [404, 'not_found']),
    );
    expect((await shop.api(4, 'GET', '/api/orders')).body).toEqual({ items: [], next: null });
    expect((await shop.api(4, 'GET', `/api/orders?before=${orderId}`)).body.items).toEqual([]);
    expect(await books()).toEqual(before);
  });

  it.each([
    ['no HTTP at all', '\u0000\u0001\r\n\r\n', 400],
    ['HTTP/2 without having been asked', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['no host', 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['a tunnel', 'CONNECT a:80 HTTP/1.1\r\nhost: a\r\n\r\n', 405],
    [
      'a chunk without a size',
      'POST /api/user/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nZ\r\n',
      400,
    ],
    ['headers without end', `GET / HTTP/1.1\r\nhost: a\r\na: ${'b'.repeat(17_000)}\r\n\r\n`, 431],
  ])('of %s is a problem document as well', async (_name, bytes, status) => {
    const [answer, ...more] = await sendRaw(shop.running.origin, bytes);
    expect([answer?.status, more]).toEqual([status, []]);
    expectDecent(answer as RawAnswer, 'GET', bytes);
  });
});

describe('a connection that is cut', () => {
  const post = 'POST /api/user/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';

  it.each([
    ['in the middle of a body', `${post}content-length: 100\r\n\r\n{"email"`, 20],
    ['before the answers', 'GET /api/inventory/hot HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(20), 0],
  ])(
    '%s leaves no place taken, however often',
    async (_name, bytes, afterMs) => {
      // More than the shop may have in hand at a time.
      for (let wave = 0; wave < 12; wave++) {
        await Promise.all(
          Array.from({ length: 200 }, () => sendAndCut(shop.running.origin, bytes, afterMs)),
        );
      }
      await until(async () => (await shop.api(0, 'GET', '/api/cart')).status === 200);
      await until(async () => {
        const { queueLength } = (await shop.control('GET', '/control/observe')).body;
        return queueLength < 5;
      });
    },
    60_000,
  );

  it('while an order is being paid leaves the order to be found under its key', async () => {
    const held = await shop.checkout(2, 'plain');
    const body = JSON.stringify({ checkoutId: held.body.id, paymentToken: 'tok_card' });
    const request = [
      'POST /api/orders HTTP/1.1',
      'host: a',
      `authorization: Bearer ${shop.tokens[2]}`,
      'content-type: application/json',
      'idempotency-key: cut',
      `content-length: ${body.length}`,
    ];
    await sendAndCut(shop.running.origin, `${request.join('\r\n')}\r\n\r\n${body}`, 1);
    await until(async () => {
      const found = await shop.api(2, 'GET', '/api/orders/by-key/cut');
      return found.body.status === 'confirmed';
    });
  });
});
