import { afterEach, describe, expect, it } from 'vitest';
import { CLIENT_DEFAULTS, createCall } from '../../../src/contract/call.ts';
import { createLoadClient } from '../../../src/targets/client-registry.ts';
import { clock, Shop } from './running-shop.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

const PER_SEC = 5;
const CUSTOMERS = 40;

async function shopWith(limits: object): Promise<Shop> {
  const shop = await Shop.start({ system: { limits: { perCustomer: 2, ...limits } } });
  opened.push({ close: () => shop.running.stop() });
  await shop.seed({ hotUnits: 10 });
  return shop;
}

/** One look at the stock by each of the customers, all from this machine. */
async function looks(shop: Shop, addressSecret: string): Promise<string[]> {
  const client = createLoadClient(
    {
      ...CLIENT_DEFAULTS,
      kind: 'reference',
      origin: shop.running.origin,
      skus: ['hot', 'plain', 'last'],
      tokens: shop.tokens,
      addressSecret,
    },
    clock,
  );
  opened.push(client);
  await client.open();
  return Promise.all(
    Array.from({ length: CUSTOMERS }, (_, customer) => {
      const call = { ...createCall(), operation: 'viewStock' as const, item: 0, customer };
      return new Promise<string>((resolve) =>
        client.execute(call, ({ outcome, reason }) => resolve(`${outcome} ${reason}`)),
      );
    }),
  );
}

const count = (outcomes: readonly string[], wanted: string): number =>
  outcomes.filter((outcome) => outcome === wanted).length;

describe('a shop with a limit per address', () => {
  it('takes a load test for one client when no addresses are stated', async () => {
    const shop = await shopWith({ perAddressPerSec: PER_SEC });
    const outcomes = await looks(shop, '');
    expect(count(outcomes, 'refused rate_limited')).toBeGreaterThan(CUSTOMERS / 2);
    expect(count(outcomes, 'ok in_stock')).toBeGreaterThanOrEqual(PER_SEC);
  });

  it('serves each shopper by its own stated address', async () => {
    const shop = await shopWith({ perAddressPerSec: PER_SEC });
    const outcomes = await looks(shop, shop.running.addressSecret);
    expect(new Set(outcomes)).toEqual(new Set(['ok in_stock']));
  });

  it('is not fooled by a signature with another key', async () => {
    const shop = await shopWith({ perAddressPerSec: PER_SEC });
    const outcomes = await looks(shop, 'some other key');
    expect(count(outcomes, 'refused rate_limited')).toBeGreaterThan(CUSTOMERS / 2);
  });

  it('says when to come back, and that nothing was started', async () => {
    const shop = await shopWith({ perAddressPerSec: 1 });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => shop.api(0, 'GET', '/api/cart')),
    );
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'rate_limited', status: 429 });
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect(refused?.headers.get('x-shed')).toBe('before-dispatch');
    const health = await Promise.all(
      Array.from({ length: 10 }, () => shop.api(0, 'GET', '/healthz')),
    );
    expect(health.every(({ status }) => status === 200)).toBe(true);
  });
});

describe('a shop with a limit per user', () => {
  it('refuses the one who asks too often, wherever from, and nobody else', async () => {
    const shop = await shopWith({ perUserPerSec: 2 });
    const ask = async (customer: number): Promise<number> =>
      (await shop.api(customer, 'GET', '/api/cart')).status;
    const often = await Promise.all(Array.from({ length: 8 }, () => ask(0)));
    const others = await Promise.all(Array.from({ length: 8 }, (_, i) => ask(i + 1)));
    expect(often.filter((status) => status === 429).length).toBeGreaterThanOrEqual(4);
    expect(new Set(others)).toEqual(new Set([200]));
  });
});
