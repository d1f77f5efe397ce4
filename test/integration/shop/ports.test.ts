import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request, Shop } from './running-shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.start({ system: { layout: 'per-service' } });
  await shop.seed({ hotUnits: 100 });
});
afterAll(() => shop.running.stop());

describe('the control ports', () => {
  it.each([undefined, '', 'wrong', 'x'.repeat(10_000)])('refuse the secret %j', async (secret) => {
    const headers: Record<string, string> =
      secret === undefined ? {} : { 'x-control-secret': secret };
    const urls = [
      `${shop.running.controlOrigin}/ledger/orders`,
      `${shop.running.controlOrigin}/control/observe`,
      `${shop.running.controlOrigin}/nothing`,
      `${shop.running.gatewayControlOrigin}/ledger/charges`,
      `${shop.running.gatewayControlOrigin}/control/observe`,
    ];
    for (const url of urls) {
      const answer = await request(url, { method: 'GET', headers });
      expect(answer.status).toBe(401);
      expect(answer.body.code).toBe('unauthorised');
    }
  });

  it('are not reachable through the public port', async () => {
    for (const path of ['/control/observe', '/ledger/orders', '/charges']) {
      const headers = { 'x-control-secret': shop.running.secret };
      const answer = await request(shop.running.origin + path, { method: 'GET', headers });
      expect(answer.status).toBe(404);
    }
  });

  it('list every order, hold, event, notification and charge over pages', async () => {
    for (let customer = 0; customer < 7; customer++) {
      const { id } = (await shop.checkout(customer, 'plain')).body;
      expect((await shop.order(customer, 'k', id)).status).toBe(201);
    }
    await shop.settle();
    for (const name of ['orders', 'holds', 'events', 'notifications']) {
      const all = (await shop.control('GET', `/ledger/${name}`)).body.items;
      const paged = [];
      let next: string | null = null;
      do {
        const cursor: string = next === null ? '' : `&after=${encodeURIComponent(next)}`;
        const page = (await shop.control('GET', `/ledger/${name}?limit=2${cursor}`)).body;
        expect(page.items.length).toBeLessThanOrEqual(2);
        paged.push(...page.items);
        next = page.next;
      } while (next !== null);
      expect(paged).toEqual(all);
      expect(all.length).toBeGreaterThanOrEqual(7);
    }
    const stock = (await shop.control('GET', '/ledger/stock')).body.items;
    expect(stock).toContainEqual({
      sku: 'plain',
      seeded: 1000,
      restocked: 0,
      available: 993,
      held: 0,
      committed: 7,
    });
    expect((await shop.charges()).body.items).toHaveLength(7);
  });

  it.each(['limit=0', 'limit=x', 'limit=100000', 'after='])('refuse the page %s', async (query) => {
    expect((await shop.control('GET', `/ledger/orders?${query}`)).status).toBe(400);
  });

  it('observe the sale and the process', async () => {
    const { body } = await shop.control('GET', '/control/observe');
    expect(body).toMatchObject({ hotAvailable: 100, hotHeld: 0, ordersConfirmed: 7 });
    expect(body.processes).toMatchObject([{ name: 'shop', pid: shop.running.processes[0]?.pid }]);
    expect(body.processes[0].cpuMs).toBeGreaterThan(0);
    expect(body.processes[0].rssBytes).toBeGreaterThan(1e6);
  });

  it('take a restock, but not of an unknown product', async () => {
    await shop.control('POST', '/control/restock', { sku: 'hot', units: 5 });
    expect((await shop.api(0, 'GET', '/api/inventory/hot')).body.available).toBe(105);
    const unknown = await shop.control('POST', '/control/restock', { sku: 'nothing', units: 5 });
    expect(unknown.status).toBe(404);
  });

  it('change a price in mid-sale, which the product page shows at once', async () => {
    const { priceMinor } = (await shop.api(0, 'GET', '/api/products/plain')).body;
    const changed = await shop.control('POST', '/control/price', { sku: 'plain', priceMinor: 1 });
    expect(changed.status).toBe(200);
    const page = await shop.api(0, 'GET', '/api/products/plain');
    expect([page.body.priceMinor, page.headers.get('etag')]).toEqual([1, expect.any(String)]);
    await shop.control('POST', '/control/price', { sku: 'plain', priceMinor });
    for (const body of [
      { sku: 'nothing', priceMinor: 1 },
      { sku: 'plain', priceMinor: -1 },
      { sku: 'plain', priceMinor: 1.5 },
    ]) {
      expect([400, 404]).toContain((await shop.control('POST', '/control/price', body)).status);
    }
  });

  it('do not take back with a seeding what is held or sold, and then change nothing', async () => {
    const listed = (await shop.control('GET', '/ledger/stock')).body.items;
    const seeding = { currency: 'EUR', hotItems: [0], perCustomer: 2 };
    const item = { title: '', description: '', category: '', attributes: {}, priceMinor: 1 };
    const held = await shop.checkout(3, 'last');
    expect(held.status).toBe(201);
    const catalogue = [
      { ...item, sku: 'hot', units: 1_000_000 },
      { ...item, sku: 'last', units: 0 },
    ];
    const answer = await shop.control('POST', '/control/seed', { ...seeding, catalogue });
    expect([answer.status, answer.body.code, answer.body.skus]).toEqual([
      409,
      'units_sold',
      ['last'],
    ]);
    const after = (await shop.control('GET', '/ledger/stock')).body.items;
    const seeded = (rows: any[]) => rows.map((row) => [row.sku, row.seeded]);
    expect(seeded(after)).toEqual(seeded(listed));
    expect((await shop.api(0, 'GET', '/api/products/hot')).body.title).toBe('Hot lamp');
  });

  it('refuse a catalogue with a SKU twice, and stock that is not whole', async () => {
    const item = {
      ...{ sku: 'a', title: '', description: '', category: '', attributes: {} },
      ...{ priceMinor: 1, units: 1 },
    };
    const seeding = { currency: 'EUR', hotItems: [], perCustomer: 1 };
    for (const catalogue of [[item, item], [{ ...item, units: 0.5 }], [{ ...item, units: -1 }]]) {
      const answer = await shop.control('POST', '/control/seed', { ...seeding, catalogue });
      expect(answer.status).toBe(400);
    }
    const past = { ...seeding, catalogue: [item], hotItems: [1] };
    expect((await shop.control('POST', '/control/seed', past)).status).toBe(400);
  });
});

describe('the public port', () => {
  it('asks for a good token where one is needed', async () => {
    const bad = ['', 'Bearer', 'Bearer x', `Basic ${shop.tokens[0]}`, `Bearer ${shop.tokens[0]}x`];
    for (const authorization of bad) {
      const answer = await request(`${shop.running.origin}/api/cart`, {
        method: 'GET',
        headers: { authorization },
      });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('shows a product with a tag, and nothing when the tag is still the same', async () => {
    const url = `${shop.running.origin}/api/products/plain`;
    const full = await request(url, { method: 'GET' });
    expect(full.body).toEqual({
      ...{ sku: 'plain', title: 'Plain lamp', description: '', category: 'Lamps' },
      ...{ attributes: {}, priceMinor: 1999, currency: 'EUR' },
    });
    const etag = full.headers.get('etag') ?? '';
    const same = await request(url, {
      method: 'GET',
      headers: { 'if-none-match': `"x", W/${etag}` },
    });
    expect(same.status).toBe(304);
    expect(same.body).toBeUndefined();
    const other = await request(url, { method: 'GET', headers: { 'if-none-match': '"x"' } });
    expect(other.status).toBe(200);
    expect(full.headers.get('cache-control')).toContain('stale-while-revalidate');
  });

  it('finds products and shows the home page with the sale', async () => {
    const found = await request(`${shop.running.origin}/api/search?q=plain&limit=5`, {
      method: 'GET',
    });
    expect(found.body).toEqual({
      items: [{ sku: 'plain', title: 'Plain lamp', priceMinor: 1999 }],
      total: 1,
    });
    const home = await request(`${shop.running.origin}/api/home`, { method: 'GET' });
    expect(home.body.sale).toMatchObject({ closesAtUs: null, skus: ['hot'] });
    expect(home.body.featured).toHaveLength(3);
  });

  it('registers a customer who can then log in and shop', async () => {
    const { origin } = shop.running;
    const who = { email: 'anna@shop.example', password: 'correct horse' };
    const body = { ...who, name: 'Anna' };
    const made = await request(`${origin}/api/user/register`, { method: 'POST', body });
    expect(made.status).toBe(201);
    const twice = await request(`${origin}/api/user/register`, { method: 'POST', body });
    expect(twice.status).toBe(409);
    const login = await request(`${origin}/api/user/login`, { method: 'POST', body: who });
    expect(login.body.id).toBe(made.body.id);
    const cart = await request(`${origin}/api/cart`, {
      method: 'GET',
      headers: { authorization: `Bearer ${login.body.accessToken}` },
    });
    expect(cart.status).toBe(200);
    const wrong = await request(`${origin}/api/user/login`, {
      method: 'POST',
      body: { ...who, password: 'wrong' },
    });
    expect(wrong.status).toBe(401);
  });

  it.each([
    ['no JSON', '{', 400],
    ['a prototype key', '{"__proto__": {"quantity": 1}, "sku": "hot", "quantity": 1}', 400],
    ['an unknown field', { sku: 'hot', quantity: 1, price: 0 }, 400],
    ['a missing field', { sku: 'hot' }, 400],
    ['a body that is too large', { sku: 'x'.repeat(70_000), quantity: 1 }, 413],
  ])('refuses %s with a problem document', async (_name, body, status) => {
    const answer = await shop.api(0, 'POST', '/api/cart/items', body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status, type: 'about:blank' });
    expect(answer.body.code).toMatch(/^(bad_request|body_too_large)$/);
  });

  it('refuses an order without a key or with a strange payment token', async () => {
    const { id } = (await shop.checkout(20, 'plain')).body;
    const body = { checkoutId: id, paymentToken: 'tok_card' };
    expect((await shop.api(20, 'POST', '/api/orders', body)).status).toBe(400);
    expect((await shop.order(20, 'k', id, '4111111111111111')).status).toBe(400);
    expect((await shop.order(20, 'x'.repeat(129), id)).status).toBe(400);
  });

  it('describes every one of its routes in an OpenAPI document', async () => {
    const { body } = await request(`${shop.running.origin}/openapi.json`, { method: 'GET' });
    expect(body.openapi).toBe('3.1.0');
    const routes = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.sort()).toEqual([
      'GET /api/cart',
      'GET /api/home',
      'GET /api/inventory/{sku}',
      'GET /api/orders',
      'GET /api/orders/by-key/{key}',
      'GET /api/orders/{id}',
      'GET /api/products/{sku}',
      'GET /api/search',
      'GET /healthz',
      'POST /api/cart/items',
      'POST /api/checkouts',
      'POST /api/orders',
      'POST /api/orders/{id}/cancel',
      'POST /api/user/login',
      'POST /api/user/register',
      'PUT /api/orders/by-key/{key}/tombstone',
    ]);
    const order = body.paths['/api/orders'].post;
    expect(order.security).toEqual([{ bearer: [] }]);
    expect(Object.keys(order.responses)).toContain('402');
  });

  it('listens on the loopback interface only', async () => {
    const { port } = new URL(shop.running.origin);
    expect(new URL(shop.running.origin).hostname).toBe('127.0.0.1');
    // On Linux all of 127/8 is this machine: a server bound to every address would answer here.
    const refused = await new Promise<boolean>((resolve) => {
      const socket = net.connect({ host: '127.0.0.2', port: Number(port) });
      socket.on('connect', () => resolve(false)).on('error', () => resolve(true));
    });
    expect(refused).toBe(true);
  });
});
