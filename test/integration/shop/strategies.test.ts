// Strategies that keep their stock elsewhere, or something beside the database, in real processes:
// killed in mid-run, restocked, expired, and then sold out unit by unit.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { StoreLayout } from '../../../src/contract/profile.ts';
import { clock, Shop, until } from './running-shop.ts';

const started: Shop[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((shop) => shop.running.stop()));
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

async function start(strategy: string, layout: StoreLayout, dataDir?: string): Promise<Shop> {
  const shop = await Shop.start({
    system: { layout },
    inventory: { strategy, holdTtlMs: 600, sweepEveryMs: 100, reconcileEveryMs: 200 },
    ...(dataDir !== undefined && { dataDir }),
  });
  started.push(shop);
  return shop;
}

/** Units of `hot` that are free, held and sold. */
async function stockOf(shop: Shop): Promise<[free: number, held: number, sold: number]> {
  const { items } = (await shop.control('GET', '/ledger/stock')).body;
  const { available, held, committed } = items.find((row: any) => row.sku === 'hot');
  return [available, held, committed];
}

/** Checks out again and again, from the point of view of one shopper, until told to end. */
async function shopOn(shop: Shop, customer: number, isOver: () => boolean): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    try {
      const { status, body } = await shop.checkout(customer);
      if (status === 201 && n % 3 === 0) await shop.order(customer, `k${customer}-${n}`, body.id);
    } catch {
      // The shop was killed under the request: nobody knows what became of it.
      return;
    }
  }
}

const CASES: readonly (readonly [strategy: string, layout: StoreLayout])[] = [
  ['counter-first', 'shared'],
  ['single-writer', 'per-service'],
  ['buckets', 'shared'],
  ['unit-rows', 'per-service'],
  ['lease', 'shared'],
];

describe.each(CASES)('%s, layout %s', (strategy, layout) => {
  it('has lost and invented nothing after a kill, and sells what it says is left', async () => {
    const shop = await start(strategy, layout);
    await shop.seed({ hotUnits: 30, perCustomer: 1000 });
    let isOver = false;
    const shoppers = Array.from({ length: 8 }, (_, i) => shopOn(shop, i, () => isOver));
    await until(async () => (await stockOf(shop))[2] >= 2);
    await shop.running.restartShop();
    isOver = true;
    await Promise.all(shoppers);
    const restocked = await shop.control('POST', '/control/restock', { sku: 'hot', units: 7 });
    expect(restocked.status).toBe(200);
    await shop.settle();
    // Longer than between two reconciliations of `counter-first`.
    await clock.sleep(600);
    const [free, held, sold] = await stockOf(shop);
    expect([free + sold, held]).toEqual([37, 0]);
    let bought = 0;
    for (;;) {
      const { status, body } = await shop.checkout(20 + (bought % 20));
      if (status !== 201) {
        expect(body.code).toBe('sold_out');
        break;
      }
      const paid = await shop.order(20 + (bought % 20), `drain-${bought}`, body.id);
      expect(paid.status).toBe(201);
      bought++;
    }
    expect(bought).toBe(free);
  });
});

it('a shop that is started on the data of another strategy finds the same stock', async () => {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-data-'));
  folders.push(dataDir);
  const first = await start('guarded-update', 'shared', dataDir);
  await first.seed({ hotUnits: 10 });
  const { body } = await first.checkout(1, 'hot', 2);
  await first.order(1, 'k', body.id);
  await first.running.stop();
  for (const strategy of ['buckets', 'unit-rows', 'counter-first', 'guarded-update']) {
    const next = await start(strategy, 'shared', dataDir);
    expect(await stockOf(next)).toEqual([8, 0, 2]);
    await next.running.stop();
  }
});
