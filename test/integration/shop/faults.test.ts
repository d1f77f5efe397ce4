// What can be done to a running shop on purpose, and what nobody can do to a shop started normally.
import { afterEach, describe, expect, it } from 'vitest';
import { CRASH_POINTS } from '../../../src/reference-system/crash-points.ts';
import { clock, Shop, until } from './running-shop.ts';

const started: Shop[] = [];

async function start(...options: Parameters<typeof Shop.start>): Promise<Shop> {
  const shop = await Shop.start(...options);
  started.push(shop);
  await shop.seed({ hotUnits: 1000, perCustomer: 1000 });
  return shop;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((shop) => shop.running.stop()));
});

async function buy(shop: Shop, key: string): Promise<number> {
  const { id } = (await shop.checkout(0)).body;
  return (await shop.order(0, key, id)).status;
}

function fault(shop: Shop, body: object) {
  return shop.control('POST', '/control/faults', body);
}

describe('a shop that was started normally', () => {
  it('cannot be armed: whatever it is told, it passes every crash point', async () => {
    const shop = await start();
    const pids = shop.running.processes.map(({ pid }) => pid);
    for (const point of CRASH_POINTS) shop.running.tellShop({ kind: 'arm', point, pass: 1 });
    expect(await buy(shop, 'k')).toBe(201);
    await shop.settle();
    expect(shop.deaths).toEqual([]);
    expect(shop.running.processes.map(({ pid }) => pid)).toEqual(pids);
  });

  it('is put out of order over its control port only, and with the secret only', async () => {
    const shop = await start();
    const body = JSON.stringify({ stallMs: 1 });
    const headers = { 'content-type': 'application/json' };
    const { origin, controlOrigin } = shop.running;
    const outside = await fetch(`${origin}/control/faults`, { method: 'POST', headers, body });
    const guess = await fetch(`${controlOrigin}/control/faults`, { method: 'POST', headers, body });
    expect([outside.status, guess.status]).toEqual([404, 401]);
    for (const wrong of [{ stallMs: -1 }, { stallMs: 1e9 }, { events: 'lost' }, { kill: true }]) {
      expect((await fault(shop, wrong)).status, JSON.stringify(wrong)).toBe(400);
    }
  });
});

describe('a fault of a running shop', () => {
  it('a kill is no surprise, and the restart brings everything back', async () => {
    const shop = await start();
    expect(await buy(shop, 'before')).toBe(201);
    await shop.running.killShop();
    await expect(shop.checkout(0)).rejects.toThrow();
    await shop.running.restartShop();
    expect(await buy(shop, 'after')).toBe(201);
    expect(shop.deaths).toEqual([]);
  });

  it('a pause leaves requests without an answer until it goes on', async () => {
    const shop = await start();
    shop.running.signal('shop', 'SIGSTOP');
    let answered = false;
    const waiting = shop.checkout(0).then((answer) => {
      answered = true;
      return answer;
    });
    await clock.sleep(300);
    expect(answered).toBe(false);
    shop.running.signal('shop', 'SIGCONT');
    expect((await waiting).status).toBe(201);
  });

  it('a clock that jumps ahead ends holds early, and the sale goes by it', async () => {
    const shop = await start({ inventory: { holdTtlMs: 60_000 } });
    const { id, expiresAt } = (await shop.checkout(0)).body;
    expect(expiresAt, 'shown in the answer').toBeDefined();
    await fault(shop, { clockSkewMs: 120_000 });
    await until(async () => {
      const { items } = (await shop.control('GET', '/ledger/holds')).body;
      return items[0].state === 'expired';
    });
    expect((await shop.order(0, 'k', id)).body.code).toBe('checkout_expired');
    await fault(shop, { clockSkewMs: 0 });
    expect(await buy(shop, 'k2')).toBe(201);
  });

  it.each(['duplicated', 'reordered', 'repeated'])(
    'events that come %s are dealt with once',
    async (events) => {
      const shop = await start();
      expect(await buy(shop, 'a')).toBe(201);
      await shop.settle();
      await fault(shop, { events });
      for (const key of ['b', 'c', 'd']) expect(await buy(shop, key)).toBe(201);
      await shop.settle();
      const { items } = (await shop.control('GET', '/ledger/notifications')).body;
      expect(items.map(({ sent }: { sent: number }) => sent)).toEqual([1, 1, 1, 1]);
    },
  );

  it('a wiped cache is filled again with the same', async () => {
    const shop = await start();
    const before = await shop.api(0, 'GET', '/api/products/hot');
    expect((await fault(shop, { cacheWipe: true })).status).toBe(200);
    expect((await shop.api(0, 'GET', '/api/products/hot')).body).toEqual(before.body);
  });
});
