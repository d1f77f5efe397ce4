// What is said of the strategies, as figures that would be wrong if it were not so: the checks of
// the survey of locking strategies, on the shop's own code and a virtual clock.
import { afterEach, describe, expect, it } from 'vitest';
import { Prng } from '../../src/base/prng.ts';
import type { StrategyOptions } from '../../src/contract/profile.ts';
import { homeBucket } from '../../src/reference-system/inventory/strategies/buckets.ts';
import type { HoldOutcome } from '../../src/reference-system/services.ts';
import { HOLD_TTL_MS, ShopBench } from '../support/shop-core.ts';

let bench: ShopBench | undefined;

afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

interface Setting {
  readonly strategy: string;
  readonly options?: Partial<StrategyOptions>;
  readonly units: number;
}

async function open({ strategy, options = {}, units }: Setting): Promise<ShopBench> {
  bench = await ShopBench.open({ strategy, strategyOptions: options, stock: { hot: units } });
  return bench;
}

function hold(
  shop: ShopBench,
  id: string,
  { quantity = 1, ttlMs = 100_000 } = {},
): Promise<HoldOutcome> {
  return shop.core.inventory.hold({
    ...{ checkoutId: id, customer: `of ${id}`, lines: [{ sku: 'hot', quantity }] },
    ...{ limitedSkus: [], perCustomer: 0, expiresAtUs: shop.clock.nowUs() + ttlMs * 1000 },
  });
}

async function freeUnits(shop: ShopBench): Promise<number> {
  const [row] = await shop.until(shop.core.inventory.stockRows());
  return row?.available ?? Number.NaN;
}

/** How many of so many units are given away when 25 times as many shoppers want one. */
async function rush(shop: ShopBench, units: number, seed: number): Promise<number> {
  const prng = new Prng(seed, 'rush');
  const shoppers = Array.from({ length: 25 * units }, async (_, i) => {
    // At the 100 checkouts a second of the default sale.
    await shop.clock.sleep(prng.unit() * 25 * units * 10);
    return hold(shop, `rush-${seed}-${i}`);
  });
  const outcomes = await shop.until(Promise.all(shoppers), 1);
  return outcomes.filter((outcome) => outcome.held).length;
}

describe('demand 25 times the stock', () => {
  it('makes the unsafe strategy oversell, whatever the seed', async () => {
    const safe: number[] = [];
    for (let seed = 1; seed <= 50; seed++) {
      const shop = await open({ strategy: 'unsafe', units: 10 });
      if ((await rush(shop, 10, seed)) <= 10) safe.push(seed);
      await shop.stop();
    }
    bench = undefined;
    expect(safe).toEqual([]);
  });

  it.each(['guarded-update', 'row-lock', 'single-writer', 'unit-rows', 'buckets', 'counter-first'])(
    'sells exactly the stock with %s',
    async (strategy) => {
      for (let seed = 1; seed <= 3; seed++) {
        const shop = await open({ strategy, units: 10 });
        expect(await rush(shop, 10, seed)).toBe(10);
        await shop.stop();
      }
      bench = undefined;
    },
  );
});

describe('a row lock', () => {
  /** Holds per second of virtual time that get through when more are wanted than can be had. */
  async function throughput(strategy: string, options: Partial<StrategyOptions>): Promise<number> {
    const shop = await open({ strategy, options, units: 1_000_000 });
    const { clock } = shop;
    const untilUs = clock.nowUs() + 2_000_000;
    let held = 0;
    const shopper = async (_: unknown, index: number): Promise<void> => {
      for (let n = 0; clock.nowUs() < untilUs; n++) {
        const outcome = await hold(shop, `s${index}-${n}`);
        if (outcome.held && clock.nowUs() <= untilUs) held++;
      }
    };
    await shop.until(Promise.all(Array.from({ length: 64 }, shopper)), 1);
    return held / 2;
  }

  const patient = { lockTimeoutMs: 60_000, connections: 64 };

  it.each([4, 10, 20])('held for %i ms lets 1000 / that through per second', async (lockHoldMs) => {
    const perSec = await throughput('row-lock', { ...patient, lockHoldMs });
    expect(perSec).toBeLessThanOrEqual(1000 / lockHoldMs);
    expect(perSec).toBeGreaterThan((0.8 * 1000) / lockHoldMs);
  });

  it('split into eight buckets lets about eight times as many through', async () => {
    const lockHoldMs = 20;
    const perSec = await throughput('buckets', { ...patient, lockHoldMs, buckets: 8 });
    expect(perSec).toBeLessThanOrEqual((8 * 1000) / lockHoldMs);
    expect(perSec).toBeGreaterThan((0.8 * 8 * 1000) / lockHoldMs);
  });

  it('makes others wait, and takes the connections of those who want something else', async () => {
    const options = { lockHoldMs: 20, lockTimeoutMs: 200, connections: 4 };
    bench = await ShopBench.open({
      ...{ strategy: 'row-lock', strategyOptions: options, stock: { hot: 100, calm: 100 } },
    });
    const shop = bench;
    const queue = Array.from({ length: 60 }, (_, i) => hold(shop, `k${i}`));
    const calm = shop.core.inventory.hold({
      ...{ checkoutId: 'calm', customer: 'c', lines: [{ sku: 'calm', quantity: 1 }] },
      ...{ limitedSkus: [], perCustomer: 0, expiresAtUs: shop.clock.nowUs() + 1e6 },
    });
    const outcomes = await shop.until(Promise.all(queue), 1);
    const held = outcomes.filter((outcome) => outcome.held).length;
    expect(held).toBe(10);
    expect(await shop.until(calm)).toMatchObject({ held: false, code: 'contention' });
    const { conflicts, lockWaitMs } = shop.core.inventory.counts();
    expect(conflicts).toBe(51);
    // Ten wait for 0, 20, … 180 ms, the others in vain for all of their 200 ms.
    expect(lockWaitMs).toBeCloseTo(900 + 51 * 200, -2);
  });
});

describe('the payment', () => {
  const PAYMENT_MS = 100;

  /** Orders per second of virtual time when all pay at once. */
  async function ordersPerSec(strategy: string): Promise<number> {
    bench = await ShopBench.open({
      ...{ strategy, stock: { hot: 100 }, strategyOptions: { lockTimeoutMs: 60_000 } },
      payments: { latencyMs: PAYMENT_MS, declined: 0, lostAnswers: 0, lostRequests: 0 },
    });
    const shop = bench;
    const { orders } = shop.core;
    shop.prices.set('hot', 1000);
    const shoppers = Array.from({ length: 14 }, (_, i) => `c-${i}`);
    const line = [{ sku: 'hot', quantity: 1 }];
    const checkouts = await shop.until(
      Promise.all(shoppers.map((customer) => orders.checkout(customer, line))),
      1,
    );
    const startUs = shop.clock.nowUs();
    const paid = shoppers.map((customer, i) => {
      const request = { checkoutId: checkouts[i]?.id ?? '', paymentToken: `tok_${i}` };
      return orders.order(customer, `key-${i}`, request);
    });
    const answers = await shop.until(Promise.all(paid), 1);
    expect(answers.filter(({ order }) => order.status === 'confirmed')).toHaveLength(14);
    return (14 * 1e6) / (shop.clock.nowUs() - startUs);
  }

  it('inside the lock bounds the orders by 1 / payment time', async () => {
    const perSec = await ordersPerSec('row-lock-during-payment');
    const bound = 1000 / PAYMENT_MS;
    expect(perSec).toBeGreaterThan(0.8 * bound);
    expect(perSec).toBeLessThan(1.2 * bound);
  });

  it('outside the lock bounds nothing', async () => {
    expect(await ordersPerSec('row-lock')).toBeGreaterThan((5 * 1000) / PAYMENT_MS);
  });

  it('inside the lock is given up before anything is charged when the wait is too long', async () => {
    bench = await ShopBench.open({
      ...{ strategy: 'row-lock-during-payment', stock: { hot: 100 } },
      strategyOptions: { lockTimeoutMs: 150 },
      payments: { latencyMs: 400, declined: 0, lostAnswers: 0, lostRequests: 0 },
    });
    const shop = bench;
    const { orders } = shop.core;
    const line = [{ sku: 'hot', quantity: 1 }];
    const first = await shop.until(orders.checkout('c-1', line), 1);
    const second = await shop.until(orders.checkout('c-2', line), 1);
    const pay = (customer: string, id: string) =>
      orders.order(customer, 'key', { checkoutId: id, paymentToken: 'tok_card' });
    const paid = pay('c-1', first.id);
    const waiting = pay('c-2', second.id).catch((error: unknown) => error);
    expect(await shop.until(waiting, 1)).toMatchObject({ status: 503, code: 'contention' });
    expect(await shop.until(orders.byKey('c-2', 'key'))).toBeUndefined();
    expect((await shop.until(paid, 1)).order.status).toBe('confirmed');
    expect(shop.payments.charges.size).toBe(1);
    expect((await shop.until(pay('c-2', second.id), 1)).order.status).toBe('confirmed');
  });
});

describe('compare-and-set', () => {
  /** Attempts per hold when so many want a unit at the same instant. */
  async function attemptsPerHold(contenders: number, retryBackoffMs: number): Promise<number> {
    const options = { retries: 1000, retryBackoffMs };
    const shop = await open({ strategy: 'optimistic', options, units: 1000 });
    const holds = Array.from({ length: contenders }, (_, i) => hold(shop, `k${i}`));
    await shop.until(Promise.all(holds), 1);
    const { attempts, requests, conflicts } = shop.core.inventory.counts();
    expect(conflicts).toBe(attempts - requests);
    await shop.stop();
    bench = undefined;
    return attempts / requests;
  }

  it('lets one of all win each round, so attempts grow as (contenders + 1) / 2', async () => {
    for (const contenders of [1, 2, 5, 10, 40]) {
      expect(await attemptsPerHold(contenders, 0)).toBe((contenders + 1) / 2);
    }
  });

  it('needs fewer attempts when those who lost wait for a random time', async () => {
    const atOnce = await attemptsPerHold(40, 0);
    const jittered = await attemptsPerHold(40, 20);
    expect(jittered).toBeLessThan(atOnce / 4);
    expect(jittered).toBeGreaterThan(1);
  });

  it('says "contention" when the retries are used up, although there are units', async () => {
    const options = { retries: 2, retryBackoffMs: 0 };
    const shop = await open({ strategy: 'optimistic', options, units: 1000 });
    const holds = Array.from({ length: 10 }, (_, i) => hold(shop, `k${i}`));
    const outcomes = await shop.until(Promise.all(holds), 1);
    expect(outcomes.filter((outcome) => outcome.held)).toHaveLength(3);
    expect(outcomes.at(-1)).toEqual({ held: false, code: 'contention', sku: 'hot' });
    expect(await freeUnits(shop)).toBe(997);
  });
});

describe('buckets', () => {
  const BUCKETS = 4;
  const PER_BUCKET = 10;
  const UNITS = BUCKETS * PER_BUCKET;

  async function leftAfter(demand: number, seed: number, stealing: boolean): Promise<number> {
    const options = { buckets: BUCKETS, stealing };
    const shop = await open({ strategy: 'buckets', options, units: UNITS });
    const prng = new Prng(seed, 'checkouts');
    const holds = Array.from({ length: demand }, () => hold(shop, `k-${prng.u32()}`));
    await shop.until(Promise.all(holds), 1);
    const left = await freeUnits(shop);
    await shop.stop();
    bench = undefined;
    return left;
  }

  /** Expected units left: buckets × E[max(0, units − Binomial(demand, 1 / buckets))]. */
  function strandedBy(demand: number): number {
    const p = 1 / BUCKETS;
    let probability = (1 - p) ** demand;
    let expected = 0;
    for (let k = 0; k < PER_BUCKET; k++) {
      expected += (PER_BUCKET - k) * probability;
      probability *= ((demand - k) / (k + 1)) * (p / (1 - p));
    }
    return BUCKETS * expected;
  }

  it.each([UNITS, 48])('strand what the formula says after a demand of %i', async (demand) => {
    const seeds = 40;
    let left = 0;
    for (let seed = 1; seed <= seeds; seed++) left += await leftAfter(demand, seed, false);
    expect(strandedBy(demand)).toBeGreaterThan(0.5);
    const ratio = left / seeds / strandedBy(demand);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.4);
  });

  it('strand nothing when an empty one takes from the others', async () => {
    for (let seed = 1; seed <= 20; seed++) expect(await leftAfter(UNITS, seed, true)).toBe(0);
  });

  it('strand the remainder of each for orders of several units', async () => {
    const options = { buckets: BUCKETS, stealing: false };
    const shop = await open({ strategy: 'buckets', options, units: UNITS });
    const holds = Array.from({ length: 100 }, (_, i) => hold(shop, `k${i}`, { quantity: 3 }));
    await shop.until(Promise.all(holds), 1);
    expect(await freeUnits(shop)).toBe(BUCKETS * (PER_BUCKET % 3));
  });

  it('with stealing give an order of several units what lies in several of them', async () => {
    const options = { buckets: BUCKETS, stealing: true };
    const shop = await open({ strategy: 'buckets', options, units: UNITS });
    expect(await shop.until(hold(shop, 'all', { quantity: UNITS }), 1)).toEqual({ held: true });
    expect(shop.core.inventory.counts().steals).toBe(UNITS - PER_BUCKET);
    await shop.until(shop.core.inventory.release('all'));
    expect(await freeUnits(shop)).toBe(UNITS);
  });

  it('are filled evenly by the shoppers', () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 8000; i++) {
      const bucket = homeBucket(`k-${i}`, 8);
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    }
    expect(counts.size).toBe(8);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('units held for those who never pay', () => {
  it.each(['guarded-update', 'single-writer', 'unit-rows', 'counter-first'])(
    'are arrivals × abandonment × time to live with %s',
    async (strategy) => {
      const shop = await open({ strategy, units: 100_000 });
      shop.core.start();
      const prng = new Prng(7, 'abandonment');
      const perSec = 40;
      const abandonment = 0.6;
      const seconds = 60;
      for (let i = 0; i < perSec * seconds; i++) {
        const atMs = prng.unit() * seconds * 1000;
        const abandons = prng.chance(abandonment);
        shop.clock.after(atMs, () => {
          const held = hold(shop, `k${i}`, { ttlMs: HOLD_TTL_MS });
          if (!abandons) void held.then(() => shop.core.inventory.commit(`k${i}`));
        });
      }
      let sum = 0;
      let samples = 0;
      await shop.pass(3 * HOLD_TTL_MS, 20);
      for (let ms = 3 * HOLD_TTL_MS; ms < seconds * 1000; ms += 500) {
        await shop.pass(500, 20);
        const { held } = await shop.until(shop.core.inventory.observe(['hot']));
        sum += held;
        samples++;
      }
      // On average a hold ends half a sweep (200 ms) after it is due.
      const expected = (perSec * abandonment * (HOLD_TTL_MS + 100)) / 1000;
      expect(sum / samples / expected).toBeGreaterThan(0.9);
      expect(sum / samples / expected).toBeLessThan(1.1);
      await shop.pass(2 * HOLD_TTL_MS, 20);
      const { held } = await shop.until(shop.core.inventory.observe(['hot']));
      expect(held).toBe(0);
    },
  );
});

describe('counter-first', () => {
  /** Units that can be bought one by one. */
  async function buyable(shop: ShopBench, prefix: string): Promise<number> {
    let bought = 0;
    while ((await shop.until(hold(shop, `${prefix}-${bought}`), 1)).held) bought++;
    return bought;
  }

  it('loses as many units as died between cache and database, until it is reconciled', async () => {
    const shop = await open({ strategy: 'counter-first', units: 20 });
    for (let i = 0; i < 7; i++) hold(shop, `lost-${i}`).catch(() => undefined);
    // The counter has gone down, the database has not heard of it.
    shop.crash();
    await shop.restart();
    expect(await freeUnits(shop)).toBe(20);
    expect(await buyable(shop, 'before')).toBe(13);
    expect(await freeUnits(shop)).toBe(7);
    await shop.pass(6000, 100);
    expect(shop.core.inventory.counts().repairedUnits).toBe(7);
    expect(await buyable(shop, 'after')).toBe(7);
    expect(await freeUnits(shop)).toBe(0);
  });

  it('tells nobody "sold out" because of a shopper who is over the purchase limit', async () => {
    const shop = await open({ strategy: 'counter-first', units: 1 });
    const ask = (id: string, customer: string) =>
      shop.core.inventory.hold({
        ...{ checkoutId: id, customer, lines: [{ sku: 'hot', quantity: 1 }] },
        ...{ limitedSkus: ['hot'], perCustomer: 1, expiresAtUs: shop.clock.nowUs() + 1e9 },
      });
    expect(await shop.until(ask('k1', 'greedy'), 1)).toEqual({ held: true });
    await shop.until(shop.core.inventory.commit('k1'));
    await shop.until(shop.core.inventory.restock('hot', 1));
    const both = [ask('k2', 'greedy'), ask('k3', 'modest')];
    expect(await shop.until(Promise.all(both), 1)).toEqual([
      { held: false, code: 'limit_reached', sku: 'hot' },
      { held: true },
    ]);
  });

  it('never sells what the database does not have, however wrong its counter', async () => {
    const shop = await open({ strategy: 'counter-first', units: 5 });
    await shop.stores.close();
    // Sold past the counter, as by somebody at a till.
    await shop.start('guarded-update', {});
    for (let i = 0; i < 4; i++) await shop.until(hold(shop, `till-${i}`), 1);
    await shop.stores.close();
    await shop.start();
    expect(await buyable(shop, 'web')).toBe(1);
  });
});

describe('a lease whose holder is paused for longer than it lasts', () => {
  const options = { leaseTtlMs: 100, leasePauseMs: 300, leasePauseEvery: 2, lockTimeoutMs: 2000 };

  /** The last unit is wanted by two, of whom the one that comes first is paused. */
  async function lastUnit(fencing: boolean): Promise<readonly HoldOutcome[]> {
    const shop = await open({ strategy: 'lease', options: { ...options, fencing }, units: 2 });
    await shop.until(hold(shop, 'k0'), 1);
    return shop.until(Promise.all([hold(shop, 'paused'), hold(shop, 'quick')]), 1);
  }

  it('sells the unit twice without fencing', async () => {
    expect((await lastUnit(false)).map((outcome) => outcome.held)).toEqual([true, true]);
  });

  it('is refused by the database with fencing', async () => {
    expect(await lastUnit(true)).toEqual([
      { held: false, code: 'sold_out', sku: 'hot' },
      { held: true },
    ]);
    expect(bench?.core.inventory.counts().conflicts).toBe(1);
  });

  it('has larger tokens after a restart, so that a fence of an earlier life bars nobody', async () => {
    const shop = await open({ strategy: 'lease', options, units: 9 });
    for (let i = 0; i < 3; i++) await shop.until(hold(shop, `k${i}`), 1);
    shop.crash();
    await shop.restart();
    expect(await shop.until(hold(shop, 'k9'), 1)).toEqual({ held: true });
    expect(shop.core.inventory.counts().conflicts).toBe(0);
  });
});
