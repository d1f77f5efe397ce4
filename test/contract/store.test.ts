// What every store must do: in a thread (from the built files, as the product runs it) and inline.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import type { StoreLayout } from '../../src/contract/profile.ts';
import { inventoryProcedures } from '../../src/reference-system/inventory/inventory-procedures.ts';
import { STORE_NAMES, type Stores } from '../../src/reference-system/storage/store.ts';

/** A `.ts` thread entry does not load, so the tests with threads run the built files. */
type OpenStoresModule = typeof import('../../src/reference-system/storage/open-stores.ts');
const BUILT = path.join(import.meta.dirname, '../../dist/reference-system/storage/open-stores.js');
const { openStores } = (await import(BUILT)) as OpenStoresModule;

const clock = createSystemClock();

interface Kind {
  readonly execution: 'thread' | 'inline';
  readonly layout: StoreLayout;
}

const KINDS: readonly Kind[] = [
  { execution: 'thread', layout: 'shared' },
  { execution: 'thread', layout: 'per-service' },
  { execution: 'inline', layout: 'shared' },
  { execution: 'inline', layout: 'per-service' },
];

describe.each(KINDS)('store: $execution, $layout', ({ execution, layout }) => {
  let dataDir: string;
  let stores: Stores;

  const open = (options: { maxBacklog?: number } = {}): Promise<Stores> =>
    openStores({
      ...{ dataDir, layout, execution, clock },
      ...{ strategy: 'guarded-update', ...options },
    });

  beforeEach(async () => {
    dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-store-'));
    stores = await open();
  });

  afterEach(async () => {
    await stores.close();
    fs.rmSync(dataDir, { recursive: true, force: true });
  });

  test('calls of one tick share a commit and are answered in order', async () => {
    const inventory = stores.of('inventory');
    await inventory.call('seed', ['a', 100]);
    const before = stores.stats();
    const calls = Array.from({ length: 50 }, () => inventory.call<number>('stockOf', 'a'));
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, () => 100));
    const after = stores.stats();
    expect(after.calls - before.calls).toBe(50);
    expect(after.commits - before.commits).toBe(1);
    expect(after.queueLength).toBe(0);
    expect(after.busyMs).toBeGreaterThan(before.busyMs);
  });

  test('an error rejects its own caller and undoes its own changes only', async () => {
    const inventory = stores.of('inventory');
    await inventory.call('seed', ['a', 1]);
    const results = await Promise.allSettled([
      inventory.call('seed', ['b', 5]),
      inventory.call('seed', ['c', 5, 'd', -5]),
      inventory.call('restock', ['nothing', 1]),
      inventory.call('stockOf', 'b'),
      inventory.call('stockOf', 'c'),
    ]);
    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(results[1]).toMatchObject({ reason: { code: 'STORE_FAILED' } });
    expect(results[2]).toMatchObject({ reason: { message: 'there is no stock of nothing' } });
    expect(results[3]).toMatchObject({ value: 5 });
    expect(results[4]).toMatchObject({ value: null });
  });

  test('a value that cannot be bound is an error, never an answer', async () => {
    const wrong = stores.of('inventory').call('stockOf', { not: 'a sku' });
    await expect(wrong).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  test('what was answered is there after a crash', async () => {
    await stores.of('inventory').call('seed', ['a', 7]);
    await stores.of('cart').call('put', ['c-1', 'a', 2, 100, 1, 50, 100]);
    await stores.abandon();
    stores = await open();
    expect(await stores.of('inventory').call('stockOf', 'a')).toBe(7);
    expect(await stores.of('cart').call('view', 'c-1')).toEqual([['a', 2, 100]]);
  });

  test('closing answers what was called and refuses what comes later', async () => {
    const last = stores.of('inventory').call('seed', ['a', 7]);
    await stores.close();
    await expect(last).resolves.toBeUndefined();
    const late = stores.of('inventory').call('stockOf', 'a');
    await expect(late).rejects.toMatchObject({ code: 'STORE_FAILED' });
    stores = await open();
    expect(await stores.of('inventory').call('stockOf', 'a')).toBe(7);
  });

  test('a full backlog refuses new work and lets admitted work pass', async () => {
    await stores.close();
    stores = await open({ maxBacklog: 3 });
    const inventory = stores.of('inventory');
    const calls = Array.from({ length: 5 }, () => inventory.call('stockOf', 'a'));
    const admitted = inventory.callAdmitted('stockOf', 'a');
    const results = await Promise.allSettled(calls);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ reason: { status: 503, code: 'overloaded' } });
    await expect(admitted).resolves.toBeNull();
    expect(stores.stats().refused).toBe(2);
    await expect(inventory.call('stockOf', 'a')).resolves.toBeNull();
  });

  test('more calls than one transaction may have are answered by several', async () => {
    const inventory = stores.of('inventory');
    const calls = Array.from({ length: 2500 }, (_, i) => inventory.call('seed', [`s${i}`, i]));
    await Promise.all(calls);
    expect(await inventory.call('stockOf', 's2499')).toBe(2499);
    expect(stores.stats().commits).toBeGreaterThanOrEqual(3);
  });

  test('a file that is no database cannot be opened', async () => {
    await stores.close();
    const name = layout === 'shared' ? 'shop.db' : 'orders.db';
    for (const file of fs.readdirSync(dataDir)) fs.rmSync(path.join(dataDir, file));
    fs.writeFileSync(path.join(dataDir, name), 'x'.repeat(8192));
    await expect(open()).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  test('an unknown procedure is a bug of the caller', () => {
    expect(() => stores.of('cart').call('fly', null)).toThrow('has no procedure fly');
  });

  test('the layout decides on the files', () => {
    const files = fs.readdirSync(dataDir).filter((file) => file.endsWith('.db'));
    const expected =
      layout === 'shared' ? ['archive.db', 'shop.db'] : STORE_NAMES.map((name) => `${name}.db`);
    expect(files.sort()).toEqual([...expected].sort());
  });
});

test('a failed commit fails everything that shared it', async () => {
  const { BatchRunner } = await import('../../src/reference-system/storage/batch-runner.ts');
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-store-'));
  const modules = [
    {
      name: 'deferred',
      schema:
        'PRAGMA foreign_keys = ON; CREATE TABLE IF NOT EXISTS p (id INTEGER PRIMARY KEY);' +
        'CREATE TABLE IF NOT EXISTS q (p REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED);',
      prepare: (db: Database) => {
        const orphan = db.prepare('INSERT INTO q (p) VALUES (1)');
        return { orphan: () => orphan.run().changes, fine: () => 'fine' };
      },
    },
    inventoryProcedures,
  ];
  const file = path.join(dir, 'x.db');
  const runner = new BatchRunner({ file, modules, strategy: 'guarded-update', clock });
  const id = (name: string): number => runner.names.indexOf(name);
  const procedures = [id('inventory.seed'), id('deferred.orphan'), id('deferred.fine')];
  expect(runner.run({ procedures, args: [['a', 1], null, null] }).failure).toMatch(/FOREIGN KEY/);
  const after = runner.run({ procedures: [id('inventory.stockOf')], args: ['a'] });
  expect(after).toMatchObject({ failure: null, results: [null] });
  runner.close();
  fs.rmSync(dir, { recursive: true });
});

test('arguments that cannot be sent to a thread fail their batch and nothing else', async () => {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-store-'));
  const stores = await openStores({
    ...{ dataDir, layout: 'shared', execution: 'thread', clock },
    ...{ strategy: 'guarded-update' },
  });
  const inventory = stores.of('inventory');
  const broken = inventory.call('seed', [() => {}]);
  await expect(broken).rejects.toMatchObject({ code: 'STORE_FAILED' });
  await expect(inventory.call('stockOf', 'a')).resolves.toBeNull();
  await stores.close();
  fs.rmSync(dataDir, { recursive: true });
});
