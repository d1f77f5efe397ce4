import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Shop, until } from './running-shop.ts';

const started: Shop[] = [];
const folders: string[] = [];

async function start(...options: Parameters<typeof Shop.start>): Promise<Shop> {
  const shop = await Shop.start(...options);
  started.push(shop);
  return shop;
}

function tempFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-data-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((shop) => shop.running.stop()));
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function pidsOf(shop: Shop): number[] {
  return shop.running.processes.map(({ pid }) => pid);
}

describe('after a kill', () => {
  it('every order that was acknowledged is there, and every other one is settled', async () => {
    const shop = await start({
      payment: { latency: { p50Ms: 20, p99Ms: 60 } },
      inventory: { holdTtlMs: 1000 },
    });
    await shop.seed({ hotUnits: 1000, perCustomer: 1000 });
    for (let round = 0; round < 2; round++) {
      const { acknowledged, sent } = await killInMidRun(shop, round);
      expect(acknowledged.size).toBeGreaterThan(0);
      await shop.running.restartShop();
      await shop.settle();
      const orders = (await shop.control('GET', '/ledger/orders?limit=10000')).body.items;
      const byKey = new Map(orders.map((order: any) => [`${order.customer} ${order.key}`, order]));
      for (const [key, id] of acknowledged) {
        expect(byKey.get(key)).toMatchObject({ id, status: 'confirmed' });
      }
      expect(sent).toBeGreaterThan(acknowledged.size);
    }
    const orders = (await shop.control('GET', '/ledger/orders?limit=10000')).body.items;
    const confirmed = orders.filter((order: any) => order.status === 'confirmed');
    const captured = (await shop.charges()).body.items.filter(
      (charge: any) => charge.status === 'captured',
    );
    expect(captured.map((charge: any) => charge.orderId).sort()).toEqual(
      confirmed.map((order: any) => order.id).sort(),
    );
    const stock = (await shop.control('GET', '/ledger/stock')).body.items;
    expect(stock.find((row: any) => row.sku === 'hot')).toMatchObject({
      available: 1000 - confirmed.length,
      held: 0,
      committed: confirmed.length,
    });
    const notified = (await shop.control('GET', '/ledger/notifications?limit=10000')).body.items;
    expect(notified.every((row: any) => row.sent === 1)).toBe(true);
    expect(notified).toHaveLength(confirmed.length);
  });

  it('catalogue, sale, ports and tokens are as before', async () => {
    const shop = await start();
    await shop.seed({ hotUnits: 10 });
    const { origin, controlOrigin, instance } = shop.running;
    await shop.running.restartShop();
    expect([shop.running.origin, shop.running.controlOrigin]).toEqual([origin, controlOrigin]);
    expect(shop.running.instance).not.toBe(instance);
    expect((await shop.api(0, 'GET', '/api/inventory/hot')).body).toEqual({
      ...{ sku: 'hot', available: 10, sale: 'open' },
    });
    expect((await shop.checkout(0)).status).toBe(201);
    expect(shop.deaths).toEqual([]);
  });

  it('a kept folder serves the next start, the payment ledger included', async () => {
    const dataDir = tempFolder();
    const first = await start({ dataDir });
    await first.seed({ hotUnits: 10 });
    const { id } = (await first.checkout(0)).body;
    expect((await first.order(0, 'k', id)).status).toBe(201);
    await first.running.stop();
    const second = await start({ dataDir });
    expect((await second.control('GET', '/ledger/orders')).body.items).toHaveLength(1);
    expect((await second.charges()).body.items).toHaveLength(1);
  });
});

/** Orders from many customers until the shop is killed under them. */
async function killInMidRun(shop: Shop, round: number) {
  const acknowledged = new Map<string, string>();
  let sent = 0;
  const shoppers = Array.from({ length: 12 }, async (_, customer) => {
    for (let ordinal = 0; ; ordinal++) {
      const key = `r${round}-${ordinal}`;
      const held = await shop.checkout(customer);
      if (held.status !== 201) throw new Error(`checkout: ${held.status}`);
      sent++;
      const order = await shop.order(customer, key, held.body.id);
      if (order.status === 201) acknowledged.set(`c-${customer} ${key}`, order.body.id);
    }
  });
  await until(() => acknowledged.size >= 20);
  process.kill(pidsOf(shop)[0] as number, 'SIGKILL');
  const ends = await Promise.allSettled(shoppers);
  expect(ends.every((end) => end.status === 'rejected')).toBe(true);
  return { acknowledged, sent };
}
