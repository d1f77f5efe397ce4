// What every inventory strategy must do, each on the embedded store; what one may breach by its own
// declaration is tested the other way round.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HoldRow } from '../../src/contract/ledger.ts';
import type { StrategyOptions } from '../../src/contract/profile.ts';
import {
  declaredBreaches,
  explainStrategy,
  strategyNames,
} from '../../src/reference-system/inventory/strategy-registry.ts';
import type { HoldOutcome, HoldRequest, Line, Page } from '../../src/reference-system/services.ts';
import { ShopBench } from '../support/shop-core.ts';

const STOCK = { a: 5, b: 3, 'c/d': 2 };

type Variant = readonly [title: string, strategy: string, options: Partial<StrategyOptions>];

/** Every strategy as it comes, and those whose options change what they do to the stock. */
const VARIANTS: readonly Variant[] = [
  ...strategyNames.map((name): Variant => [name, name, {}]),
  ['buckets without stealing', 'buckets', { stealing: false, buckets: 1 }],
  ['buckets with row locks', 'buckets', { lockHoldMs: 2 }],
  ['guarded-update with row locks', 'guarded-update', { lockHoldMs: 2 }],
  ['lease without fencing', 'lease', { fencing: false }],
  ['unit-rows with a small pool', 'unit-rows', { poolRows: 2 }],
];

describe.each(VARIANTS)('strategy %s', (_title, strategy, strategyOptions) => {
  const mayBreach = (invariant: string): boolean =>
    declaredBreaches(strategy, strategyOptions).includes(invariant);
  let bench: ShopBench;

  beforeEach(async () => {
    bench = await ShopBench.open({ strategy, strategyOptions, stock: STOCK });
  });

  afterEach(() => bench.stop());

  function request(checkoutId: string, lines: readonly Line[], ttlMs = 1000): HoldRequest {
    const expiresAtUs = bench.clock.nowUs() + ttlMs * 1000;
    const limits = { limitedSkus: [], perCustomer: 0 };
    return { checkoutId, customer: `of-${checkoutId}`, lines, expiresAtUs, ...limits };
  }

  const hold = (id: string, lines: readonly Line[], ttlMs?: number): Promise<HoldOutcome> =>
    bench.until(bench.core.inventory.hold(request(id, lines, ttlMs)), 1);
  const stock = (sku: string): Promise<number | undefined> =>
    bench.until(bench.core.inventory.stockOf(sku));
  const until = <T>(work: Promise<T>): Promise<T> => bench.until(work);
  const one = (sku: string, quantity = 1): Line[] => [{ sku, quantity }];

  test('explains itself in one line', () => {
    expect(explainStrategy(strategy)).toMatch(/^[^\n]{10,100}$/);
  });

  test('a hold takes units out of what is available', async () => {
    expect(await hold('k1', one('a', 2))).toEqual({ held: true });
    expect(await stock('a')).toBe(3);
  });

  test('a wiped cache changes nothing, not even for holds that are on their way', async () => {
    expect(await hold('k1', one('a', 2))).toEqual({ held: true });
    const { inventory } = bench.core;
    const onTheirWay = ['b', 'c/d'].map((sku) => inventory.hold(request(`k ${sku}`, one(sku))));
    const wiped = inventory.wipeCache();
    const after = inventory.hold(request('k4', one('a', 3)));
    const outcomes = await until(Promise.all([...onTheirWay, after]));
    await until(wiped);
    expect(outcomes).toEqual([{ held: true }, { held: true }, { held: true }]);
    expect(await hold('k5', one('a'))).toMatchObject({ held: false, code: 'sold_out' });
    expect(await hold('k6', one('b', 3))).toMatchObject({ held: false, code: 'sold_out' });
    expect([await stock('a'), await stock('b'), await stock('c/d')]).toEqual([0, 2, 1]);
  });

  test('more than there is is refused with the SKU that was short', async () => {
    expect(await hold('k1', one('b', 4))).toEqual({ held: false, code: 'sold_out', sku: 'b' });
    expect(await stock('b')).toBe(3);
  });

  test('an unknown SKU is sold out and has no stock', async () => {
    expect(await hold('k1', one('nothing'))).toMatchObject({ held: false, code: 'sold_out' });
    expect(await stock('nothing')).toBeUndefined();
  });

  test('several lines are held together or not at all', async () => {
    const lines = [...one('a', 2), ...one('b', 4)];
    expect(await hold('k1', lines)).toEqual({ held: false, code: 'sold_out', sku: 'b' });
    expect(await stock('a')).toBe(5);
    expect((await until(bench.core.inventory.holdRows(null, 10))).items).toEqual([]);
  });

  test('the same checkout is held once, however often it is asked for', async () => {
    await hold('k1', one('a', 2));
    expect(await hold('k1', one('a', 2))).toEqual({ held: true });
    expect(await stock('a')).toBe(3);
  });

  test('a hold that an earlier life may have made is repeated when nothing is left', async () => {
    const again = {
      ...request('k1', one('a', 5)),
      ...{ limitedSkus: ['a'], perCustomer: 5, mayExist: true },
    };
    const { inventory } = bench.core;
    expect(await bench.until(inventory.hold(again), 1)).toEqual({ held: true });
    expect(await bench.until(inventory.hold(again), 1)).toEqual({ held: true });
    expect(await stock('a')).toBe(0);
    await until(inventory.release('k1'));
    expect(await stock('a')).toBe(5);
    expect(await hold('k2', one('a', 5))).toEqual({ held: true });
  });

  test('a commit keeps the units, a release gives them back', async () => {
    await hold('k1', one('a', 2));
    await hold('k2', one('a'));
    expect(await until(bench.core.inventory.commit('k1'))).toBe('done');
    expect(await until(bench.core.inventory.release('k2'))).toBe('done');
    expect(await stock('a')).toBe(3);
  });

  test('a second resolution has its own answer and changes nothing', async () => {
    const { inventory } = bench.core;
    await hold('k1', one('a', 2));
    await hold('k2', one('a', 2));
    await until(inventory.commit('k1'));
    await until(inventory.release('k2'));
    expect(await until(inventory.release('k1'))).toBe('already_committed');
    expect(await until(inventory.commit('k1'))).toBe('already_committed');
    expect(await until(inventory.commit('k2'))).toBe('already_released');
    expect(await until(inventory.release('k2'))).toBe('already_released');
    expect(await until(inventory.commit('k3'))).toBe('unknown_checkout');
    expect(await stock('a')).toBe(3);
    const rows = (await until(inventory.holdRows(null, 10))).items;
    expect(rows.map((row) => row.resolutions)).toEqual([1, 1]);
  });

  test('of a commit and a release at the same time exactly one wins', async () => {
    const { inventory } = bench.core;
    await hold('k1', one('a', 2));
    const answers = await until(Promise.all([inventory.release('k1'), inventory.commit('k1')]));
    expect(answers).toEqual(['done', 'already_released']);
    expect(await stock('a')).toBe(5);
  });

  test('a commit after the expiry fails and expires the hold', async () => {
    await hold('k1', one('a', 2), 100);
    await bench.pass(100);
    expect(await until(bench.core.inventory.commit('k1'))).toBe('already_expired');
    expect(await stock('a')).toBe(5);
    expect(await until(bench.core.inventory.expireDue())).toBe(0);
  });

  test('the sweep expires what is due and nothing else', async () => {
    await hold('k1', [...one('a', 2), ...one('b')], 100);
    await hold('k2', one('a'), 5000);
    await bench.pass(200);
    expect(await until(bench.core.inventory.expireDue())).toBe(2);
    expect(await until(bench.core.inventory.commit('k1'))).toBe('already_expired');
    expect(await until(bench.core.inventory.commit('k2'))).toBe('done');
    expect([await stock('a'), await stock('b')]).toEqual([4, 3]);
  });

  test('a sweep of more than one batch expires all of it', async () => {
    await until(bench.core.inventory.restock('a', 600));
    for (let i = 0; i < 600; i++) await hold(`k${i}`, one('a'), 20_000);
    await bench.pass(21_000, 500);
    expect(await until(bench.core.inventory.expireDue())).toBe(600);
  });

  test('a hold made under a later clock, before a reboot, is expired', async () => {
    await hold('k1', one('a', 2), 2000);
    await bench.stores.close();
    bench.clock.advance(-500);
    await bench.start();
    expect(await until(bench.core.inventory.expireDue())).toBe(1);
    expect(await stock('a')).toBe(5);
  });

  test('committed units are returned once', async () => {
    const { inventory } = bench.core;
    await hold('k1', one('a', 2));
    await until(inventory.commit('k1'));
    expect(await until(inventory.returnUnits('k1'))).toBe('done');
    expect(await until(inventory.returnUnits('k1'))).toBe('already_released');
    expect(await stock('a')).toBe(5);
    const [row] = await until(inventory.stockRows());
    expect(row).toMatchObject({ available: 5, held: 0, committed: 0 });
  });

  test('seeding again with another number keeps what was sold', async () => {
    await hold('k1', one('a', 2));
    await until(bench.core.inventory.seed([{ sku: 'a', units: 10 }]));
    expect(await stock('a')).toBe(8);
  });

  test('a restock adds to what is available and is counted apart', async () => {
    await until(bench.core.inventory.restock('a', 7));
    const [row] = await until(bench.core.inventory.stockRows());
    expect(row).toMatchObject({ sku: 'a', seeded: 5, restocked: 7, available: 12 });
    await expect(until(bench.core.inventory.restock('nothing', 1))).rejects.toThrow('no stock');
  });

  test('the purchase limit is claimed with the hold and given back with it', async () => {
    const { inventory } = bench.core;
    const limited = (id: string, quantity: number): Promise<HoldOutcome> =>
      bench.until(
        inventory.hold({
          ...request(id, one('a', quantity), 500),
          ...{ customer: 'greedy', limitedSkus: ['a'], perCustomer: 2 },
        }),
        1,
      );
    const refused = { held: false, code: 'limit_reached', sku: 'a' };
    expect(await limited('k0', 3)).toEqual(refused);
    expect(await limited('k1', 2)).toEqual({ held: true });
    expect(await limited('k2', 1)).toEqual(refused);
    await until(inventory.release('k1'));
    expect(await limited('k3', 2)).toEqual({ held: true });
    await until(inventory.commit('k3'));
    expect(await limited('k4', 1)).toEqual(refused);
    await until(inventory.returnUnits('k3'));
    expect(await limited('k5', 2)).toEqual({ held: true });
    await bench.pass(600);
    await until(inventory.expireDue());
    expect(await limited('k6', 2)).toEqual({ held: true });
    expect(await stock('a')).toBe(3);
  });

  test('observes available and held units of some SKUs', async () => {
    await hold('k1', [...one('a', 2), ...one('c/d')]);
    const seen = await until(bench.core.inventory.observe(['a', 'c/d', 'nothing']));
    expect(seen).toEqual({ available: 4, held: 3 });
  });

  test('lists holds in pages without losing one', async () => {
    await hold('k1', [...one('a'), ...one('b'), ...one('c/d')]);
    await hold('k2', [...one('a'), ...one('c/d')]);
    const ids: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: Page<HoldRow> = await until(bench.core.inventory.holdRows(after, 2));
      ids.push(...page.items.map((row) => row.id));
      after = page.next;
      if (after === null) break;
    }
    expect(ids).toEqual(['k1/a', 'k1/b', 'k1/c/d', 'k2/a', 'k2/c/d']);
  });

  test('what is left can be bought unit by unit, and then no more', async () => {
    const { inventory } = bench.core;
    await hold('k1', one('a', 2));
    await hold('k2', one('a', 3));
    await until(inventory.commit('k1'));
    await until(inventory.release('k2'));
    await until(inventory.restock('a', 4));
    await until(inventory.returnUnits('k1'));
    const left = (await stock('a')) ?? 0;
    expect(left).toBe(9);
    let bought = 0;
    while ((await hold(`drain-${bought}`, one('a'))).held) bought++;
    expect([bought, await stock('a')]).toEqual([left, 0]);
  });

  test.each(['shared', 'per-service'] as const)(
    'a crash in the middle of holds loses nothing, layout %s',
    async (layout) => {
      await bench.stop();
      bench = await ShopBench.open({ strategy, strategyOptions, layout, stock: { a: 30 } });
      bench.core.start();
      await hold('before', one('a', 3), 100_000);
      await until(bench.core.inventory.commit('before'));
      for (let i = 0; i < 12; i++) {
        // What becomes of these nobody will know: the shop dies while they are on their way.
        bench.core.inventory.hold(request(`k${i}`, one('a'), 1000)).catch(() => undefined);
        await bench.pass(1, 1);
      }
      bench.crash();
      await bench.restart();
      await bench.pass(10_000, 100);
      const [row] = await until(bench.core.inventory.stockRows());
      if (!mayBreach('I3')) expect(row).toMatchObject({ available: 27, held: 0, committed: 3 });
      let bought = 0;
      while ((await hold(`drain-${bought}`, one('a'), 100_000)).held) bought++;
      expect(bought).toBe(row?.available);
    },
  );

  test('finds its stock again when another strategy has kept it meanwhile', async () => {
    await hold('k1', one('a', 2), 60_000);
    await hold('k2', one('a', 1), 60_000);
    await until(bench.core.inventory.commit('k2'));
    for (const next of ['buckets', 'unit-rows', 'guarded-update', strategy]) {
      await bench.stores.close();
      await bench.start(next, next === strategy ? strategyOptions : {});
      expect(await stock('a')).toBe(2);
    }
    await bench.pass(10_000, 100);
    await until(bench.core.inventory.expireDue());
    expect(await until(bench.core.inventory.release('k1'))).toBe('done');
    expect(await stock('a')).toBe(4);
    expect(await hold('k3', one('a', 4))).toEqual({ held: true });
  });

  test('counts the holds that are asked for, and the attempts', async () => {
    await hold('k1', one('a', 4));
    await hold('k2', one('a', 4));
    const { requests, attempts } = bench.core.inventory.counts();
    expect([requests, attempts]).toEqual([2, 2]);
  });

  // One that may breach the conservation of stock has nothing to show here.
  test.skipIf(mayBreach('I3'))('conserves stock whatever happens at the same time', async () => {
    const setUp = { strategy, strategyOptions, stock: { a: 9 } };
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 60 }), (steps) => conserves(setUp, steps)),
      { numRuns: 12 },
    );
  });

  // Nobody is paused here, and the lease alone keeps two holders apart.
  const meeting = mayBreach('I1') && strategy !== 'lease' ? 2 : 1;

  test(`of two shoppers for the last unit ${meeting} get it`, async () => {
    await hold('k1', one('a', 4));
    const { inventory } = bench.core;
    const both = [inventory.hold(request('k2', one('a'))), inventory.hold(request('k3', one('a')))];
    const outcomes = await bench.until(Promise.all(both), 1);
    expect(outcomes.filter((outcome) => outcome.held)).toHaveLength(meeting);
    expect(await stock('a')).toBe(0);
  });
});

const STEP = fc.record({
  kind: fc.constantFrom('hold', 'hold', 'commit', 'release', 'return', 'expire', 'restock', 'pass'),
  checkout: fc.integer({ min: 0, max: 9 }),
  units: fc.integer({ min: 1, max: 3 }),
});
type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;

/** Runs the steps without waiting for one another, and then counts. */
async function conserves(
  setUp: Parameters<typeof ShopBench.open>[0],
  steps: readonly Step[],
): Promise<void> {
  const bench = await ShopBench.open(setUp);
  const { inventory } = bench.core;
  const work: Promise<unknown>[] = [];
  let supply = 9;
  for (const { kind, checkout, units } of steps) {
    const id = `k${checkout}`;
    if (kind === 'pass') await bench.pass(50);
    if (kind === 'commit') work.push(inventory.commit(id));
    if (kind === 'release') work.push(inventory.release(id));
    if (kind === 'expire') work.push(inventory.expireDue());
    if (kind === 'restock') {
      work.push(inventory.restock('a', units));
      supply += units;
    }
    // Refused for a hold that is still open: a bug of the caller, not a state of the stock.
    if (kind === 'return') work.push(inventory.returnUnits(id).catch(() => undefined));
    if (kind === 'hold') {
      const expiresAtUs = bench.clock.nowUs() + 100_000;
      const lines = [{ sku: 'a', quantity: units }];
      const limit = { limitedSkus: ['a'], perCustomer: 3 };
      work.push(inventory.hold({ checkoutId: id, customer: id, lines, expiresAtUs, ...limit }));
    }
  }
  await bench.until(Promise.all(work));
  const [row] = await bench.until(inventory.stockRows());
  expect(row!.available + row!.held + row!.committed).toBe(supply);
  const holds = await bench.until(inventory.holdRows(null, 100));
  for (const held of holds.items) expect(held.resolutions).toBeLessThanOrEqual(1);
  await bench.stop();
}

test('an unknown strategy is refused with the nearest name', () => {
  expect(() => explainStrategy('guarded-updat')).toThrow('did you mean "guarded-update"');
});

test('a second shop on the same files is refused', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-lock-'));
  const { openStores } = await import('../../src/reference-system/storage/open-stores.ts');
  const bench = await ShopBench.open();
  const options = { layout: 'shared', clock: bench.clock } as const;
  const more = { dataDir: dir, strategy: 'guarded-update', execution: 'inline' } as const;
  const first = await openStores({ ...options, ...more });
  await expect(openStores({ ...options, ...more })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  await first.close();
  await bench.stop();
  fs.rmSync(dir, { recursive: true });
});
