import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Checkout, Line } from '../../../../src/reference-system/services.ts';
import { HOLD_TTL_MS, ShopBench } from '../../../support/shop-core.ts';

let bench: ShopBench;

beforeEach(async () => {
  bench = await ShopBench.open({ limitedSkus: ['a'], perCustomer: 2 });
});

afterEach(() => bench.stop());

const checkout = (lines: readonly Line[] | null, customer = 'c-1'): Promise<Checkout> =>
  bench.until(bench.core.orders.checkout(customer, lines));
const stock = (sku: string): Promise<number | undefined> =>
  bench.until(bench.core.inventory.stockOf(sku));

describe('checkout', () => {
  test('holds the lines, priced and totalled, until they expire', async () => {
    const beforeUs = bench.clock.nowUs();
    const made = await checkout([{ sku: 'b', quantity: 3 }]);
    expect(made.lines).toEqual([{ sku: 'b', units: 3, priceMinor: 1000 }]);
    expect(made.totalMinor).toBe(3000);
    expect(made.currency).toBe('EUR');
    expect(made.expiresAtUs - beforeUs).toBeGreaterThanOrEqual(HOLD_TTL_MS * 1000);
    expect(await stock('b')).toBe(7);
  });

  test('lines of the same SKU become one, in SKU order', async () => {
    const lines = ['c', 'b', 'c'].map((sku) => ({ sku, quantity: 1 }));
    expect((await checkout(lines)).lines.map((line) => [line.sku, line.units])).toEqual([
      ['b', 1],
      ['c', 2],
    ]);
  });

  test('takes the cart when no lines are given', async () => {
    await bench.until(bench.core.cart.put('c-1', { sku: 'b', quantity: 2 }));
    expect((await checkout(null)).totalMinor).toBe(2000);
    await expect(checkout(null, 'c-2')).rejects.toMatchObject({ status: 409, code: 'empty_cart' });
  });

  test('a price that changed since it was locked is refused with both prices', async () => {
    await bench.until(bench.core.cart.put('c-1', { sku: 'b', quantity: 1 }));
    bench.prices.set('b', 1200);
    await expect(checkout(null)).rejects.toMatchObject({
      status: 409,
      code: 'price_changed',
      facts: { sku: 'b', lockedMinor: 1000, priceMinor: 1200 },
    });
    expect(await stock('b')).toBe(10);
  });

  test.each(['upcoming', 'closed'] as const)('an %s sale is closed', async (state) => {
    bench.saleState = state;
    await expect(checkout([{ sku: 'a', quantity: 1 }])).rejects.toMatchObject({
      status: 409,
      code: 'sale_closed',
    });
    await checkout([{ sku: 'b', quantity: 1 }]);
  });

  test('sold out is refused with the SKU, and nothing is held', async () => {
    const lines = [
      { sku: 'b', quantity: 1 },
      { sku: 'c', quantity: 11 },
    ];
    await expect(checkout(lines)).rejects.toMatchObject({
      status: 409,
      code: 'sold_out',
      facts: { sku: 'c' },
    });
    expect(await stock('b')).toBe(10);
  });

  test('the purchase limit counts over checkouts', async () => {
    await checkout([{ sku: 'a', quantity: 2 }]);
    await expect(checkout([{ sku: 'a', quantity: 1 }])).rejects.toMatchObject({
      status: 409,
      code: 'limit_reached',
    });
    await checkout([{ sku: 'a', quantity: 1 }], 'c-2');
  });

  test.each([
    ['no lines', [], 409, 'empty_cart'],
    ['an unknown SKU', [{ sku: 'nothing', quantity: 1 }], 404, 'not_found'],
    ['no units', [{ sku: 'b', quantity: 0 }], 422, 'cart_limit'],
    ['half a unit', [{ sku: 'b', quantity: 0.5 }], 422, 'cart_limit'],
    ['too many units', [{ sku: 'b', quantity: 101 }], 422, 'cart_limit'],
    [
      'a negative line that makes room',
      [
        { sku: 'b', quantity: 3 },
        { sku: 'b', quantity: -2 },
      ],
      422,
      'cart_limit',
    ],
    [
      'too many lines',
      Array.from({ length: 51 }, (_, i) => ({ sku: `s${i}`, quantity: 1 })),
      422,
      'cart_limit',
    ],
  ] as const)('%s is refused', async (_name, lines, status, code) => {
    await expect(checkout(lines)).rejects.toMatchObject({ status, code });
  });

  test('unused checkouts are forgotten an hour after they expired', async () => {
    const made = await checkout([{ sku: 'b', quantity: 1 }]);
    bench.core.start();
    const request = { checkoutId: made.id, paymentToken: 'tok_instant' };
    bench.clock.advance(3_700_000);
    await bench.pass(6000, 50);
    await expect(bench.until(bench.core.orders.order('c-1', 'key', request))).rejects.toMatchObject(
      { status: 404 },
    );
  });
});

describe('a checkout that may be partial', () => {
  const partial = (lines: readonly Line[], customer = 'c-1') =>
    bench.until(bench.core.orders.checkout(customer, lines, { partial: true }));

  test('holds what there is and says what is missing', async () => {
    await checkout([{ sku: 'c', quantity: 7 }], 'c-2');
    await checkout([{ sku: 'a', quantity: 2 }], 'c-2');
    const made = await partial([
      { sku: 'c', quantity: 8 },
      { sku: 'b', quantity: 12 },
      { sku: 'a', quantity: 1 },
    ]);
    expect(made.lines.map(({ sku, units }) => [sku, units])).toEqual([
      ['a', 1],
      ['b', 10],
      ['c', 3],
    ]);
    expect(made.missing).toEqual([
      { sku: 'b', quantity: 2 },
      { sku: 'c', quantity: 5 },
    ]);
    expect(made.totalMinor).toBe(14_000);
    const request = { checkoutId: made.id, paymentToken: 'tok_instant' };
    const answer = await bench.until(bench.core.orders.order('c-1', 'key', request));
    expect(answer.order).toMatchObject({ status: 'confirmed', totalMinor: 14_000 });
  });

  test('leaves out a line of which there is nothing', async () => {
    await checkout([{ sku: 'c', quantity: 10 }], 'c-2');
    const made = await partial([
      { sku: 'b', quantity: 1 },
      { sku: 'c', quantity: 1 },
    ]);
    expect(made.lines.map(({ sku }) => sku)).toEqual(['b']);
    expect(made.missing).toEqual([{ sku: 'c', quantity: 1 }]);
  });

  test('of which there is nothing at all is sold out', async () => {
    await checkout([{ sku: 'c', quantity: 10 }], 'c-2');
    await expect(partial([{ sku: 'c', quantity: 1 }])).rejects.toMatchObject({ code: 'sold_out' });
  });

  test('is no way around the purchase limit', async () => {
    await checkout([{ sku: 'a', quantity: 1 }]);
    await expect(partial([{ sku: 'a', quantity: 2 }])).rejects.toMatchObject({
      code: 'limit_reached',
    });
  });

  test('of many at once holds every unit once', async () => {
    const made = await bench.until(
      Promise.allSettled(
        Array.from({ length: 12 }, (_, index) =>
          bench.core.orders.checkout(`c-${index}`, [{ sku: 'b', quantity: 3 }], { partial: true }),
        ),
      ),
    );
    const held = made.map((one) => (one.status === 'fulfilled' ? one.value.lines : []));
    const units = held.flat().reduce((sum, line) => sum + line.units, 0);
    expect(units).toBe(10);
    expect(await stock('b')).toBe(0);
  });
});

describe('the purchase limit', () => {
  test('holds when a customer sends everything at once', async () => {
    const tries = Array.from({ length: 30 }, (_, index) =>
      bench.core.orders.checkout('c-1', [{ sku: 'a', quantity: 1 + (index % 2) }]),
    );
    const made = await bench.until(Promise.allSettled(tries));
    const units = made.map((one) => (one.status === 'fulfilled' ? one.value.lines[0]?.units : 0));
    expect(units.reduce((sum: number, each) => sum + (each ?? 0), 0)).toBe(2);
    for (const one of made) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'limit_reached' });
    }
  });

  test('counts what was bought, and no longer what was given back', async () => {
    const made = await checkout([{ sku: 'a', quantity: 2 }]);
    const request = { checkoutId: made.id, paymentToken: 'tok_instant' };
    const { order } = await bench.until(bench.core.orders.order('c-1', 'key', request));
    const more = () => checkout([{ sku: 'a', quantity: 1 }]);
    await expect(more()).rejects.toMatchObject({ code: 'limit_reached' });
    await bench.until(bench.core.orders.cancel('c-1', order.id));
    expect((await more()).lines).toHaveLength(1);
  });
});

describe('a price that changes in mid-sale', () => {
  test('does not change what a checkout was promised', async () => {
    const made = await checkout([{ sku: 'b', quantity: 2 }]);
    bench.prices.set('b', 5000);
    const request = { checkoutId: made.id, paymentToken: 'tok_instant' };
    const { order } = await bench.until(bench.core.orders.order('c-1', 'key', request));
    expect(order.totalMinor).toBe(2000);
    expect(bench.payments.charges.get(order.id)?.amountMinor).toBe(2000);
    expect((await checkout([{ sku: 'b', quantity: 1 }])).totalMinor).toBe(5000);
  });

  test('is accepted by taking the line out of the cart and putting it in again', async () => {
    const put = (quantity: number) =>
      bench.until(bench.core.cart.put('c-1', { sku: 'b', quantity }));
    await put(1);
    bench.prices.set('b', 900);
    await expect(checkout(null)).rejects.toMatchObject({ code: 'price_changed' });
    await put(0);
    await put(1);
    expect((await checkout(null)).totalMinor).toBe(900);
  });
});
