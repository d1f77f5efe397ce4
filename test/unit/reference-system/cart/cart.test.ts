import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ShopBench } from '../../../support/shop-core.ts';

describe('cart', () => {
  let bench: ShopBench;

  beforeEach(async () => {
    bench = await ShopBench.open();
  });

  afterEach(() => bench.stop());

  const put = (sku: string, quantity: number, customer = 'c-1') =>
    bench.until(bench.core.cart.put(customer, { sku, quantity }));
  const view = (customer = 'c-1') => bench.until(bench.core.cart.view(customer));

  test('quantities of the same SKU add up and 0 removes the line', async () => {
    await put('b', 1);
    await put('a', 2);
    const cart = await put('a', 3);
    expect(cart.lines).toEqual([
      { sku: 'a', quantity: 5, priceMinor: 1000 },
      { sku: 'b', quantity: 1, priceMinor: 1000 },
    ]);
    expect(cart.totalMinor).toBe(6000);
    expect((await put('a', 0)).lines.map((line) => line.sku)).toEqual(['b']);
  });

  test('the price is locked by the first add, until the line is removed', async () => {
    await put('a', 1);
    bench.prices.set('a', 2000);
    expect((await put('a', 1)).lines[0]?.priceMinor).toBe(1000);
    await put('a', 0);
    expect((await put('a', 1)).lines[0]?.priceMinor).toBe(2000);
  });

  test('an unknown SKU is not found', async () => {
    await expect(put('nothing', 1)).rejects.toMatchObject({ status: 404, code: 'not_found' });
  });

  test.each([-1, 1.5, 101, Number.NaN])('a quantity of %s is refused', async (quantity) => {
    await expect(put('a', quantity)).rejects.toMatchObject({ status: 422, code: 'cart_limit' });
  });

  test('a line may not grow beyond its limit, and stays as it was', async () => {
    await put('a', 60);
    await expect(put('a', 60)).rejects.toMatchObject({ code: 'cart_limit' });
    expect((await view()).lines[0]?.quantity).toBe(60);
  });

  test('a cart has at most fifty lines', async () => {
    for (let i = 0; i <= 50; i++) bench.prices.set(`s${i}`, 1);
    for (let i = 0; i < 50; i++) await put(`s${i}`, 1);
    await expect(put('s50', 1)).rejects.toMatchObject({ code: 'cart_limit' });
    expect((await put('s49', 1)).lines).toHaveLength(50);
  });

  test('every customer has a cart of their own, and clearing empties it', async () => {
    await put('a', 1);
    await put('b', 1, 'c-2');
    await bench.until(bench.core.cart.clear('c-1'));
    expect((await view()).lines).toEqual([]);
    expect((await view('c-2')).lines).toHaveLength(1);
  });

  test('a confirmed order empties the cart it was made of, but not what was added since', async () => {
    const { orders, relay } = bench.core;
    await put('a', 1);
    await bench.pass(10);
    const checkout = await bench.until(orders.checkout('c-1', null));
    await bench.pass(10);
    await put('b', 1);
    const request = { checkoutId: checkout.id, paymentToken: 'tok_instant' };
    await bench.until(orders.order('c-1', 'key', request));
    expect((await view()).lines).toHaveLength(2);
    await bench.until(relay.drain());
    expect((await view()).lines.map((line) => line.sku)).toEqual(['b']);
  });

  test('a direct order leaves the cart alone', async () => {
    const { orders, relay } = bench.core;
    await put('a', 1);
    const checkout = await bench.until(orders.checkout('c-1', [{ sku: 'a', quantity: 1 }]));
    const request = { checkoutId: checkout.id, paymentToken: 'tok_instant' };
    await bench.until(orders.order('c-1', 'key', request));
    await bench.until(relay.drain());
    expect((await view()).lines).toHaveLength(1);
  });
});
