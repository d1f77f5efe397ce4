// The waiting room of a real shop, over HTTP: places, tokens, refusals, a restart in between.
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { AdmissionOptions } from '../../../src/contract/profile.ts';
import { type Answer, clock, Shop, type StartOptions, until } from './running-shop.ts';

const running: Shop[] = [];
afterEach(async () => {
  for (const shop of running.splice(0)) await shop.running.stop();
});

const ROOM: AdmissionOptions = {
  waitingRoom: true,
  ratePerSec: 1000,
  atOnce: 0,
  tokenTtlMs: 60_000,
  checkouts: 1,
  placeTtlMs: 60_000,
};

async function shopWith(
  room: Partial<AdmissionOptions> = {},
  options: StartOptions & { readonly opensInMs?: number } = {},
): Promise<Shop> {
  const system = { ...options.system, admission: { ...ROOM, ...room } };
  const shop = await Shop.start({ ...options, system });
  running.push(shop);
  await shop.seed({ hotUnits: 100, perCustomer: 10, opensInMs: options.opensInMs ?? 0 });
  return shop;
}

const join = (shop: Shop, customer: number) => shop.api(customer, 'POST', '/api/admission');
const look = (shop: Shop, customer: number) => shop.api(customer, 'GET', '/api/admission');

async function tokenOf(shop: Shop, customer: number): Promise<string> {
  let answer = await join(shop, customer);
  await until(async () => {
    answer = await look(shop, customer);
    return answer.body.status === 'admitted';
  });
  return answer.body.token;
}

function checkout(shop: Shop, customer: number, token?: string, sku = 'hot'): Promise<Answer> {
  const lines = [{ sku, quantity: 1 }];
  const headers = token === undefined ? {} : { 'x-admission-token': token };
  return shop.api(customer, 'POST', '/api/checkouts', { lines }, headers);
}

async function rows(shop: Shop) {
  return (await shop.control('GET', '/ledger/admissions')).body.items;
}

describe('a checkout of sale items', () => {
  it('wants the token of the waiting room, and one that is good once passes once', async () => {
    const shop = await shopWith();
    expect(await checkout(shop, 0)).toMatchObject({
      status: 403,
      body: { code: 'admission_required' },
    });
    const token = await tokenOf(shop, 0);
    expect((await checkout(shop, 0, token)).status).toBe(201);
    expect((await checkout(shop, 0, token)).body.code).toBe('admission_used');
    expect(await rows(shop)).toMatchObject([
      { id: 'w-1', customer: 'c-0', joinedSeq: 1, admittedSeq: 1, uses: 1 },
    ]);
    // The next purchase wants another turn.
    expect((await look(shop, 0)).status).toBe(404);
    expect((await checkout(shop, 0, await tokenOf(shop, 0))).status).toBe(201);
  });

  it('is refused with a token that is forged, of somebody else, or mangled', async () => {
    const shop = await shopWith();
    const token = await tokenOf(shop, 1);
    const [version, payload = '', mac = ''] = token.split('.');
    const forged = createHmac('sha256', 'guessed').update(payload).digest('base64url');
    const access = shop.tokens[1] ?? '';
    const changed = Buffer.from(
      Buffer.from(payload, 'base64url').toString().replace('c-1', 'c-0'),
    ).toString('base64url');
    for (const wrong of [
      `${version}.${payload}.${forged}`,
      `${version}.${changed}.${mac}`,
      `${version}.${payload}`,
      `${token}x`,
      token.slice(0, -1),
      `a2.${payload}.${mac}`,
      access,
      'x'.repeat(5000),
      '{}',
    ]) {
      const answer = await checkout(shop, 0, wrong);
      expect([wrong, answer.status, answer.body.code]).toEqual([wrong, 403, 'admission_invalid']);
    }
    expect((await checkout(shop, 0, token)).body.code).toBe('admission_foreign');
    // None of that cost its owner anything.
    expect((await checkout(shop, 1, token)).status).toBe(201);
  });

  it('passes through a cart by no other way, and other items need no token', async () => {
    const shop = await shopWith();
    expect((await checkout(shop, 0, undefined, 'plain')).status).toBe(201);
    for (const sku of ['plain', 'hot']) {
      await shop.api(0, 'POST', '/api/cart/items', { sku, quantity: 1 });
    }
    const withCart = await shop.api(0, 'POST', '/api/checkouts', {});
    expect(withCart).toMatchObject({ status: 403, body: { code: 'admission_required' } });
    const stock = (await shop.control('GET', '/ledger/stock')).body.items;
    expect(stock).toMatchObject([{ sku: 'hot', held: 0 }, { sku: 'last' }, { held: 1 }]);
  });

  it('that fails does not use the token up, and two at a time do not share it', async () => {
    const shop = await shopWith();
    const token = await tokenOf(shop, 0);
    const lines = [
      { sku: 'hot', quantity: 1 },
      { sku: 'last', quantity: 2 },
    ];
    const headers = { 'x-admission-token': token };
    const failed = await shop.api(0, 'POST', '/api/checkouts', { lines }, headers);
    expect(failed).toMatchObject({ status: 409, body: { code: 'sold_out' } });
    const both = await Promise.all(Array.from({ length: 6 }, () => checkout(shop, 0, token)));
    expect(both.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = both.filter(({ status }) => status === 403);
    expect(new Set(refused.map(({ body }) => body.code))).toEqual(new Set(['admission_used']));
    expect(await rows(shop)).toMatchObject([{ uses: 1 }]);
  });

  it('is refused after the token has expired, and unused tokens are counted', async () => {
    const shop = await shopWith({ tokenTtlMs: 1000 });
    const token = await tokenOf(shop, 0);
    await clock.sleep(1100);
    expect((await checkout(shop, 0, token)).body.code).toBe('admission_expired');
    const { body } = await shop.control('GET', '/control/observe');
    expect(body.waitingRoom).toMatchObject({ waiting: 0, admitted: 1, active: 0, unused: 1 });
  });

  it('knows no token of another sale', async () => {
    const shop = await shopWith();
    const token = await tokenOf(shop, 0);
    await shop.openSale(-1000);
    expect((await look(shop, 0)).status).toBe(404);
    expect((await checkout(shop, 0, token)).body.code).toBe('admission_foreign');
    expect((await checkout(shop, 0, await tokenOf(shop, 0))).status).toBe(201);
  });

  it('is open to customers that are exempt', async () => {
    const shop = await shopWith();
    const body = { from: 40, count: 5, exempt: true };
    expect((await shop.control('POST', '/control/customers', body)).status).toBe(200);
    expect((await checkout(shop, 41)).status).toBe(201);
    expect((await checkout(shop, 39)).status).toBe(403);
  });
});

describe('the waiting room', () => {
  it('admits in the order of arrival, not before the opening, and tells where one stands', async () => {
    const shop = await shopWith({ ratePerSec: 20 }, { opensInMs: 2000 });
    const joined: Answer[] = [];
    for (let customer = 0; customer < 12; customer++) joined.push(await join(shop, customer));
    expect(joined.map(({ body }) => body.position)).toEqual(joined.map((_, i) => i + 1));
    // Place n is 50 ms × n after the opening, and time goes by between two of them.
    const waits = joined.map(({ body }) => body.estimatedWaitMs);
    expect(waits.every((ms) => ms > 0 && ms <= 2000 + 12 * 50)).toBe(true);
    expect(joined[0]?.body).toMatchObject({ status: 'waiting', pollAfterMs: 1000 });
    expect(joined[0]?.headers.get('cache-control')).toBe('no-store');
    // Asking again neither moves anybody nor takes a second place.
    expect((await join(shop, 3)).body.position).toBeLessThanOrEqual(4);
    await until(async () => (await look(shop, 11)).body.status === 'admitted');
    const book = await rows(shop);
    expect(book).toHaveLength(12);
    expect(book.map((row: any) => row.admittedSeq)).toEqual(book.map((_: any, i: number) => i + 1));
    const opensAtUs = (await shop.api(0, 'GET', '/api/home')).body.sale.opensAtUs;
    for (const row of book) expect(row.admittedAtUs).toBeGreaterThanOrEqual(Math.floor(opensAtUs));
  });

  it('admits no more at once than its bound, and the next when one has checked out', async () => {
    const shop = await shopWith({ ratePerSec: 0, atOnce: 2 });
    for (let customer = 0; customer < 4; customer++) await join(shop, customer);
    const first = await tokenOf(shop, 0);
    await tokenOf(shop, 1);
    await clock.sleep(200);
    expect((await look(shop, 2)).body).toMatchObject({ status: 'waiting', position: 1 });
    expect((await checkout(shop, 0, first)).status).toBe(201);
    await until(async () => (await look(shop, 2)).body.status === 'admitted');
    expect((await look(shop, 3)).body).toMatchObject({ status: 'waiting', position: 1 });
  });

  it('passes over those who have not asked for long', async () => {
    const shop = await shopWith({ placeTtlMs: 1000 }, { opensInMs: 2500 });
    await join(shop, 0);
    await join(shop, 1);
    await until(async () => (await look(shop, 1)).body.status === 'admitted');
    expect((await look(shop, 0)).status).toBe(404);
    const { body } = await shop.control('GET', '/control/observe');
    expect(body.waitingRoom).toMatchObject({ admitted: 1, passedOver: 1, overtaken: 0 });
  });

  it('keeps places, tokens and their uses across a crash', async () => {
    const shop = await shopWith({ ratePerSec: 0, atOnce: 2, checkouts: 2 });
    for (let customer = 0; customer < 4; customer++) await join(shop, customer);
    const tokens = [await tokenOf(shop, 0), await tokenOf(shop, 1)];
    expect((await checkout(shop, 0, tokens[0])).status).toBe(201);
    await shop.running.restartShop();
    expect((await look(shop, 2)).body).toMatchObject({ status: 'waiting', position: 1 });
    expect((await look(shop, 1)).body.token).toBe(tokens[1]);
    expect((await checkout(shop, 0, tokens[0])).status).toBe(201);
    expect((await checkout(shop, 0, tokens[0])).body.code).toBe('admission_used');
    await until(async () => (await look(shop, 2)).body.status === 'admitted');
    expect((await join(shop, 0)).body).toMatchObject({ status: 'waiting', position: 2 });
    const book = await rows(shop);
    expect(book.map((row: any) => row.joinedSeq)).toEqual([1, 2, 3, 4, 5]);
    expect(book.map((row: any) => row.admittedSeq)).toEqual([1, 2, 3, 0, 0]);
  });

  it('is closed by its operator for good, and refuses before a sale is announced', async () => {
    const shop = await shopWith({}, { opensInMs: 60_000 });
    expect((await join(shop, 0)).status).toBe(200);
    await shop.control('POST', '/control/waiting-room/close', {});
    await shop.openSale(0);
    expect((await join(shop, 1)).body.code).toBe('sale_closed');
    await shop.openSale(-2000, -1000);
    expect((await join(shop, 1)).body.code).toBe('sale_closed');
  });

  it('wants to know who asks', async () => {
    const shop = await shopWith();
    for (const method of ['GET', 'POST']) {
      const answer = await shop.api(0, method, '/api/admission', undefined, { authorization: 'x' });
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorised' } });
    }
  });

  it('is not there unless the profile has one', async () => {
    const shop = await Shop.start();
    running.push(shop);
    await shop.seed({ hotUnits: 1 });
    expect((await join(shop, 0)).status).toBe(404);
    expect((await checkout(shop, 0)).status).toBe(201);
    expect((await shop.control('GET', '/ledger/admissions')).status).toBe(404);
    expect((await shop.control('GET', '/control/observe')).body).not.toHaveProperty('waitingRoom');
  });
});
