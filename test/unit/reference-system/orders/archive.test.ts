// Completed orders leave the live tables for the archive, and nobody who asks for one can tell.
import { afterEach, describe, expect, test } from 'vitest';
import type { CrashPoint } from '../../../../src/reference-system/crash-points.ts';
import type { OrderView, Page } from '../../../../src/reference-system/services.ts';
import { CALM } from '../../../support/payment-ledger.ts';
import { ShopBench } from '../../../support/shop-core.ts';
import { allOrders, expectSound, readAll } from '../../../support/shop-rules.ts';

const ARCHIVE_AFTER_MS = 1000;
/** One round of the mover comes at least this often. */
const ROUND_MS = 300;

let bench: ShopBench;

afterEach(() => bench.stop());

async function open(archiveAfterMs?: number): Promise<void> {
  bench = await ShopBench.open({ ...(archiveAfterMs !== undefined && { archiveAfterMs }) });
  bench.core.start();
}

async function buy(customer: string, key: string, token = 'tok_instant') {
  const { orders } = bench.core;
  const checkout = await bench.until(orders.checkout(customer, [{ sku: 'a', quantity: 1 }]));
  const request = { checkoutId: checkout.id, paymentToken: token };
  return { request, answer: await bench.until(orders.order(customer, key, request)) };
}

const live = () => readAll(bench, (after, limit) => bench.core.orders.orderRows(after, limit));
const archived = () =>
  readAll(bench, (after, limit) => bench.core.orders.archivedRows(after, limit));

describe('the mover', () => {
  test('moves a confirmed order once it has rested, and not before', async () => {
    await open(ARCHIVE_AFTER_MS);
    await buy('c-1', 'k-1');
    await bench.pass(ARCHIVE_AFTER_MS - ROUND_MS);
    expect([(await live()).length, (await archived()).length]).toEqual([1, 0]);
    await bench.pass(2 * ROUND_MS);
    expect(await live()).toEqual([]);
    expect((await archived()).map(({ status }) => status)).toEqual(['archived']);
    await bench.settle();
    await expectSound(bench);
  });

  test('takes every final state with it, and leaves what is unfinished', async () => {
    await open(ARCHIVE_AFTER_MS);
    bench.payments.behaviour = { ...CALM, declined: 1 };
    await expect(buy('c-1', 'k-1', 'tok_x')).rejects.toMatchObject({ code: 'payment_declined' });
    bench.payments.behaviour = { ...CALM, lostAnswers: 1 };
    bench.payments.unreachable = true;
    expect((await buy('c-2', 'k-2', 'tok_x')).answer.accepted).toBe(true);
    await bench.pass(4 * ARCHIVE_AFTER_MS);
    expect((await archived()).map(({ status }) => status)).toEqual(['declined']);
    expect((await live()).map(({ status }) => status)).toEqual(['payment_unknown']);
  });

  test('lets money for an archived order that came to nothing go back', async () => {
    await open(ARCHIVE_AFTER_MS);
    bench.payments.behaviour = { ...CALM, declined: 1 };
    await expect(buy('c-1', 'k-1', 'tok_x')).rejects.toMatchObject({ code: 'payment_declined' });
    await bench.pass(4 * ARCHIVE_AFTER_MS);
    const [order] = await archived();
    const charge = bench.payments.charges.get(order?.id ?? '');
    if (order === undefined || charge === undefined) throw new Error('nothing was archived');
    // The gateway changes its mind, as one does whose decline was told too early.
    Object.assign(charge, { status: 'captured', captures: 1 });
    const { id: orderId, totalMinor: amountMinor, currency } = order;
    const notice = { id: 'cb_late', kind: 'captured', orderId, amountMinor, currency } as const;
    expect(await bench.until(bench.core.orders.hearNotice(notice))).toBe('idle');
    expect(charge).toMatchObject({ status: 'refunded', refunds: 1 });
    expect((await archived()).map(({ status }) => status)).toEqual(['declined']);
  });

  test('does nothing in a shop that archives nothing', async () => {
    await open();
    await buy('c-1', 'k-1');
    await bench.pass(60_000);
    expect([(await live()).length, (await archived()).length]).toEqual([1, 0]);
  });

  test('stands still while it is told to, and goes on afterwards', async () => {
    await open(ARCHIVE_AFTER_MS);
    await buy('c-1', 'k-1');
    await bench.until(bench.core.orders.setArchiving(false));
    await bench.pass(3 * ARCHIVE_AFTER_MS);
    expect(await archived()).toEqual([]);
    await bench.core.orders.setArchiving(true);
    await bench.pass(2 * ROUND_MS);
    expect((await archived()).length).toBe(1);
  });
});

describe('an archived order', () => {
  test('is found by id and by key, for its customer only', async () => {
    await open(ARCHIVE_AFTER_MS);
    const { answer } = await buy('c-1', 'k-1');
    await bench.pass(2 * ARCHIVE_AFTER_MS);
    const { orders } = bench.core;
    const found = await bench.until(orders.byId('c-1', answer.order.id));
    expect(found).toEqual({ ...answer.order, status: 'archived' });
    expect(await bench.until(orders.byKey('c-1', 'k-1'))).toEqual(found);
    expect(await bench.until(orders.byId('c-2', answer.order.id))).toBeUndefined();
    expect(await bench.until(orders.byKey('c-2', 'k-1'))).toBeUndefined();
  });

  test('is what its key is answered with, as at first', async () => {
    await open(ARCHIVE_AFTER_MS);
    const { answer, request } = await buy('c-1', 'k-1');
    bench.payments.behaviour = { ...CALM, declined: 1 };
    const declined = await bench.until(
      bench.core.orders.checkout('c-2', [{ sku: 'b', quantity: 1 }]),
    );
    const refused = { checkoutId: declined.id, paymentToken: 'tok_x' };
    const tryAgain = () => bench.until(bench.core.orders.order('c-2', 'k-2', refused));
    await expect(tryAgain()).rejects.toMatchObject({ code: 'payment_declined', replayed: false });
    await bench.pass(3 * ARCHIVE_AFTER_MS);
    expect(await live()).toEqual([]);
    const again = await bench.until(bench.core.orders.order('c-1', 'k-1', request));
    expect(again).toEqual({ ...answer, replayed: true });
    await expect(tryAgain()).rejects.toMatchObject({ code: 'payment_declined', replayed: true });
    const other = { ...request, paymentToken: 'tok_other' };
    await expect(bench.until(bench.core.orders.order('c-1', 'k-1', other))).rejects.toMatchObject({
      status: 422,
      code: 'key_reused',
    });
    const kept = await bench.until(bench.core.orders.tombstone('c-1', 'k-1'));
    expect(kept).toMatchObject({ id: answer.order.id });
  });

  test('cannot be cancelled any more', async () => {
    await open(ARCHIVE_AFTER_MS);
    const { answer } = await buy('c-1', 'k-1');
    await bench.pass(2 * ARCHIVE_AFTER_MS);
    const cancelled = bench.until(bench.core.orders.cancel('c-1', answer.order.id));
    await expect(cancelled).rejects.toMatchObject({
      status: 409,
      code: 'illegal_state',
      facts: { status: 'archived' },
    });
    await bench.settle();
    await expectSound(bench);
  });
});

describe("a customer's list", () => {
  test('has the live and the archived orders, newest first, page by page', async () => {
    await open(ARCHIVE_AFTER_MS);
    const ids: string[] = [];
    for (let index = 0; index < 5; index++)
      ids.push((await buy('c-1', `k-${index}`)).answer.order.id);
    await buy('c-2', 'k-other');
    await bench.pass(2 * ARCHIVE_AFTER_MS);
    for (let index = 5; index < 8; index++)
      ids.push((await buy('c-1', `k-${index}`)).answer.order.id);
    const listed: string[] = [];
    const sizes: number[] = [];
    for (let before: string | null = null, pages = 0; pages < 5; pages++) {
      const page: Page<OrderView> = await bench.until(
        bench.core.orders.ofCustomer('c-1', before, 3),
      );
      listed.push(...page.items.map(({ id }) => id));
      sizes.push(page.items.length);
      before = page.next;
      if (before === null) break;
    }
    expect(listed).toEqual(ids.reverse());
    expect(sizes).toEqual([3, 3, 2]);
  });
});

describe('after a crash', () => {
  test.each([
    ['archive: marked', 1, 0],
    ['archive: copied', 1, 1],
    ['archive: removed', 0, 1],
  ] as const)(
    'at "%s" %i order is live and %i archived, and whoever asks finds it once',
    async (point: CrashPoint, liveCount, archivedCount) => {
      await open(ARCHIVE_AFTER_MS);
      const { answer } = await buy('c-1', 'k-1');
      bench.crashAt = { point, pass: 1 };
      await bench.pass(2 * ARCHIVE_AFTER_MS);
      expect(bench.crashed, `"${point}" was reached`).toBe(true);
      await bench.restart();
      await bench.until(bench.core.orders.setArchiving(false));
      expect([(await live()).length, (await archived()).length]).toEqual([
        liveCount,
        archivedCount,
      ]);
      expect((await allOrders(bench)).length).toBe(1);
      const { orders } = bench.core;
      const listed = await bench.until(orders.ofCustomer('c-1', null, 10));
      expect(listed.items.map(({ id, status }) => [id, status])).toEqual([
        [answer.order.id, 'archived'],
      ]);
      const cancelled = bench.until(orders.cancel('c-1', answer.order.id));
      await expect(cancelled).rejects.toMatchObject({ code: 'illegal_state' });
      await orders.setArchiving(true);
      await bench.pass(2 * ROUND_MS);
      expect([(await live()).length, (await archived()).length]).toEqual([0, 1]);
      await bench.settle();
      await expectSound(bench);
    },
  );
});
