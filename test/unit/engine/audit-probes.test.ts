// The coordinator's own operations: what is in doubt gets resolved, what is left gets sold out.
import { describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../../src/base/clock.ts';
import { PROBE_JOURNEY } from '../../../src/contract/history.ts';
import { drainStock, resolveInDoubt } from '../../../src/engine/audit-probes.ts';
import { ProbedShop, type ProbedShopOptions } from '../../support/probed-shop.ts';

function setUp(options: ProbedShopOptions) {
  const clock = createVirtualClock();
  const shop = new ProbedShop(clock, options);
  const recorded: { operation: string; journey: number }[] = [];
  const writer = {
    append: (call: { operation: string }, journey: number) =>
      recorded.push({ operation: call.operation, journey }),
    flush: async () => {},
    close: async () => ({ records: 0, lost: 0 }),
  };
  return { clock, shop, recorded, parts: { client: shop, clock, writer } };
}

/** Moves virtual time until the work is done. */
async function finish<T>(
  work: Promise<T>,
  clock: ReturnType<typeof createVirtualClock>,
): Promise<T> {
  let ended = false;
  const tracked = work.finally(() => {
    ended = true;
  });
  for (let i = 0; i < 100_000 && !ended; i++) {
    clock.advance(5);
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  }
  return tracked;
}

const doubt = (key: string) => ({ key, journey: 7, customer: 3, item: 2, units: 1 });

describe('orders in doubt', () => {
  async function resolve(options: ProbedShopOptions, keys: readonly string[], prepare = () => {}) {
    const { clock, shop, parts, recorded } = setUp(options);
    prepare.call(shop);
    const work = resolveInDoubt({
      ...parts,
      orders: keys.map(doubt),
      concurrency: 4,
      deadlineUs: 3_000_000,
    });
    const resolutions = await finish(work, clock);
    return { resolutions, shop, recorded, clock };
  }

  test('one that took effect is found by its key', async () => {
    const { resolutions } = await resolve({ stock: 0 }, ['k1'], function (this: ProbedShop) {
      this.orders.set('k1', { id: 'order-9', status: 'confirmed' });
    });
    expect(resolutions).toEqual([
      {
        ...{ key: 'k1', journey: 7, customer: 3, item: 2, units: 1 },
        ...{ result: 'applied', orderId: 'order-9', orderStatus: 'confirmed' },
      },
    ]);
  });

  test('one that is absent gets a tombstone before it counts as absent', async () => {
    const { resolutions, shop } = await resolve({ stock: 0 }, ['k1', 'k2']);
    expect(resolutions.map(({ result }) => result)).toEqual(['absent', 'absent']);
    expect([...shop.tombstones].sort()).toEqual(['k1', 'k2']);
  });

  test('nothing is asked before the deadline has passed, and no order is sent again', async () => {
    const { shop, clock } = await resolve({ stock: 5 }, ['k1']);
    expect(clock.nowUs()).toBeGreaterThan(3_000_000);
    expect(shop.calls.some((call) => call.startsWith('order '))).toBe(false);
  });

  test('an order that slips in before its tombstone is applied, not absent', async () => {
    const { resolutions } = await resolve(
      {
        stock: 0,
        fault: (call, n) =>
          call.operation === 'orderStatus' && n === 1
            ? { kind: 'refused', reason: 'not_found' }
            : undefined,
      },
      ['k1'],
      function (this: ProbedShop) {
        this.orders.set('k1', { id: 'order-9', status: 'confirmed' });
      },
    );
    expect(resolutions[0]?.result).toBe('applied');
  });

  test('an order between two steps is asked for again until it has ended', async () => {
    const order = { id: 'order-9', status: 'paying' };
    const { resolutions } = await resolve(
      {
        stock: 0,
        fault: (_, n) => {
          if (n === 3) order.status = 'declined';
          return undefined;
        },
      },
      ['k1'],
      function (this: ProbedShop) {
        this.orders.set('k1', order);
      },
    );
    expect(resolutions[0]).toMatchObject({ result: 'applied', orderStatus: 'declined' });
  });

  test('a target that never answers leaves it unknown, in bounded time', async () => {
    const { resolutions, shop } = await resolve(
      { stock: 0, fault: () => ({ kind: 'failed', reason: 'connect_failed' }) },
      ['k1'],
    );
    expect(resolutions[0]?.result).toBe('unknown');
    expect(shop.calls.length).toBe(12);
  });

  test('many are asked about at the same time, but not too many', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
    const { resolutions, shop } = await resolve({ stock: 0 }, keys);
    expect(resolutions.map(({ key }) => key)).toEqual(keys);
    expect(shop.maxConcurrent).toBe(4);
  });

  test('every question is recorded as a probe', async () => {
    const { recorded } = await resolve({ stock: 0 }, ['k1']);
    expect(recorded).toEqual([
      { operation: 'orderStatus', journey: PROBE_JOURNEY },
      { operation: 'tombstoneKey', journey: PROBE_JOURNEY },
    ]);
  });
});

describe('selling out what is left', () => {
  async function drain(
    options: ProbedShopOptions,
    reported: number,
    more: { customers?: number; perCustomer?: number } = {},
  ) {
    const { clock, shop, parts } = setUp(options);
    const work = drainStock({
      ...parts,
      items: [{ item: 4, reported }],
      firstCustomer: 100,
      perCustomer: options.perCustomer ?? 1,
      ...more,
    });
    const [probe] = await finish(work, clock);
    return { probe, shop };
  }

  test.each([0, 1, 2, 17, 60])('buys exactly the %i units that there are', async (stock) => {
    const { probe, shop } = await drain({ stock }, stock);
    expect(probe).toEqual({
      ...{ item: 4, reported: stock, bought: stock },
      ...{ refusedAtEnd: true, problem: '' },
    });
    expect(shop.stock).toBe(0);
    expect(shop.openHolds.size).toBe(0);
  });

  test('the last refusal comes when nobody else is buying', async () => {
    const { shop } = await drain({ stock: 30 }, 30);
    expect(shop.maxConcurrent).toBeGreaterThan(4);
    expect(shop.calls.at(-1)).toBe('checkout');
    expect(shop.calls.at(-2)).toMatch(/^order /);
  });

  test('units that are reported but not there are found', async () => {
    const { probe } = await drain({ stock: 12 }, 20);
    expect(probe).toMatchObject({ bought: 12, refusedAtEnd: true, problem: '' });
  });

  test('units that are there but not reported are found', async () => {
    const { probe } = await drain({ stock: 23 }, 20);
    expect(probe).toMatchObject({ bought: 23, refusedAtEnd: true, problem: '' });
  });

  test('a stock that never ends is given up, and said', async () => {
    const { probe } = await drain({ stock: 1_000_000 }, 10);
    expect(probe?.bought).toBe(60);
    expect(probe?.refusedAtEnd).toBe(false);
    expect(probe?.problem).toMatch(/still selling 50 units beyond/);
  });

  test('customers may buy as many as the limit allows', async () => {
    const { probe } = await drain({ stock: 30, perCustomer: 4 }, 30, { customers: 9 });
    expect(probe).toMatchObject({ bought: 30, refusedAtEnd: true, problem: '' });
  });

  test('too few fresh customers are said', async () => {
    const { probe } = await drain({ stock: 30 }, 30, { customers: 10 });
    expect(probe).toMatchObject({ bought: 10, refusedAtEnd: false });
    expect(probe?.problem).toMatch(/10 fresh customers were not enough/);
  });

  test('an order whose answer is lost is asked for, never sent again', async () => {
    const lost = (operation: string, n: number) => operation === 'order' && n % 3 === 0;
    const { probe, shop } = await drain(
      { stock: 20, fault: (call, n) => (lost(call.operation, n) ? { kind: 'lost' } : undefined) },
      20,
    );
    expect(probe).toMatchObject({ bought: 20, refusedAtEnd: true, problem: '' });
    expect(shop.orders.size).toBe(20);
    const sent = shop.calls.filter((call) => call.startsWith('order '));
    expect(new Set(sent).size).toBe(sent.length);
  });

  test('what surely had no effect is repeated, under the same key', async () => {
    const { probe, shop } = await drain(
      {
        stock: 10,
        fault: (_, n) => (n % 4 === 1 ? { kind: 'refused', reason: 'shed' } : undefined),
      },
      10,
    );
    expect(probe).toMatchObject({ bought: 10, refusedAtEnd: true, problem: '' });
    expect(shop.openHolds.size).toBe(0);
  });

  test('a checkout without an answer may hold a unit: that is a problem, not a sell-out', async () => {
    const { probe } = await drain(
      {
        stock: 5,
        fault: (call, n) =>
          call.operation === 'checkout' && n === 5 ? { kind: 'lost' } : undefined,
      },
      5,
    );
    expect(probe?.refusedAtEnd).toBe(false);
    expect(probe?.problem).toMatch(/checkout ended unknown \(timeout\)/);
  });

  test('several items are probed, each with a probe of its own in their order', async () => {
    const { clock, parts } = setUp({ stock: 0 });
    const items = [3, 1, 2].map((item) => ({ item, reported: 0 }));
    const work = drainStock({ ...parts, items, firstCustomer: 0, perCustomer: 1 });
    const probes = await finish(work, clock);
    expect(probes.map(({ item }) => item)).toEqual([3, 1, 2]);
  });
});
