// The shop dies at each place between two steps of an order, is started again on its files, and
// must come to rest with money, stock and orders in agreement.
import { afterEach, expect, test } from 'vitest';
import type { StoreLayout } from '../../src/contract/profile.ts';
import { CRASH_POINTS, type CrashPoint } from '../../src/reference-system/crash-points.ts';
import { Refusal } from '../../src/reference-system/services.ts';
import { CALM } from '../support/payment-ledger.ts';
import { CrashSignal, HOLD_TTL_MS, ShopBench } from '../support/shop-core.ts';
import { expectSound } from '../support/shop-rules.ts';

/** Longer than anything that a shopper still does with an order takes. */
const ARCHIVE_AFTER_MS = 3 * HOLD_TTL_MS;

let bench: ShopBench | undefined;

afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

/** Refusals and the crash itself are what shoppers may see; anything else is a bug. */
async function attempt(shop: ShopBench, work: () => Promise<unknown>): Promise<void> {
  if (shop.crashed) return;
  try {
    await shop.until(work());
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof CrashSignal)) throw error;
  }
}

async function buy(shop: ShopBench, customer: string, token = 'tok_instant'): Promise<void> {
  await attempt(shop, async () => {
    const checkout = await shop.core.orders.checkout(customer, [
      { sku: 'a', quantity: 1 },
      { sku: 'b', quantity: 2 },
    ]);
    const request = { checkoutId: checkout.id, paymentToken: token };
    await shop.core.orders.order(customer, `key-${customer}`, request);
  });
}

/** One order for each way that an order can go, so that every crash point is passed. */
async function everyWay(shop: ShopBench): Promise<void> {
  shop.core.start();
  await buy(shop, 'calm');
  shop.payments.behaviour = { ...CALM, declined: 1 };
  await buy(shop, 'declined', 'tok_x');
  shop.payments.behaviour = { ...CALM, lostAnswers: 1 };
  await buy(shop, 'answer-lost', 'tok_x');
  shop.payments.behaviour = { ...CALM, lostRequests: 1 };
  await buy(shop, 'request-lost', 'tok_x');
  await shop.pass(HOLD_TTL_MS + 500);
  shop.payments.behaviour = { ...CALM, latencyMs: HOLD_TTL_MS * 4 };
  await buy(shop, 'late-held-again', 'tok_x');
  shop.payments.behaviour = CALM;
  await buy(shop, 'cancels');
  await attempt(shop, async () => {
    const order = await shop.core.orders.byKey('cancels', 'key-cancels');
    if (order === undefined || order === 'tombstoned') return;
    await shop.core.orders.cancel('cancels', order.id);
  });
  await attempt(shop, () => soldOutWhilePaying(shop));
  if (!shop.crashed) await shop.pass(ARCHIVE_AFTER_MS + 1000);
}

/** A capture comes after the hold has expired and others have bought the rest: it is paid back. */
async function soldOutWhilePaying(shop: ShopBench): Promise<void> {
  const { orders } = shop.core;
  const slow = await orders.checkout('too-late', [{ sku: 'c', quantity: 10 }]);
  shop.payments.behaviour = { ...CALM, latencyMs: HOLD_TTL_MS * 4 };
  const request = { checkoutId: slow.id, paymentToken: 'tok_x' };
  const paying = orders.order('too-late', 'key-too-late', request);
  paying.catch(() => {});
  await shop.clock.sleep(HOLD_TTL_MS + 500);
  shop.payments.behaviour = CALM;
  const quick = await orders.checkout('quicker', [{ sku: 'c', quantity: 1 }]);
  await orders.order('quicker', 'key-quicker', { ...request, checkoutId: quick.id });
  await paying;
}

const LAYOUTS: readonly StoreLayout[] = ['shared', 'per-service'];

test('without a crash the orders pass every crash point', async () => {
  bench = await ShopBench.open({ seed: 3, archiveAfterMs: ARCHIVE_AFTER_MS });
  await everyWay(bench);
  await bench.settle();
  await expectSound(bench);
  expect([...bench.reached.keys()].sort()).toEqual([...CRASH_POINTS].sort());
});

test.each(LAYOUTS.flatMap((layout) => CRASH_POINTS.map((point) => [layout, point] as const)))(
  '%s: after a crash at "%s" money, stock and orders agree',
  async (layout, point) => {
    bench = await ShopBench.open({ layout, seed: 3, archiveAfterMs: ARCHIVE_AFTER_MS });
    await crashAndRecover(bench, point, 1);
  },
);

test.each(['order: hold committed', 'refund: paid back', 'void: barred'] as const)(
  'a second crash at "%s", during the recovery from the first, changes nothing',
  async (point) => {
    bench = await ShopBench.open({ seed: 3, archiveAfterMs: ARCHIVE_AFTER_MS });
    bench.crashAt = { point, pass: 1 };
    await everyWay(bench);
    expect(bench.crashed).toBe(true);
    bench.crashAt = { point, pass: 2 };
    await bench.restart();
    expect(bench.crashed, 'the recovery crashed as well').toBe(true);
    await bench.restart();
    await bench.settle();
    await expectSound(bench);
  },
);

async function crashAndRecover(shop: ShopBench, point: CrashPoint, pass: number): Promise<void> {
  shop.crashAt = { point, pass };
  await everyWay(shop);
  expect(shop.crashed, `"${point}" was reached`).toBe(true);
  shop.payments.behaviour = CALM;
  await shop.restart();
  await shop.settle();
  const rows = await expectSound(shop);
  await buy(shop, 'after-the-crash');
  await shop.settle();
  expect((await expectSound(shop)).length).toBe(rows.length + 1);
}
