// Target files: what is read from good ones, and every problem of bad ones with its place.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFileKind } from '../../../src/config/file-kind.ts';
import { formatProblems } from '../../../src/config/problem.ts';
import { starterTarget } from '../../../src/config/starter-target.ts';
import { loadTarget } from '../../../src/config/target-file.ts';
import type { OperationName } from '../../../src/contract/operation.ts';
import type { TargetFile } from '../../../src/contract/target-file.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'ecomsim-targets-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

interface Given {
  readonly env?: Record<string, string>;
  readonly needed?: readonly OperationName[];
  readonly name?: string;
}

async function load(text: string, { env = {}, needed = [], name = 'shop.yaml' }: Given = {}) {
  const file = join(dir, name);
  writeFileSync(file, text);
  return loadTarget(file, env, needed);
}

async function targetFrom(text: string, given: Given = {}): Promise<TargetFile> {
  const loaded = await load(text, given);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems).join('\n'));
  return loaded.target;
}

async function problemsFrom(text: string, given: Given = {}): Promise<string[]> {
  const loaded = await load(text, given);
  if (loaded.ok) throw new Error('loaded without a problem');
  return formatProblems(loaded.problems).map((line) => line.replaceAll(`${dir}/`, ''));
}

const SMALL = `baseUrl: http://127.0.0.1:8080/shop
products: [a-1, 1002]
operations:
  viewProduct: { request: 'GET /p/{sku}' }
`;

describe('a good target file', () => {
  it('is the starter, which maps everything that a flash sale asks for', async () => {
    const needed = ['home', 'search', 'viewProduct', 'viewStock', 'addToCart', 'checkout'] as const;
    const { mapping, holdTtlMs } = await targetFrom(starterTarget(), {
      needed: [...needed, 'order', 'orderStatus', 'cancelOrder', 'viewCart'],
    });
    expect(mapping.session).toHaveLength(2);
    expect(mapping.operations.orderStatus?.request.path).toBe('/api/orders/by-key/{key}');
    expect(mapping.operations.orderStatus?.extract['orderId']).toBe('$.id');
    expect(mapping.operations.checkout?.direct?.body).toEqual({
      lines: [{ sku: '{sku}', quantity: '{quantity}' }],
    });
    expect(holdTtlMs).toBe(8000);
  });

  it('says little and gets defaults for the rest', async () => {
    const { mapping, runKey, exclusive, shownUrl } = await targetFrom(SMALL);
    expect(mapping).toMatchObject({
      name: 'shop',
      baseUrl: 'http://127.0.0.1:8080/shop',
      products: { kind: 'list', skus: ['a-1', '1002'] },
      setup: [],
      session: [],
      skip: [],
      users: null,
      ledger: {},
      probes: 'none',
      serverDeadlineMs: 15_000,
    });
    expect({ runKey, exclusive, shownUrl }).toEqual({
      runKey: '',
      exclusive: false,
      shownUrl: 'http://127.0.0.1:8080/shop',
    });
  });

  it('may be JSON', async () => {
    const text = JSON.stringify({
      baseUrl: 'https://shop.example',
      products: ['a'],
      operations: { home: { request: 'GET /', answer: 'any' } },
    });
    const { mapping } = await targetFrom(text, { name: 'shop.json' });
    expect(mapping.operations.home?.answer).toBe('any');
  });

  it('takes its users from a CSV file beside it', async () => {
    writeFileSync(join(dir, 'users.csv'), 'name,password\nann,"a,b"\nbob,x\n');
    const { mapping } = await targetFrom(
      `${SMALL}users: users.csv\nsession: [{ request: 'POST /in', body: { u: '{user.name}' } }]\n`,
    );
    expect(mapping.users).toEqual({
      columns: ['name', 'password'],
      rows: [
        ['ann', 'a,b'],
        ['bob', 'x'],
      ],
    });
  });

  it('reads conditions on statuses and on fields of the answer', async () => {
    const { mapping } = await targetFrom(`${SMALL}  checkout:
    request: POST /c
    outcomes:
      - { when: { status: [409, 410], '$.code': gone }, is: refused, reason: sold_out }
      - { when: { '$.errors': { exists: true } }, is: failed }
`);
    expect(mapping.operations.checkout?.outcomes).toEqual([
      {
        statuses: [409, 410],
        fields: [{ path: '$.code', equals: 'gone' }],
        is: 'refused',
        reason: 'sold_out',
      },
      { fields: [{ path: '$.errors' }], is: 'failed', reason: 'none' },
    ]);
  });
});

describe('values from the environment', () => {
  const WITH_SECRET = `${SMALL}headers: { x-api-key: '{env.SHOP_KEY}' }\n`;

  it('are sent, and stand for themselves even where they look like a placeholder', async () => {
    const env = { SHOP_KEY: 'se{sku}cret' };
    const { mapping, secrets } = await targetFrom(WITH_SECRET, { env });
    expect(mapping.headers['x-api-key']).toBe('se{{sku}}cret');
    expect(secrets).toEqual([{ name: 'SHOP_KEY', value: 'se{sku}cret' }]);
  });

  it('keep their placeholder in the address that is shown', async () => {
    const text = SMALL.replace('http://127.0.0.1:8080/shop', "'https://{env.HOST}/x'");
    const target = await targetFrom(text, { env: { HOST: 'secret.example' } });
    expect(target.shownUrl).toBe('https://{env.HOST}/x');
    expect(target.mapping.baseUrl).toBe('https://secret.example/x');
  });

  it('are named when they are missing', async () => {
    expect(await problemsFrom(WITH_SECRET, { env: { SHOP_KEYS: 'x' } })).toEqual([
      'shop.yaml:5:23  headers.x-api-key  the environment variable SHOP_KEY is not set (did you mean "SHOP_KEYS"?)',
    ]);
  });

  it('are never shown in a problem', async () => {
    const text = `baseUrl: '{env.URL}'
runKey: '{env.KEY}'
headers: { 'x': '{env.BROKEN}' }
products: [a]
operations: { home: { request: 'GET /{env.KEY}/{nothing}' } }
`;
    const env = { URL: 'ftp://topsecret', KEY: 'topsecret', BROKEN: 'topsecret\n' };
    const problems = await problemsFrom(text, { env });
    expect(problems.join('\n')).not.toContain('topsecret');
    expect(problems).toEqual([
      expect.stringContaining('"{env.URL}" is neither http:// nor https://'),
      expect.stringContaining('runKey'),
      expect.stringContaining('BROKEN'),
      expect.stringContaining('{nothing}'),
    ]);
  });
});

describe('a bad target file', () => {
  it('gives every problem at once, each with its place and what is meant', async () => {
    const text = `baseUrl: http://user:pw@shop
headres: {}
operations:
  viewProdct: { request: GET /x }
  viewProduct: { request: 'GTE /api/{sku}' }
  search: { request: 'GET /s?q={searchWrods}' }
  order: { request: 'POST /o', headers: { a: 'Bearer {tokn}' }, extract: { orderId: id } }
  checkout: hello
ledger: { orders: { request: 'GET /o', items: $.a, confirmed: [x], cancelled: [x] } }
skip: [hmoe, order]
probes: some
holdTtl: 8
users: nowhere.csv
`;
    const problems = await problemsFrom(text);
    const wanted: readonly RegExp[] = [
      /^shop\.yaml:1:10 {2}baseUrl {2}holds a user or password/,
      /^shop\.yaml:2:1 {2}headres {2}is not a field \(did you mean "headers"\?\)/,
      /^shop\.yaml:4:3 {2}operations\.viewProdct {2}is not a field \(did you mean "viewProduct"\?\)/,
      /^shop\.yaml:5:27 {2}operations\.viewProduct\.request {2}"GTE" is no method \(did you mean "GET"/,
      /^shop\.yaml:6:22 {2}operations\.search\.request .*\{searchWrods\}.*did you mean/,
      /^shop\.yaml:7:46 {2}operations\.order\.headers\.a .*\{tokn\}/,
      /^shop\.yaml:7:85 {2}operations\.order\.extract\.orderId .*begins with "\$"/,
      /^shop\.yaml:8:13 {2}operations\.checkout {2}"hello" is not a group of fields/,
      /ledger\.orders\.id {2}is missing/,
      /ledger\.orders\.status {2}is missing/,
      /ledger\.orders\.sku {2}is missing/,
      /ledger\.orders\.units {2}is missing/,
      /ledger\.orders\.cancelled {2}"x" stands under confirmed as well/,
      /skip\.0 {2}there is no operation "hmoe" \(did you mean "home"\?\)/,
      /skip\.1 {2}order is mapped and skipped/,
      /probes {2}"some" is not allowed \(did you mean "none"\?\)/,
      /holdTtl {2}8 is not a duration/,
      /users {2}"nowhere\.csv" there is no such file/,
      /products {2}is missing/,
    ];
    for (const one of wanted) {
      expect(
        problems.filter((problem) => one.test(problem)),
        `${one}\n${problems.join('\n')}`,
      ).toHaveLength(1);
    }
    expect(problems).toHaveLength(wanted.length);
    expect(problems.join('\n')).not.toContain('pw@');
  });

  it.each([
    ['no text at all', '', 'operations  is missing'],
    ['a list', '- a\n', 'must hold fields'],
    ['no JSON or YAML', '{ a: [', 'not valid YAML'],
    ['a tag', 'baseUrl: !!js/function x\n', 'tags ("!…") are not allowed'],
    ['a prototype', `${SMALL}__proto__: { a: 1 }\n`, '"__proto__" is not allowed as a name'],
    [
      'an address without a host',
      SMALL.replace('http://127.0.0.1:8080/shop', 'shop'),
      'no address',
    ],
    ['a query in the address', SMALL.replace('/shop', '/?a=b'), 'leave that out'],
    ['an operation for logging in', `${SMALL}  login: { request: GET /x }\n`, 'is not a field'],
    ['a SKU twice', SMALL.replace('[a-1, 1002]', '[a, a]'), '"a" is there twice'],
    ['no product', SMALL.replace('[a-1, 1002]', '[]'), 'names no product'],
    ['a line break in a header', `${SMALL}headers: { a: "x\\r\\ny" }\n`, 'headers.a'],
    ['a status that is none', withRule('status: 99'), '"99" is no HTTP status'],
    ['a rule without a condition', withRule(''), 'names no condition'],
    ['a condition on a list', withRule("'$.a': [1]"), 'must be a plain value'],
    ['a body for a GET', `${SMALL}  home: { request: GET /, body: {} }\n`, 'a GET has no body'],
    ['a deep body', `${SMALL}  order: { request: POST /, body: ${nested(20)} }\n`, 'levels deep'],
    ['a short key', `${SMALL}runKey: short\n`, '16 to 200'],
    ['a resolve twice', TWO_STATUSES, 'is the same as the operation orderStatus'],
  ])('is refused for %s', async (_name, text, message) => {
    expect((await problemsFrom(text)).join('\n')).toContain(message);
  });

  it('lacks an operation that the traffic asks for', async () => {
    const problems = await problemsFrom(`${SMALL}skip: [home]\n`, {
      needed: ['viewProduct', 'home', 'checkout'],
    });
    expect(problems).toEqual([
      expect.stringContaining('checkout is not mapped; map it, or list it under "skip"'),
    ]);
  });

  it('points at the status request under its order', async () => {
    const problems = await problemsFrom(`${SMALL}  order:
    request: POST /o
    resolve: { request: 'GET /o/{kee}' }
`);
    expect(problems).toEqual([
      expect.stringMatching(/^shop\.yaml:7:25 {2}operations\.order\.resolve\.request .*\{kee\}/),
    ]);
  });

  it('is none when it does not exist', async () => {
    const loaded = await loadTarget(join(dir, 'nowhere.yaml'), {});
    expect(loaded.ok ? [] : loaded.problems.map(({ message }) => message)).toEqual([
      'there is no such file',
    ]);
  });
});

const TWO_STATUSES = `${SMALL}  orderStatus: { request: GET /o }
  order: { request: POST /o, resolve: { request: GET /o } }
`;

function withRule(when: string): string {
  return `${SMALL}  order: { request: POST /o, outcomes: [{ when: { ${when} }, is: ok }] }\n`;
}

function nested(levels: number): string {
  return `${'['.repeat(levels)}1${']'.repeat(levels)}`;
}

describe('what a file is', () => {
  it('is told by its content', async () => {
    writeFileSync(join(dir, 'a.yaml'), SMALL);
    writeFileSync(join(dir, 'b.yaml'), 'load: { rate: 5/s }\n');
    expect(await readFileKind(join(dir, 'a.yaml'))).toBe('target');
    expect(await readFileKind(join(dir, 'b.yaml'))).toBe('profile');
    expect(await readFileKind(join(dir, 'nowhere.yaml'))).toBe('profile');
  });
});
