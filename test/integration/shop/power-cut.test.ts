// The shop on a disk that loses power or fails: nothing that was acknowledged may be lost, and a
// shop that does not sync must be found out.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DiskFaults, DiskShim, whyNoDiskShim } from '../../support/disk-shim/disk-shim.ts';
import { Shop, until } from './running-shop.ts';

const why = whyNoDiskShim();
if (why !== '') process.stdout.write(`power cuts are not tested here: ${why}\n`);

const SHOPPERS = 8;
const ENOUGH = 12;
const UNITS = 2000;

let shim: DiskShim;
let shop: Shop | undefined;
const folders: string[] = [];

beforeAll(() => {
  if (why === '') shim = new DiskShim();
});

afterEach(async () => {
  await shop?.running.stop();
  shop = undefined;
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

afterAll(() => {
  if (why === '') shim.dispose();
});

async function startOn(faults: DiskFaults): Promise<Shop> {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-power-'));
  folders.push(dataDir);
  const payment = { latency: { p50Ms: 2, p99Ms: 6 } };
  const inventory = { holdTtlMs: 1000 };
  shop = await shim.under(path.join(dataDir, 'shop'), faults, () =>
    Shop.start({ dataDir, payment, inventory }),
  );
  return shop;
}

/** Orders of many customers at a time, each until it gets no answer; key → order id. */
function buyOn(sale: Shop) {
  const acknowledged = new Map<string, string>();
  let refused = 0;
  let wanted = true;
  const shoppers = Array.from({ length: SHOPPERS }, async (_, customer) => {
    for (let ordinal = 0; wanted; ordinal++) {
      const held = await sale.checkout(customer);
      const key = `k-${ordinal}`;
      const order = held.status === 201 ? await sale.order(customer, key, held.body.id) : held;
      if (order.status === 201) acknowledged.set(`c-${customer} ${key}`, order.body.id);
      else refused++;
    }
  });
  const ended = Promise.allSettled(shoppers);
  return {
    acknowledged,
    refused: () => refused,
    ended,
    stop: () => {
      wanted = false;
      return ended;
    },
  };
}

/** What is wrong after the restart, in words; empty when everything is as it must be. */
async function faultsAfter(sale: Shop, acknowledged: ReadonlyMap<string, string>) {
  try {
    await sale.running.restartShop();
  } catch (error) {
    return [`it does not start again: ${String(error)}`];
  }
  await sale.settle();
  const wrong: string[] = [];
  const orders = (await sale.control('GET', '/ledger/orders?limit=10000')).body?.items ?? [];
  const byKey = new Map(orders.map((order: any) => [`${order.customer} ${order.key}`, order]));
  for (const [key, id] of acknowledged) {
    const order: any = byKey.get(key);
    if (order?.id !== id || order.status !== 'confirmed') wrong.push(`order ${key} is lost`);
  }
  const confirmed = orders.filter((order: any) => order.status === 'confirmed').length;
  const stock = (await sale.control('GET', '/ledger/stock')).body?.items ?? [];
  const hot = stock.find((row: any) => row.sku === 'hot');
  if (hot?.available !== UNITS - confirmed) wrong.push('the stock does not fit the orders');
  const charges = (await sale.charges()).body.items;
  const captured = charges.filter((charge: any) => charge.status === 'captured').length;
  if (captured !== confirmed) wrong.push(`${captured} captures for ${confirmed} orders`);
  return wrong;
}

/** A sale during which the power goes. */
async function powerCut(faults: DiskFaults): Promise<string[]> {
  const sale = await startOn(faults);
  await sale.seed({ hotUnits: UNITS, perCustomer: UNITS });
  const { acknowledged, ended } = buyOn(sale);
  await until(() => acknowledged.size >= ENOUGH);
  shim.cutPower();
  await ended;
  expect(shim.report()).toMatch(/^cut /m);
  return faultsAfter(sale, acknowledged);
}

describe.skipIf(why !== '')('when the power goes in mid-sale', () => {
  it.each([1, 2, 3])('no acknowledged order is lost (seed %i)', async (seed) => {
    expect(await powerCut({ seed })).toEqual([]);
  });

  it.each([
    ['whose stores run with sync off', { syncOff: true }],
    ['on a disk that only says it synced', { ignoreSync: true }],
  ])('a shop %s is found out', async (_what, fault) => {
    let found: string[] = [];
    for (let seed = 1; seed <= 6 && found.length === 0; seed++) {
      found = await powerCut({ seed, ...fault });
      await shop?.running.stop();
    }
    expect(found).not.toEqual([]);
  });
});

describe.skipIf(why !== '')('when writing fails in mid-sale', () => {
  it.each([
    ['EIO', 3, 1],
    ['EIO', 10, 1_000_000],
    ['ENOSPC', 5, 3],
    ['ENOSPC', 20, 1_000_000],
  ] as const)(
    '%s from write %i on, %i times: what was acknowledged is there afterwards',
    async (code, from, count) => {
      const sale = await startOn({ seed: 1, fail: { with: code, from, count } });
      await sale.seed({ hotUnits: UNITS, perCustomer: UNITS });
      const buying = buyOn(sale);
      await until(() => buying.acknowledged.size >= ENOUGH);
      shim.arm();
      await until(() => /^failed /m.test(shim.report()));
      await until(() => buying.refused() > 0 || sale.deaths.length > 0);
      await buying.stop();
      expect(await faultsAfter(sale, buying.acknowledged)).toEqual([]);
    },
  );
});
