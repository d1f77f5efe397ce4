import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Shop } from './running-shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.start();
});
afterAll(() => shop.running.stop());
beforeEach(() => shop.seed({ hotUnits: 1000, perCustomer: 1000 }));

let ordinal = 0;
const freshKey = (): string => `key-${ordinal++}`;

describe('an order', () => {
  it('goes from the cart through the hold and the payment to a confirmed order', async () => {
    const before = (await shop.api(1, 'GET', '/api/inventory/plain')).body.available;
    const line = { sku: 'plain', quantity: 2 };
    const cart = await shop.api(1, 'POST', '/api/cart/items', line);
    expect(cart.body).toEqual({
      lines: [{ ...line, priceMinor: 1999 }],
      totalMinor: 3998,
      currency: 'EUR',
    });
    const held = await shop.api(1, 'POST', '/api/checkouts', {});
    expect(held.status).toBe(201);
    expect(held.body).toMatchObject({ totalMinor: 3998, lines: [line], currency: 'EUR' });
    expect(Date.parse(held.body.expiresAt)).toBeGreaterThan(Date.now());
    expect((await shop.api(1, 'GET', '/api/inventory/plain')).body.available).toBe(before - 2);

    const key = freshKey();
    const order = await shop.order(1, key, held.body.id);
    expect(order.status).toBe(201);
    expect(order.headers.get('idempotent-replayed')).toBeNull();
    expect(order.body).toEqual({
      id: expect.any(String),
      key,
      status: 'confirmed',
      lines: [{ ...line, priceMinor: 1999 }],
      totalMinor: 3998,
      currency: 'EUR',
    });
    expect((await shop.api(1, 'GET', `/api/orders/${order.body.id}`)).body).toEqual(order.body);
    expect((await shop.api(1, 'GET', `/api/orders/by-key/${key}`)).body).toEqual(order.body);
    await shop.settle();
    expect((await shop.api(1, 'GET', '/api/cart')).body.lines).toEqual([]);
    expect((await shop.charges()).body.items).toContainEqual(
      expect.objectContaining({ orderId: order.body.id, amountMinor: 3998, status: 'captured' }),
    );
  });

  it('is replayed as it was first answered, and charged once', async () => {
    const { id } = (await shop.checkout(2)).body;
    const key = freshKey();
    const first = await shop.order(2, key, id);
    const again = await shop.order(2, key, id);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const charges = (await shop.charges()).body.items;
    const mine = charges.filter((charge: any) => charge.orderId === first.body.id);
    expect(mine).toHaveLength(1);
  });

  it('sent twenty times at once under one key is made once', async () => {
    const { id } = (await shop.checkout(3)).body;
    const key = freshKey();
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.order(3, key, id)));
    const made = answers.filter((answer) => answer.status === 201);
    const inProgress = answers.filter((answer) => answer.status === 409);
    expect(made.length + inProgress.length).toBe(20);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made.map((answer) => answer.body.id)).size).toBe(1);
    expect(inProgress.every((answer) => answer.body.code === 'key_in_progress')).toBe(true);
  });

  it('under a used key with another payload is refused', async () => {
    const { id } = (await shop.checkout(4)).body;
    const key = freshKey();
    await shop.order(4, key, id);
    const changed = await shop.order(4, key, id, 'tok_other');
    expect(changed.status).toBe(422);
    expect(changed.body.code).toBe('key_reused');
    expect(changed.headers.get('content-type')).toBe('application/problem+json');
  });

  it('cannot be made of the checkout of somebody else, nor of one that is not there', async () => {
    const { id } = (await shop.checkout(5)).body;
    for (const answer of [
      await shop.order(6, freshKey(), id),
      await shop.order(6, freshKey(), 'k-nothing'),
    ]) {
      expect(answer.status).toBe(404);
    }
  });

  it('of somebody else is not shown and not cancelled', async () => {
    const { id } = (await shop.checkout(7)).body;
    const key = freshKey();
    const order = (await shop.order(7, key, id)).body;
    expect((await shop.api(8, 'GET', `/api/orders/${order.id}`)).status).toBe(404);
    expect((await shop.api(8, 'GET', `/api/orders/by-key/${key}`)).status).toBe(404);
    expect((await shop.api(8, 'POST', `/api/orders/${order.id}/cancel`)).status).toBe(404);
  });

  it('that is cancelled gives the units and the money back, once', async () => {
    const { id } = (await shop.checkout(9)).body;
    const order = (await shop.order(9, freshKey(), id)).body;
    const before = (await shop.api(9, 'GET', '/api/inventory/hot')).body.available;
    for (let attempt = 0; attempt < 2; attempt++) {
      const cancelled = await shop.api(9, 'POST', `/api/orders/${order.id}/cancel`);
      expect(cancelled.status).toBe(200);
      expect(cancelled.body.status).toBe('refunded');
    }
    expect((await shop.api(9, 'GET', '/api/inventory/hot')).body.available).toBe(before + 1);
    const charges = (await shop.charges()).body.items;
    expect(charges.find((charge: any) => charge.orderId === order.id).status).toBe('refunded');
  });
});

describe('a key', () => {
  it('that was never used is unknown, and can be withdrawn for good', async () => {
    const { id } = (await shop.checkout(10)).body;
    const key = freshKey();
    expect((await shop.api(10, 'GET', `/api/orders/by-key/${key}`)).status).toBe(404);
    const withdrawn = await shop.api(10, 'PUT', `/api/orders/by-key/${key}/tombstone`);
    expect(withdrawn.body).toEqual({ status: 'tombstoned' });
    expect((await shop.api(10, 'GET', `/api/orders/by-key/${key}`)).status).toBe(410);
    const late = await shop.order(10, key, id);
    expect(late.status).toBe(410);
    expect(late.body.code).toBe('tombstoned');
  });

  it('that was used cannot be withdrawn, and tells its order', async () => {
    const { id } = (await shop.checkout(11)).body;
    const key = freshKey();
    const order = (await shop.order(11, key, id)).body;
    const answer = await shop.api(11, 'PUT', `/api/orders/by-key/${key}/tombstone`);
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ code: 'key_used', order });
  });
});

describe('a checkout', () => {
  it('is refused as sold out when the last unit is held', async () => {
    const customers = [12, 13, 14];
    const answers = await Promise.all(customers.map((n) => shop.checkout(n, 'last')));
    const refused = answers.filter((answer) => answer.status === 409);
    expect(refused).toHaveLength(2);
    expect(refused.every((answer) => answer.body.code === 'sold_out')).toBe(true);
  });

  it('of an empty cart, an unknown product or an absurd quantity is refused', async () => {
    expect((await shop.api(15, 'POST', '/api/checkouts', {})).body.code).toBe('empty_cart');
    expect((await shop.checkout(15, 'nothing')).body.code).toBe('not_found');
    for (const quantity of [0, -1, 1.5, 1e9, '1']) {
      const answer = await shop.api(15, 'POST', '/api/checkouts', {
        lines: [{ sku: 'hot', quantity }],
      });
      expect(answer.status).toBe(400);
      expect(answer.body.code).toBe('bad_request');
    }
  });
});

describe('the sale', () => {
  it('sells from its opening to its close, and says so', async () => {
    const saleOf = async (): Promise<string> =>
      (await shop.api(16, 'GET', '/api/inventory/hot')).body.sale;
    await shop.openSale(60_000);
    expect(await saleOf()).toBe('upcoming');
    expect((await shop.checkout(16)).body.code).toBe('sale_closed');
    expect((await shop.checkout(16, 'plain')).status).toBe(201);
    await shop.openSale(-1000, 60_000);
    expect(await saleOf()).toBe('open');
    expect((await shop.checkout(16)).status).toBe(201);
    await shop.openSale(-2000, -1000);
    expect(await saleOf()).toBe('closed');
    expect((await shop.checkout(16)).body.code).toBe('sale_closed');
  });

  it('limits units per customer, also over several checkouts', async () => {
    await shop.seed({ hotUnits: 1000, perCustomer: 2 });
    expect((await shop.checkout(17, 'hot', 2)).status).toBe(201);
    const beyond = await shop.checkout(17);
    expect(beyond.status).toBe(409);
    expect(beyond.body.code).toBe('limit_reached');
    expect((await shop.checkout(18)).status).toBe(201);
  });
});
