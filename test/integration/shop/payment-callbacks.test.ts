// The payment gateway tells the shop by itself what became of a charge: real processes, scripted
// messages. Whatever befalls them, each order ends as the gateway's own ledger says.
import { describe, expect, it } from 'vitest';
import type { PaymentRule } from '../../../src/contract/profile.ts';
import { request, Shop, type StartOptions, SYSTEM, until } from './running-shop.ts';

const { latency } = SYSTEM.payment;
const PLAIN = {
  delay: { p50Ms: 5, p99Ms: 10 },
  ...{ lost: 0, late: 0, lateMs: 1500, duplicated: 0, early: 0, replayed: 0, forged: 0 },
};

class ScriptedShop extends Shop {
  gateway(method: string, path: string, body?: object) {
    const headers = { 'x-control-secret': this.running.secret };
    return request(this.running.gatewayControlOrigin + path, { method, headers, body });
  }

  async play(rule: Omit<PaymentRule, 'paymentToken'>): Promise<void> {
    const script = [{ paymentToken: 'tok_card', ...rule }];
    const behaviour = { latency, declined: 0, lostAnswers: 0, callbacks: PLAIN, script };
    const answer = await this.gateway('POST', '/control/payment', { behaviour });
    expect(answer.status).toBe(200);
  }

  async callbacks() {
    return (await this.gateway('GET', '/ledger/callbacks')).body.items;
  }

  async effects() {
    return (await this.control('GET', '/ledger/callback-effects')).body.items;
  }

  async quiet(): Promise<void> {
    await until(async () => {
      return (await this.gateway('GET', '/control/pending')).body.callbacks === 0;
    });
    await this.settle();
  }

  async buy(customer = 0) {
    const { id } = (await this.checkout(customer)).body;
    return this.order(customer, 'k', id);
  }

  async statusOf(customer = 0): Promise<string> {
    return (await this.api(customer, 'GET', '/api/orders/by-key/k')).body.status;
  }

  async available(): Promise<number> {
    return (await this.api(0, 'GET', '/api/inventory/hot')).body.available;
  }
}

async function withShop(test: (shop: ScriptedShop) => Promise<void>, options: StartOptions = {}) {
  const { running } = await Shop.start(options);
  const shop = new ScriptedShop(running);
  try {
    await shop.seed({ hotUnits: 10, perCustomer: 10 });
    await test(shop);
  } finally {
    await running.stop();
  }
}

describe('a message of the payment gateway', () => {
  it('after the answer is heard and changes nothing', () =>
    withShop(async (shop) => {
      await shop.play({ callbacks: [] });
      const order = await shop.buy();
      expect(order.status).toBe(201);
      await shop.quiet();
      const [told] = await shop.callbacks();
      expect(told).toMatchObject({ orderId: order.body.id, kind: 'captured', sent: 1 });
      expect(told).toMatchObject({ amountMinor: 1999, currency: 'EUR', isForged: false });
      const nothing = { applied: 0, repeated: 0, refused: 0 };
      expect(await shop.effects()).toEqual([{ id: told.id, orderId: order.body.id, ...nothing }]);
    }));

  it('confirms an order whose answer was lost, long before the shop would have asked', () =>
    withShop(
      async (shop) => {
        await shop.play({ answer: 'silent', callbacks: [] });
        expect((await shop.buy()).status).toBe(201);
        await shop.quiet();
        expect(await shop.effects()).toMatchObject([{ applied: 1, repeated: 0 }]);
      },
      { payment: { timeoutMs: 60_000 } },
    ));

  it('that comes before the answer settles the order once', () =>
    withShop(async (shop) => {
      await shop.play({ callbacks: ['early'] });
      expect((await shop.buy()).status).toBe(201);
      await shop.quiet();
      expect(await shop.effects()).toMatchObject([{ applied: 1 }]);
      expect(await shop.available()).toBe(9);
    }));

  it('that tells of a decline gives the units back, once', () =>
    withShop(async (shop) => {
      await shop.play({ declined: true, answer: 'silent', callbacks: ['duplicated', 'replayed'] });
      expect((await shop.buy()).status).toBe(402);
      await shop.quiet();
      const [told] = await shop.callbacks();
      expect(told.sent).toBeGreaterThanOrEqual(3);
      const [effect] = await shop.effects();
      expect(effect).toMatchObject({ applied: 1, repeated: told.sent - 1, refused: 0 });
      expect(await shop.available()).toBe(10);
    }));

  it('that is lost leaves the shop to ask by itself', () =>
    withShop(async (shop) => {
      await shop.play({ answer: 'cut', callbacks: ['lost'] });
      expect((await shop.buy()).status).toBe(202);
      await shop.quiet();
      expect(await shop.statusOf()).toBe('confirmed');
      expect(await shop.callbacks()).toMatchObject([{ sent: 0 }]);
      expect(await shop.effects()).toEqual([]);
    }));

  it('that comes when everything is over changes nothing any more', () =>
    withShop(async (shop) => {
      await shop.play({ answer: 'cut', callbacks: ['late'] });
      const order = await shop.buy();
      expect(order.status).toBe(202);
      await shop.settle();
      await shop.api(0, 'POST', `/api/orders/${order.body.id}/cancel`);
      expect(await shop.statusOf()).toBe('refunded');
      await shop.gateway('POST', '/control/hurry');
      await shop.quiet();
      expect(await shop.statusOf()).toBe('refunded');
      expect(await shop.available()).toBe(10);
      const [captured, refunded] = await shop.callbacks();
      expect([captured.kind, refunded.kind]).toEqual(['captured', 'refunded']);
      expect((await shop.effects()).map((effect: any) => effect.applied)).toEqual([0, 0]);
    }));

  it('that lies is refused, whichever way it lies', () =>
    withShop(async (shop) => {
      for (let customer = 0; customer < 12; customer++) {
        const declined = customer % 2 === 0;
        await shop.play({ declined, callbacks: ['forged'] });
        expect((await shop.buy(customer)).status).toBe(declined ? 402 : 201);
      }
      await shop.quiet();
      const lies = (await shop.callbacks()).filter((told: any) => told.isForged);
      expect(lies).toHaveLength(12);
      const effects = new Map((await shop.effects()).map((row: any) => [row.id, row]));
      for (const { id } of lies) {
        expect(effects.get(id)).toMatchObject({ applied: 0, repeated: 0, refused: 1 });
      }
      for (let customer = 0; customer < 12; customer++) {
        expect(await shop.statusOf(customer)).toBe(customer % 2 === 0 ? 'declined' : 'confirmed');
      }
    }));

  it('reaches a shop that was killed and started again', () =>
    withShop(async (shop) => {
      await shop.play({ answer: 'silent', latencyMs: 300, callbacks: ['late'] });
      const { id } = (await shop.checkout(0)).body;
      const order = shop.order(0, 'k', id).catch(() => undefined);
      await until(async () => (await shop.charges()).body.items.length === 1);
      await shop.running.restartShop();
      await order;
      await shop.gateway('POST', '/control/hurry');
      await shop.quiet();
      expect(await shop.statusOf()).toBe('confirmed');
      expect((await shop.effects())[0]).toMatchObject({ applied: 0, refused: 0 });
    }));

  it('without a right signature is answered 401 and heard of by nobody', () =>
    withShop(async (shop) => {
      const url = `${shop.running.origin}/api/payments/callbacks`;
      const type = { 'content-type': 'application/vnd.ecomsim.callback+json' };
      const body = { id: 'cb_1', orderId: 'o', kind: 'captured', amountMinor: 1, currency: 'EUR' };
      const unsigned: Record<string, string>[] = [
        {},
        { 'x-callback-id': 'cb_1', 'x-callback-signature': 'v1=' },
        { 'x-callback-id': '../x', 'x-callback-timestamp': 'now', 'x-callback-signature': 'v1=' },
      ];
      for (const headers of unsigned) {
        const sent = { method: 'POST', headers: { ...type, ...headers }, body };
        expect((await request(url, sent)).status).toBe(401);
      }
      expect((await request(url, { method: 'POST', body })).status).toBe(415);
      expect(await shop.effects()).toMatchObject([{ id: 'cb_1', applied: 0, refused: 1 }]);
    }));
});

describe('a refund', () => {
  it('is made once and in full, however often and however concurrently it is asked for', () =>
    withShop(async (shop) => {
      await shop.play({ callbacks: ['duplicated'] });
      const order = await shop.buy();
      const cancel = () => shop.api(0, 'POST', `/api/orders/${order.body.id}/cancel`);
      const answers = await Promise.all([cancel(), cancel(), cancel()]);
      expect(answers.map((answer) => answer.body.status)).toEqual(Array(3).fill('refunded'));
      await shop.quiet();
      expect((await shop.charges()).body.items).toMatchObject([
        { status: 'refunded', amountMinor: 1999, refundedMinor: 1999 },
      ]);
      expect(await shop.available()).toBe(10);
    }));

  it('follows a capture that a message tells of when the units are gone for good', () =>
    withShop(
      async (shop) => {
        await shop.play({ answer: 'silent', latencyMs: 900, callbacks: [] });
        const { id } = (await shop.checkout(0, 'last')).body;
        const late = shop.order(0, 'k', id);
        await until(async () => {
          return (await shop.api(0, 'GET', '/api/inventory/last')).body.available === 1;
        });
        const other = (await shop.checkout(1, 'last')).body.id;
        expect((await shop.order(1, 'k', other, 'tok_instant')).status).toBe(201);
        expect((await late).status).toBe(409);
        await shop.quiet();
        expect(await shop.statusOf()).toBe('refunded');
        const charges = (await shop.charges()).body.items;
        expect(charges.map((charge: any) => charge.status).sort()).toEqual([
          'captured',
          'refunded',
        ]);
      },
      { payment: { timeoutMs: 5000 }, inventory: { holdTtlMs: 300 } },
    ));
});
