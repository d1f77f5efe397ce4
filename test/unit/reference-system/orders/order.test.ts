import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OrderAnswer, OrderView } from '../../../../src/reference-system/services.ts';
import { CALM } from '../../../support/payment-ledger.ts';
import { CrashSignal, HOLD_TTL_MS, ShopBench } from '../../../support/shop-core.ts';
import { expectSound } from '../../../support/shop-rules.ts';

const DECLINED = { ...CALM, declined: 1 };
const ANSWER_LOST = { ...CALM, lostAnswers: 1 };
const REQUEST_LOST = { ...CALM, lostRequests: 1 };

let bench: ShopBench;

beforeEach(async () => {
  bench = await ShopBench.open();
});

afterEach(() => bench.stop());

const orders = () => bench.core.orders;

async function checkout(customer = 'c-1', quantity = 1): Promise<string> {
  const made = await bench.until(orders().checkout(customer, [{ sku: 'a', quantity }]));
  return made.id;
}

function order(key: string, checkoutId: string, token = 'tok_1'): Promise<OrderAnswer> {
  return bench.until(orders().order('c-1', key, { checkoutId, paymentToken: token }));
}

const byKey = (key: string, customer = 'c-1') => bench.until(orders().byKey(customer, key));
const stock = () => bench.until(bench.core.inventory.stockOf('a'));

describe('an order', () => {
  test('is confirmed when the payment is captured', async () => {
    bench.core.start();
    const answer = await order('key', await checkout('c-1', 2));
    expect(answer).toMatchObject({ accepted: false, replayed: false });
    expect(answer.order).toMatchObject({
      ...{ key: 'key', customer: 'c-1', status: 'confirmed', totalMinor: 2000, currency: 'EUR' },
      lines: [{ sku: 'a', units: 2, priceMinor: 1000 }],
    });
    expect(await byKey('key')).toEqual(answer.order);
    expect(await bench.until(orders().byId('c-1', answer.order.id))).toEqual(answer.order);
    await bench.settle();
    await expectSound(bench);
    expect(await bench.until(orders().pending())).toEqual({ orders: 0, outbox: 0, confirmed: 1 });
  });

  test('is nobody else’s business', async () => {
    const { order: made } = await order('key', await checkout());
    expect(await byKey('key', 'c-2')).toBeUndefined();
    expect(await bench.until(orders().byId('c-2', made.id))).toBeUndefined();
    await expect(bench.until(orders().cancel('c-2', made.id))).rejects.toMatchObject({
      status: 404,
    });
    const checkoutOfOther = await checkout('c-2');
    await expect(order('key-2', checkoutOfOther)).rejects.toMatchObject({ status: 404 });
  });

  test('of an unknown checkout is not found, and its key stays unused', async () => {
    await expect(order('key', 'k-nothing')).rejects.toMatchObject({ status: 404 });
    expect(await byKey('key')).toBeUndefined();
  });

  test('of an expired checkout is refused, now and again', async () => {
    const id = await checkout();
    await bench.pass(HOLD_TTL_MS + 10);
    const refusal = { status: 409, code: 'checkout_expired' };
    await expect(order('key', id)).rejects.toMatchObject({ ...refusal, replayed: false });
    await expect(order('key', id)).rejects.toMatchObject({ ...refusal, replayed: true });
    expect(await byKey('key')).toMatchObject({ status: 'expired' });
    expect(bench.payments.charges.size).toBe(0);
  });

  test('takes its checkout: another key gets none', async () => {
    const id = await checkout();
    await order('key', id);
    await expect(order('key-2', id)).rejects.toMatchObject({
      ...{ status: 409, code: 'checkout_expired', facts: { reason: 'used' } },
    });
    expect(bench.payments.charges.size).toBe(1);
  });

  test('that is declined gives its units back', async () => {
    bench.payments.behaviour = DECLINED;
    const id = await checkout();
    const refusal = { status: 402, code: 'payment_declined' };
    await expect(order('key', id)).rejects.toMatchObject({ ...refusal, replayed: false });
    await expect(order('key', id)).rejects.toMatchObject({ ...refusal, replayed: true });
    expect(await stock()).toBe(10);
    expect(await byKey('key')).toMatchObject({ status: 'declined' });
  });
});

describe('an idempotency key', () => {
  test('used again gives the first answer', async () => {
    const id = await checkout();
    const first = await order('key', id);
    const second = await order('key', id);
    expect(second).toEqual({ ...first, replayed: true });
    expect(bench.payments.charges.size).toBe(1);
  });

  test('used for another request is refused', async () => {
    const id = await checkout();
    await order('key', id);
    const refusal = { status: 422, code: 'key_reused' };
    await expect(order('key', id, 'tok_2')).rejects.toMatchObject(refusal);
    await expect(order('key', await checkout())).rejects.toMatchObject(refusal);
  });

  test('belongs to its customer', async () => {
    const [mine, other] = [await checkout(), await checkout('c-2')];
    await order('key', mine);
    const request = { checkoutId: other, paymentToken: 'tok_1' };
    const answer = await bench.until(orders().order('c-2', 'key', request));
    expect(answer).toMatchObject({ replayed: false, order: { status: 'confirmed' } });
  });

  test('used while its order is being paid is in progress', async () => {
    bench.payments.behaviour = { ...CALM, latencyMs: 100 };
    const id = await checkout();
    const request = { checkoutId: id, paymentToken: 'tok_1' };
    const answers = await bench.until(
      Promise.allSettled(Array.from({ length: 5 }, () => orders().order('c-1', 'key', request))),
    );
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers.slice(1)) {
      expect(answer).toMatchObject({ reason: { status: 409, code: 'key_in_progress' } });
    }
    expect(bench.payments.charges.size).toBe(1);
  });

  test('that is tombstoned can no longer be used', async () => {
    const id = await checkout();
    expect(await bench.until(orders().tombstone('c-1', 'key'))).toBe('tombstoned');
    expect(await bench.until(orders().tombstone('c-1', 'key'))).toBe('tombstoned');
    await expect(order('key', id)).rejects.toMatchObject({ status: 410, code: 'tombstoned' });
    expect(await byKey('key')).toBe('tombstoned');
    expect((await order('key-2', id)).order.status).toBe('confirmed');
  });

  test('is remembered for a day, its order for good', async () => {
    const made = await order('old', await checkout());
    await bench.until(orders().tombstone('c-1', 'barred'));
    /** Time passes at once while nothing runs in the background, and then it does for a while. */
    const later = async (hours: number): Promise<unknown[]> => {
      bench.clock.advance(hours * 3_600_000);
      bench.core.start();
      await bench.pass(6000, 50);
      await bench.until(bench.core.stop());
      return [await byKey('old'), await byKey('barred')];
    };
    expect(await later(23)).toEqual([made.order, 'tombstoned']);
    expect(await later(1)).toEqual([undefined, undefined]);
    expect(await bench.until(orders().byId('c-1', made.order.id))).toEqual(made.order);
  });

  test('that was used cannot be tombstoned', async () => {
    const { order: made } = await order('key', await checkout());
    expect(await bench.until(orders().tombstone('c-1', 'key'))).toEqual(made);
  });

  test('of a tombstone and an order at the same time has one meaning', async () => {
    const request = { checkoutId: await checkout(), paymentToken: 'tok_1' };
    const [barred, answer] = await bench.until(
      Promise.allSettled([orders().tombstone('c-1', 'key'), orders().order('c-1', 'key', request)]),
    );
    expect(barred).toMatchObject({ value: 'tombstoned' });
    expect(answer).toMatchObject({ reason: { code: 'tombstoned' } });
  });
});

describe('a payment without an answer', () => {
  test('is accepted at once and confirmed when it is found to be captured', async () => {
    bench.core.start();
    bench.payments.behaviour = ANSWER_LOST;
    const id = await checkout();
    expect(await order('key', id)).toMatchObject({
      ...{ accepted: true, replayed: false, order: { status: 'payment_unknown' } },
    });
    await bench.pass(500);
    expect(await order('key', id)).toMatchObject({
      ...{ accepted: false, replayed: true, order: { status: 'confirmed' } },
    });
  });

  test('is declined when it is found to be', async () => {
    bench.core.start();
    bench.payments.behaviour = { ...ANSWER_LOST, declined: 1 };
    const id = await checkout();
    await order('key', id);
    await bench.pass(500);
    await expect(order('key', id)).rejects.toMatchObject({ status: 402, replayed: true });
    expect(await stock()).toBe(10);
  });

  test('that never arrived is waited for until the hold ends, then barred', async () => {
    bench.core.start();
    bench.payments.behaviour = REQUEST_LOST;
    const id = await checkout();
    const { order: accepted } = await order('key', id);
    await bench.pass(HOLD_TTL_MS / 2);
    expect(await order('key', id)).toMatchObject({ accepted: true, replayed: true });
    await bench.settle();
    await expect(order('key', id)).rejects.toMatchObject({ code: 'checkout_expired' });
    expect(bench.payments.charges.get(accepted.id)?.status).toBe('voided');
    expect(await byKey('key')).toMatchObject({ status: 'cancelled' });
    expect(await stock()).toBe(10);
  });

  test('is resolved when the gateway can be reached again, however long that takes', async () => {
    bench.core.start();
    bench.payments.behaviour = ANSWER_LOST;
    await order('key', await checkout());
    bench.payments.unreachable = true;
    await bench.pass(HOLD_TTL_MS * 3);
    expect(bench.errors).not.toEqual([]);
    expect(await bench.until(orders().pending())).toMatchObject({ orders: 1 });
    bench.payments.unreachable = false;
    await bench.settle();
    await expectSound(bench);
  });
});

describe('a restart', () => {
  test('bars a payment that never came and gives the units back at once', async () => {
    bench.crashAt = { point: 'order: claimed', pass: 1 };
    await expect(order('key', await checkout())).rejects.toThrow(CrashSignal);
    expect(await bench.restart()).toBe(1);
    expect(await stock()).toBe(10);
    expect(await byKey('key')).toMatchObject({ status: 'cancelled' });
  });

  test('completes an order whose payment was captured', async () => {
    bench.crashAt = { point: 'order: charged', pass: 1 };
    await expect(order('key', await checkout())).rejects.toThrow(CrashSignal);
    expect(await bench.restart()).toBe(1);
    expect(await byKey('key')).toMatchObject({ status: 'confirmed' });
    expect(await stock()).toBe(9);
  });

  test('waits for a gateway that cannot be reached', async () => {
    bench.crashAt = { point: 'order: charged', pass: 1 };
    await expect(order('key', await checkout())).rejects.toThrow(CrashSignal);
    bench.payments.unreachable = true;
    expect(await bench.restart()).toBe(0);
    bench.payments.unreachable = false;
    await bench.settle();
    expect(await byKey('key')).toMatchObject({ status: 'confirmed' });
  });
});

describe('a capture after the hold has expired', () => {
  const SLOW = { ...CALM, latencyMs: HOLD_TTL_MS * 3 };

  test('takes the units again when there are some', async () => {
    bench.core.start();
    bench.payments.behaviour = SLOW;
    expect((await order('key', await checkout())).order.status).toBe('confirmed');
    expect(await stock()).toBe(9);
    await bench.settle();
    await expectSound(bench);
  });

  test('is paid back when others have bought them', async () => {
    bench.core.start();
    bench.payments.behaviour = SLOW;
    const request = { checkoutId: await checkout('c-1', 10), paymentToken: 'tok_1' };
    const late = orders().order('c-1', 'key', request);
    late.catch(() => {});
    await bench.pass(HOLD_TTL_MS + 300);
    bench.payments.behaviour = CALM;
    await order('key-2', await checkout());
    await expect(bench.until(late)).rejects.toMatchObject({ code: 'checkout_expired' });
    expect(await byKey('key')).toMatchObject({ status: 'refunded' });
    await bench.settle();
    await expectSound(bench);
  });
});

describe('a cancellation', () => {
  const cancel = (made: OrderView): Promise<OrderView> =>
    bench.until(orders().cancel('c-1', made.id));

  test('pays back and returns the units, once', async () => {
    bench.core.start();
    const id = await checkout('c-1', 2);
    const { order: made } = await order('key', id);
    expect(await cancel(made)).toMatchObject({ status: 'refunded' });
    expect(await cancel(made)).toMatchObject({ status: 'refunded' });
    expect(await stock()).toBe(10);
    expect(bench.payments.charges.get(made.id)).toMatchObject({ status: 'refunded', refunds: 1 });
    const [row] = (await bench.until(orders().orderRows(null, 10))).items;
    expect(row!.returnedSeq).toBeGreaterThan(row!.confirmedSeq);
    await bench.settle();
    await expectSound(bench);
  });

  test('does not change what the key was first answered with', async () => {
    const id = await checkout();
    const { order: made } = await order('key', id);
    await cancel(made);
    expect(await order('key', id)).toMatchObject({
      replayed: true,
      order: { status: 'confirmed' },
    });
    expect(await byKey('key')).toMatchObject({ status: 'refunded' });
  });

  test('numbers the return before anyone can buy the units again', async () => {
    const { order: first } = await order('key', await checkout('c-1', 10));
    await cancel(first);
    const { order: second } = await order('key-2', await checkout('c-1', 10));
    const rows = (await bench.until(orders().orderRows(null, 10))).items;
    const find = (id: string) => rows.find((row) => row.id === id)!;
    expect(find(second.id).confirmedSeq).toBeGreaterThan(find(first.id).returnedSeq);
  });

  test('waits for the gateway when it cannot be reached', async () => {
    bench.core.start();
    const { order: made } = await order('key', await checkout());
    bench.payments.unreachable = true;
    expect(await cancel(made)).toMatchObject({ status: 'refunding' });
    expect(await stock()).toBe(9);
    bench.payments.unreachable = false;
    await bench.settle();
    expect(await byKey('key')).toMatchObject({ status: 'refunded' });
    expect(await stock()).toBe(10);
  });

  test('of an order that was not confirmed is refused', async () => {
    bench.payments.behaviour = DECLINED;
    await expect(order('key', await checkout())).rejects.toMatchObject({ status: 402 });
    const declined = (await byKey('key')) as OrderView;
    await expect(cancel(declined)).rejects.toMatchObject({ status: 409, code: 'illegal_state' });
  });
});

describe('the ledger', () => {
  test('lists orders in pages, and the events of each change once', async () => {
    for (let i = 0; i < 5; i++) await order(`key-${i}`, await checkout());
    const ids: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: Awaited<ReturnType<ReturnType<typeof orders>['orderRows']>> = await bench.until(
        orders().orderRows(after, 2),
      );
      ids.push(...page.items.map((row) => row.id));
      after = page.next;
      if (after === null) break;
    }
    expect(ids).toHaveLength(5);
    await bench.until(bench.core.relay.drain());
    const events = (await bench.until(orders().eventRows(null, 100))).items;
    expect(events.map((event) => event.orderId)).toEqual(ids);
    expect(events.every((event) => event.type === 'order.confirmed')).toBe(true);
  });
});
