// A live target against a real server on loopback: set-up, lists, ledgers, limits, consent.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import { CLIENT_DEFAULTS } from '../../src/contract/call.ts';
import type { TargetFile } from '../../src/contract/target-file.ts';
import type { LedgerMapping, TargetMapping } from '../../src/contract/target-mapping.ts';
import { consentLine } from '../../src/targets/live/consent.ts';
import { type ConsentSource, WellKnownConsent } from '../../src/targets/live/consent-sources.ts';
import { JsonClient } from '../../src/targets/live/json-client.ts';
import { LiveTarget, type LiveTargetOptions } from '../../src/targets/live/live-target.ts';

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

/** Answers by "METHOD /path?query"; everything else is 404. */
class Shop {
  readonly seen: { request: string; message: IncomingMessage; body: string }[] = [];
  readonly answers = new Map<string, Answer | (() => Answer)>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((message, response) => {
      let body = '';
      message.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      message.on('end', () => {
        const request = `${message.method} ${message.url}`;
        this.seen.push({ request, message, body });
        const found = this.answers.get(request);
        const answer = typeof found === 'function' ? found() : found;
        response.statusCode = answer === undefined ? 404 : (answer.status ?? 200);
        const text = typeof answer?.body === 'string' ? answer.body : JSON.stringify(answer?.body);
        response.end(text ?? '');
      });
    });
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let shop: Shop;
let target: LiveTarget | undefined;
const clock = createSystemClock();

beforeEach(async () => {
  shop = new Shop();
  await shop.open();
});
afterEach(async () => {
  await target?.close();
  target = undefined;
  shop.close();
});

function fileOf(changes: Partial<TargetMapping> = {}, more: Partial<TargetFile> = {}): TargetFile {
  return {
    mapping: {
      name: 'small',
      baseUrl: `${shop.origin}/api`,
      headers: { 'x-app': 'a' },
      setup: [],
      session: [],
      operations: {},
      skip: [],
      products: { kind: 'list', skus: ['a b', 'c'] },
      users: null,
      ledger: {},
      probes: 'none',
      serverDeadlineMs: 1000,
      ...changes,
    },
    shownUrl: '{env.BASE}',
    secrets: [],
    runKey: '',
    exclusive: false,
    holdTtlMs: null,
    ...more,
  };
}

function targetOf(file: TargetFile, more: Partial<LiveTargetOptions> = {}): LiveTarget {
  target = new LiveTarget({ file, clock, allowHosts: [], insecure: false, ...more });
  return target;
}

const STOCK: NonNullable<LedgerMapping['stock']> = {
  request: { method: 'GET', path: '/stock/{sku}', headers: {} },
  units: '$.left',
};
const ORDERS: NonNullable<LedgerMapping['orders']> = {
  request: { method: 'GET', path: '/orders?cursor={cursor}', headers: {} },
  items: '$.rows[*]',
  next: '$.next',
  columns: {
    id: '$.no',
    key: '$.ref',
    status: '$.state',
    lines: '$.lines[*]',
    sku: '$.s',
    units: '$.n',
  },
  confirmed: ['PAID'],
  cancelled: ['VOID'],
  refused: ['DENIED'],
  pending: ['NEW'],
};

function seeding(catalogue: Awaited<ReturnType<LiveTarget['products']>>) {
  return { catalogue, currency: 'EUR', hotItems: [0], perCustomer: 2, customers: 3 };
}

describe('set-up', () => {
  const LOGIN = {
    request: {
      method: 'POST',
      path: '/login',
      headers: {},
      body: { user: 'op', list: ['{{user}}', 1] },
    },
    extract: { admin: '$.token' },
    outcomes: [],
  } as const;
  const SEED = {
    request: { method: 'PUT', path: '/seed/{admin}', headers: { authorization: 'B {admin}' } },
    extract: {},
    outcomes: [{ statuses: [409], fields: [], is: 'ok', reason: 'none' }],
  } as const;

  it('goes step by step, and each step knows what the earlier ones extracted', async () => {
    shop.answers.set('POST /api/login', { body: { token: 't/1' } });
    shop.answers.set('PUT /api/seed/t%2F1', { status: 409, body: {} });
    const live = targetOf(fileOf({ setup: [LOGIN, SEED] }));
    await live.open();
    const [base, login, seed] = shop.seen;
    expect(base?.request).toBe('GET /api/');
    expect(JSON.parse(login?.body ?? '')).toEqual({ user: 'op', list: ['{user}', 1] });
    expect(seed?.message.headers).toMatchObject({ authorization: 'B t/1', 'x-app': 'a' });
    const spec = await live.prepare(seeding(await live.products(10)));
    expect(spec.mapping?.shared).toEqual({
      run: expect.stringMatching(/^[a-z0-9]+$/),
      admin: 't/1',
    });
    expect(spec).toMatchObject({ kind: 'live', origin: shop.origin, skus: ['a b', 'c'] });
  });

  it('ends the run when a step fails, without telling what the environment holds', async () => {
    const failing = { ...SEED, request: { ...SEED.request, path: '/seed/topsecret' } };
    const secrets = [{ name: 'KEY', value: 'topsecret' }];
    const live = targetOf(fileOf({ setup: [failing] }, { secrets }));
    const error = await live.open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TARGET_PREPARE_FAILED', exitCode: 83 });
    expect((error as Error).message).toContain('PUT /seed/{env.KEY}');
    expect((error as Error).message).not.toContain('topsecret');
  });

  it('needs what it was told to extract', async () => {
    shop.answers.set('POST /api/login', { body: { tokens: [] } });
    await expect(targetOf(fileOf({ setup: [LOGIN] })).open()).rejects.toThrow(
      'step 1 of setup (POST /login) answered without "admin" at $.token',
    );
  });
});

describe('what is on sale', () => {
  it('is read with its stock at this moment', async () => {
    shop.answers.set('GET /api/products?p=', {
      body: {
        rows: [
          { id: 'x', cents: 500, name: 'X' },
          { id: 'y', cents: 0 },
        ],
        next: 2,
      },
    });
    shop.answers.set('GET /api/products?p=2', {
      body: { rows: [{ id: 3, cents: 7 }], next: null },
    });
    shop.answers.set('GET /api/stock/x', { body: { left: 12 } });
    shop.answers.set('GET /api/stock/y', { body: { left: 0 } });
    shop.answers.set('GET /api/stock/3', { body: { left: 4 } });
    const products = {
      kind: 'read',
      read: {
        request: { method: 'GET', path: '/products?p={cursor}', headers: {} },
        items: '$.rows',
        next: '$.next',
        columns: { sku: '$.id', priceMinor: '$.cents', title: '$.name' },
      },
    } as const;
    const live = targetOf(fileOf({ products, ledger: { stock: STOCK } }));
    await live.open();
    const items = await live.products(10);
    expect(
      items.map(({ sku, units, priceMinor, title }) => [sku, units, priceMinor, title]),
    ).toEqual([
      ['x', 12, 500, 'X'],
      ['y', 0, 0, ''],
      ['3', 4, 7, ''],
    ]);
    expect(await live.products(2)).toHaveLength(2);
  });

  it('is refused when a SKU is there twice', async () => {
    shop.answers.set('GET /api/all', { body: [{ id: 'x' }, { id: 'x' }] });
    const read = {
      request: { method: 'GET', path: '/all', headers: {} },
      items: '$[*]',
      columns: { sku: '$.id' },
    } as const;
    const live = targetOf(fileOf({ products: { kind: 'read', read } }));
    await live.open();
    await expect(live.products(10)).rejects.toThrow('names a SKU twice');
  });
});

describe('the ledger', () => {
  async function ledgerOf(ledger: LedgerMapping) {
    const live = targetOf(fileOf({ ledger, products: { kind: 'list', skus: ['c'] } }));
    await live.open();
    await live.prepare(seeding(await live.products(10)));
    return live.ledger();
  }

  it('is read page by page, with the words of the target translated', async () => {
    const line = (n: number) => [{ s: 'c', n }];
    shop.answers.set('GET /api/stock/c', { body: { left: 9 } });
    shop.answers.set('GET /api/orders?cursor=', {
      body: {
        rows: [
          { no: 1, ref: 'k1', state: 'PAID', lines: line(2) },
          { no: 2, state: 'VOID', lines: [] },
        ],
        next: 'p2',
      },
    });
    shop.answers.set('GET /api/orders?cursor=p2', {
      body: {
        rows: [
          { no: 3, ref: 'k3', state: 'DENIED', lines: line(1) },
          { no: 4, ref: 'k4', state: 'ODD', lines: line(1) },
        ],
      },
    });
    shop.answers.set('GET /api/pay', {
      body: [
        { id: 'c1', o: 1, s: 'OK' },
        { id: 'c2', o: 3, s: 'BACK' },
        { id: 'c3', o: 4, s: 'ODD' },
      ],
    });
    const payments = {
      request: { method: 'GET', path: '/pay', headers: {} },
      items: '$[*]',
      columns: { id: '$.id', order: '$.o', status: '$.s' },
      captured: ['OK'],
      refunded: ['BACK'],
    } as const;
    const ledger = await ledgerOf({ stock: STOCK, orders: ORDERS, payments });
    expect(ledger.stock).toEqual([
      { sku: 'c', seeded: 9, restocked: 0, available: 9, held: 0, committed: 0 },
    ]);
    expect(
      ledger.orders.map(({ id, key, status, confirmedSeq }) => [id, key, status, confirmedSeq]),
    ).toEqual([
      ['1', 'k1', 'confirmed', 1],
      ['2', '', 'cancelled', 0],
      ['3', 'k3', 'declined', 0],
      ['4', 'k4', 'unexplained: ODD', 0],
    ]);
    expect(ledger.orders[0]?.lines).toEqual([{ sku: 'c', units: 2, priceMinor: 0 }]);
    expect(ledger.charges.map(({ orderId, status }) => [orderId, status])).toEqual([
      ['1', 'captured'],
      ['3', 'refunded'],
      ['4', 'declined'],
    ]);
  });

  const row = { no: 1, ref: 'k', state: 'PAID', lines: [{ s: 'c', n: 1 }] };
  it.each([
    ['pages that lead in a circle', { rows: [row], next: 'x' }, 'pages without end'],
    ['a page of nothing that leads on', { rows: [], next: 'y' }, 'pages without end'],
    ['no list', { lines: [] }, 'has no list at $.rows[*]'],
    ['no JSON', 'hello', 'was not answered with JSON'],
    [
      'a row without an id',
      { rows: [{ ...row, no: null }] },
      'row 1 of ledger.orders has no short',
    ],
    ['an id that is too long', { rows: [{ ...row, no: 'x'.repeat(300) }] }, 'no short plain text'],
    ['an id with an escape', { rows: [{ ...row, no: 'a\u001bb' }] }, 'no short plain text'],
    ['half a unit', { rows: [{ ...row, lines: [{ s: 'c', n: 0.5 }] }] }, 'no whole number at $.n'],
  ])('is refused for %s', async (_name, body, message) => {
    for (const cursor of ['', 'x', 'y']) {
      shop.answers.set(`GET /api/orders?cursor=${cursor}`, { body });
    }
    await expect(ledgerOf({ orders: ORDERS })).rejects.toThrow(message);
  });

  it('is empty where nothing is declared', async () => {
    expect(await ledgerOf({})).toEqual({
      stock: [],
      holds: [],
      orders: [],
      events: [],
      charges: [],
      notifications: [],
      pending: { orders: 0, outbox: 0 },
    });
  });
});

describe('where it may go', () => {
  it('is told in words when nobody is there', async () => {
    const file = fileOf({ baseUrl: 'http://127.0.0.1:9' });
    await expect(targetOf(file).open()).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  });

  it('does not follow a redirect', async () => {
    shop.answers.set('GET /api/', { status: 302, body: '' });
    await targetOf(fileOf()).open();
    expect(shop.seen).toHaveLength(1);
  });

  it('promises only what the file declares', () => {
    const { promises } = targetOf(fileOf({ ledger: { stock: STOCK } }, { exclusive: true }));
    expect(promises.evidence).toEqual(['supply', 'stock', 'exclusive']);
    expect(promises).toMatchObject({ drainProbe: false, lookUpByKey: false, tombstones: false });
  });

  const RUN_KEY = 'our-own-run-key-1';

  /** The server of the test counts as a public host, and as the place of its owner's consent. */
  function publicTarget(runKey = RUN_KEY): LiveTarget {
    const page = new JsonClient({
      origin: shop.origin,
      egress: CLIENT_DEFAULTS.egress,
      tls: CLIENT_DEFAULTS.tls,
      clock,
      shown: (text) => text,
    });
    const sources: ConsentSource[] = [new WellKnownConsent(page, shop.origin)];
    return targetOf(fileOf({ ledger: { stock: STOCK } }, { runKey }), {
      hosts: { classify: () => 'public' },
      consentSources: () => sources,
    });
  }

  it('sends a public host nothing at all before its owner has consented', async () => {
    const error = await publicTarget()
      .open()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'EGRESS_REFUSED', exitCode: 104 });
    expect((error as { details: string[] }).details.join('\n')).toContain(
      consentLine('127.0.0.1', RUN_KEY),
    );
    expect(shop.seen.map(({ request }) => request)).toEqual(['GET /.well-known/ecomsim']);
  });

  it('ends as soon as the consent is withdrawn', async () => {
    const line = consentLine('127.0.0.1', RUN_KEY);
    shop.answers.set('GET /.well-known/ecomsim', { body: line });
    shop.answers.set('GET /api/stock/a%20b', { body: { left: 1 } });
    const live = publicTarget();
    const ended = new Promise<string>((resolve) => live.onDeath(resolve));
    await live.open();
    expect((await live.prepare(seeding(await live.products(1)))).egress.publicHosts).toEqual([
      '127.0.0.1',
    ]);
    shop.answers.delete('GET /.well-known/ecomsim');
    expect(await ended).toContain('withdrawn');
    const late: string[] = [];
    live.onDeath((reason) => late.push(reason));
    expect(late).toEqual([await ended]);
    const sent = shop.seen.length;
    await expect(live.ledger()).rejects.toMatchObject({ code: 'TARGET_DIED' });
    expect(shop.seen.length).toBe(sent);
  });
});
