import { describe, expect, it } from 'vitest';
import { Shop, type StartOptions, until } from './running-shop.ts';

async function withShop(options: StartOptions, test: (shop: Shop) => Promise<void>) {
  const shop = await Shop.start(options);
  try {
    await shop.seed({ hotUnits: 100, perCustomer: 100 });
    await test(shop);
  } finally {
    await shop.running.stop();
  }
}

describe('a payment', () => {
  it('that is declined refuses the order for good and gives the units back', () =>
    withShop({ payment: { declined: 1 } }, async (shop) => {
      const { id } = (await shop.checkout(0)).body;
      const first = await shop.order(0, 'k', id);
      expect(first.status).toBe(402);
      expect(first.body.code).toBe('payment_declined');
      const again = await shop.order(0, 'k', id);
      expect(again.status).toBe(402);
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect((await shop.api(0, 'GET', '/api/inventory/hot')).body.available).toBe(100);
      expect((await shop.api(0, 'GET', '/api/orders/by-key/k')).body.status).toBe('declined');
      const instant = (await shop.checkout(0)).body.id;
      expect((await shop.order(0, 'k2', instant, 'tok_instant')).status).toBe(201);
    }));

  it('whose answer is lost leaves the order accepted, and later confirmed', () =>
    withShop({ payment: { lostAnswers: 1, timeoutMs: 100 } }, async (shop) => {
      const orders = await Promise.all(
        Array.from({ length: 8 }, async (_, customer) => {
          const { id } = (await shop.checkout(customer)).body;
          return shop.order(customer, 'k', id);
        }),
      );
      expect(orders.map((order) => order.status)).toEqual(Array(8).fill(202));
      expect(new Set(orders.map((order) => order.body.status))).toEqual(
        new Set(['payment_unknown']),
      );
      await shop.settle();
      for (let customer = 0; customer < 8; customer++) {
        const now = await shop.api(customer, 'GET', '/api/orders/by-key/k');
        expect(now.body.status).toBe('confirmed');
      }
      const charges = (await shop.charges()).body.items;
      expect(charges.map((charge: any) => charge.status)).toEqual(Array(8).fill('captured'));
      expect((await shop.api(0, 'GET', '/api/inventory/hot')).body.available).toBe(92);
    }));

  it('that never comes is barred when the hold ends, and the units are free again', () =>
    withShop(
      {
        payment: { latency: { p50Ms: 60_000, p99Ms: 60_001 }, timeoutMs: 100 },
        inventory: { holdTtlMs: 600 },
      },
      async (shop) => {
        const { id } = (await shop.checkout(0)).body;
        expect((await shop.order(0, 'k', id)).status).toBe(202);
        await shop.settle();
        const replay = await shop.order(0, 'k', id);
        expect(replay.status).toBe(409);
        expect(replay.body.code).toBe('checkout_expired');
        expect((await shop.charges()).body.items).toMatchObject([{ status: 'voided' }]);
        expect((await shop.api(0, 'GET', '/api/inventory/hot')).body.available).toBe(100);
      },
    ));
});

describe('a hold', () => {
  it('that nobody pays for expires', () =>
    withShop({ inventory: { holdTtlMs: 200 } }, async (shop) => {
      const { id } = (await shop.checkout(0, 'hot', 3)).body;
      await until(async () => {
        return (await shop.api(0, 'GET', '/api/inventory/hot')).body.available === 100;
      });
      const late = await shop.order(0, 'k', id);
      expect(late.status).toBe(409);
      expect(late.body.code).toBe('checkout_expired');
      expect((await shop.charges()).body.items).toEqual([]);
    }));
});
