import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Checkout, Line } from '../../../../src/reference-system/services.ts';
import { HOLD_TTL_MS, ShopBench } from '../../../support/shop-core.ts';

describe('checkout', () => {
  let bench: ShopBench;

  beforeEach(async () => {
    bench = await ShopBench.open({ limitedSkus: ['a'], perCustomer: 2 });
  });

  afterEach(() => bench.stop());

  const checkout = (lines: readonly Line[] | null, customer = 'c-1'): Promise<Checkout> =>
    bench.until(bench.core.orders.checkout(customer, lines));
  const stock = (sku: string): Promise<number | undefined> =>
    bench.until(bench.core.inventory.stockOf(sku));

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
