import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../../../src/base/clock.ts';
import type { PaymentOptions } from '../../../../src/contract/profile.ts';
import {
  type ChargeDecision,
  ChargeDesk,
  type ChargeOrder,
} from '../../../../src/reference-system/payments/charge-desk.ts';
import { ChargeStore } from '../../../../src/reference-system/payments/charge-store.ts';

const OPTIONS: PaymentOptions = {
  latency: { p50Ms: 60, p99Ms: 300 },
  timeoutMs: 2000,
  attempts: 2,
  declined: 0,
  lostAnswers: 0,
};

let folder: string;
let clock: VirtualClock;
let store: ChargeStore;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-charges-'));
  clock = createVirtualClock();
  store = new ChargeStore(path.join(folder, 'charges.sqlite'), clock.soon);
});

afterEach(() => {
  store.close();
  fs.rmSync(folder, { recursive: true });
});

function deskWith(options: Partial<PaymentOptions>): ChargeDesk {
  return new ChargeDesk({ store, clock, options: { ...OPTIONS, ...options }, seed: 7 });
}

function orderOf(orderId: string, paymentToken = 'tok_card', customer = ''): ChargeOrder {
  return {
    ...{ orderId, key: `${orderId}:charge`, amountMinor: 1999 },
    ...{ currency: 'EUR', paymentToken, customer },
  };
}

/** Moves time on until the promise is settled. */
async function settle<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  void promise.finally(() => {
    settled = true;
  });
  for (let step = 0; step < 1000 && !settled; step++) {
    clock.advance(50);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return promise;
}

async function rows() {
  return settle(store.transact(() => store.page(0, 10_000)));
}

describe('the charge desk', () => {
  it('captures once however often and however concurrently one order is charged', async () => {
    const desk = deskWith({});
    const attempts = [desk.charge(orderOf('o-1')), desk.charge(orderOf('o-1'))];
    const first = await settle(Promise.all(attempts));
    const again = await settle(desk.charge(orderOf('o-1')));
    const answer = { kind: 'answer', id: 'ch_1', status: 'captured', lost: 'no' };
    expect([...first, again]).toEqual([answer, answer, answer]);
    expect(await rows()).toMatchObject([{ orderId: 'o-1', status: 'captured', amountMinor: 1999 }]);
  });

  it('refuses a key that was used for another order', async () => {
    const desk = deskWith({});
    await settle(desk.charge(orderOf('o-1')));
    const other = { ...orderOf('o-2'), key: 'o-1:charge' };
    expect(await settle(desk.charge(other))).toEqual({ kind: 'key_reused' });
    expect(await rows()).toHaveLength(1);
  });

  it('declines the stated share, the same orders for the same seed', async () => {
    const ids = Array.from({ length: 1000 }, (_, i) => `o-${i}`);
    const desk = deskWith({ declined: 0.2 });
    const decisions = await settle(Promise.all(ids.map((id) => desk.charge(orderOf(id)))));
    const declined = ids.filter((_, i) => statusOf(decisions[i]) === 'declined');
    // Binomial(1000, 0.2): six standard deviations are 76.
    expect(declined.length).toBeGreaterThan(124);
    expect(declined.length).toBeLessThan(276);
    const stored = (await rows()).filter((row) => row.status === 'declined');
    expect(new Set(stored.map((row) => row.orderId))).toEqual(new Set(declined));
  });

  it('declines the same payments of the same customers, whatever the orders are called', async () => {
    const statusesOf = async (prefix: string): Promise<string[]> => {
      const desk = deskWith({ declined: 0.3 });
      const statuses: string[] = [];
      for (let payment = 0; payment < 3; payment++) {
        const orders = Array.from({ length: 60 }, (_, i) =>
          orderOf(`${prefix}-${payment}-${i}`, 'tok_card', `c-${i}`),
        );
        const decisions = await settle(Promise.all(orders.map((order) => desk.charge(order))));
        statuses.push(...decisions.map(statusOf));
      }
      return statuses;
    };
    const first = await statusesOf('a');
    expect(await statusesOf('b')).toEqual(first);
    expect(first.slice(0, 60)).not.toEqual(first.slice(60, 120));
    expect(new Set(first)).toEqual(new Set(['captured', 'declined']));
  });

  it('declines a card that is not good, and says so again', async () => {
    const desk = deskWith({});
    const order = { ...orderOf('o-1'), isRefused: true };
    expect(await settle(desk.charge(order))).toMatchObject({ status: 'declined' });
    expect(await settle(desk.charge(orderOf('o-1')))).toMatchObject({ status: 'declined' });
  });

  it('follows the script of a token before chance, and forgets it when told to', async () => {
    const desk = deskWith({ declined: 1 });
    const rule = {
      paymentToken: 'tok_a',
      declined: false,
      answer: 'silent',
      latencyMs: 0,
    } as const;
    desk.behave({ ...OPTIONS, declined: 1, script: [rule, { ...rule, declined: true }] });
    const scripted = await settle(desk.charge(orderOf('o-1', 'tok_a')));
    expect(scripted).toMatchObject({ status: 'captured', lost: 'silent' });
    expect(await settle(desk.charge(orderOf('o-2', 'tok_b')))).toMatchObject({ lost: 'no' });
    desk.behave(null);
    expect(await settle(desk.charge(orderOf('o-3', 'tok_a')))).toMatchObject({
      ...{ status: 'declined', lost: 'no' },
    });
  });

  it('takes log-normal time with the stated median', async () => {
    const desk = deskWith({});
    const ids = Array.from({ length: 400 }, (_, i) => `o-${i}`);
    await settle(Promise.all(ids.map((id) => desk.charge(orderOf(id)))));
    const atMs = (await rows()).map((row) => row.atUs / 1000).sort((a, b) => a - b);
    // Virtual time moves in steps of 50 ms: a median of 60 lies in the second step.
    expect(atMs[200]).toBeGreaterThanOrEqual(50);
    expect(atMs[200]).toBeLessThanOrEqual(100);
    expect(atMs.at(-1)).toBeGreaterThan(200);
  });

  it('captures and then loses every answer, by a cut or by silence, when told to', async () => {
    const desk = deskWith({ lostAnswers: 1 });
    const ids = Array.from({ length: 40 }, (_, i) => `o-${i}`);
    const decisions = await settle(Promise.all(ids.map((id) => desk.charge(orderOf(id)))));
    const lost = new Set(decisions.map((decision) => decision.kind === 'answer' && decision.lost));
    expect(lost).toEqual(new Set(['cut', 'silent']));
    expect((await rows()).every((row) => row.status === 'captured')).toBe(true);
  });

  it('lets about half of the retries of a lost answer through', async () => {
    const desk = deskWith({ lostAnswers: 0.2 });
    const ids = Array.from({ length: 1000 }, (_, i) => `o-${i}`);
    const first = await settle(Promise.all(ids.map((id) => desk.charge(orderOf(id)))));
    const lostIds = ids.filter((_, i) => lossOf(first[i]) !== 'no');
    const second = await settle(Promise.all(lostIds.map((id) => desk.charge(orderOf(id)))));
    const lostAgain = second.filter((decision) => lossOf(decision) !== 'no').length;
    expect(lostIds.length).toBeGreaterThan(124);
    expect(lostAgain / lostIds.length).toBeGreaterThan(0.25);
    expect(lostAgain / lostIds.length).toBeLessThan(0.75);
  });

  it('pays tok_instant at once and never declines or loses it', async () => {
    const desk = deskWith({ declined: 1, lostAnswers: 1 });
    const instant = desk.charge(orderOf('o-1', 'tok_instant'));
    clock.advance(0);
    expect(await instant).toMatchObject({ status: 'captured', lost: 'no' });
    expect(clock.nowUs()).toBe(0);
  });

  it('refunds a capture when the order is cancelled, and says so again', async () => {
    const desk = deskWith({});
    await settle(desk.charge(orderOf('o-1')));
    expect(await settle(desk.cancel('o-1'))).toBe('refunded');
    expect(await settle(desk.cancel('o-1'))).toBe('refunded');
    expect(await settle(desk.charge(orderOf('o-1')))).toEqual({ kind: 'barred' });
    expect(await rows()).toMatchObject([{ status: 'refunded', refundedMinor: 1999 }]);
  });

  it('bars a charge that comes after its cancellation', async () => {
    const desk = deskWith({});
    expect(await settle(desk.cancel('o-1'))).toBe('voided');
    expect(await settle(desk.charge(orderOf('o-1')))).toEqual({ kind: 'barred' });
    expect(await rows()).toMatchObject([{ status: 'voided', amountMinor: 0 }]);
  });

  it('bars a charge that is under way when the order is cancelled', async () => {
    const desk = deskWith({});
    const charge = desk.charge(orderOf('o-1'));
    const cancel = desk.cancel('o-1');
    clock.advance(0);
    expect(await cancel).toBe('voided');
    expect(await settle(charge)).toEqual({ kind: 'barred' });
  });

  it('keeps what it answered when the file is opened again', async () => {
    await settle(deskWith({}).charge(orderOf('o-1')));
    store.close();
    store = new ChargeStore(path.join(folder, 'charges.sqlite'), clock.soon);
    expect(await settle(deskWith({ declined: 1 }).charge(orderOf('o-1')))).toMatchObject({
      id: 'ch_1',
      status: 'captured',
    });
  });

  it('behaves as it is told from the next charge on', async () => {
    const desk = deskWith({ latency: { p50Ms: 1000, p99Ms: 1000 } });
    const underWay = desk.charge(orderOf('o-1'));
    desk.behave({ latency: { p50Ms: 1, p99Ms: 1 }, declined: 1, lostAnswers: 0 });
    expect(await settle(desk.charge(orderOf('o-2')))).toMatchObject({ status: 'declined' });
    expect(await settle(underWay)).toMatchObject({ status: 'captured' });
    desk.behave(OPTIONS);
    expect(await settle(desk.charge(orderOf('o-3')))).toMatchObject({ status: 'captured' });
  });
});

describe('the charge store', () => {
  it('fails only the work that threw, not the rest of its batch', async () => {
    const work = [
      store.transact(() => 1),
      store.transact(() => {
        throw new Error('broken');
      }),
      store.transact(() => 3),
    ];
    clock.advance(0);
    const results = await Promise.allSettled(work);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

function statusOf(decision: ChargeDecision | undefined): string {
  return decision?.kind === 'answer' ? decision.status : (decision?.kind ?? 'none');
}

function lossOf(decision: ChargeDecision | undefined): string {
  return decision?.kind === 'answer' ? decision.lost : 'no';
}
