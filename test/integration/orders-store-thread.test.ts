// The order flow in real time on store threads (from the built files): shoppers who all want the
// same few units at once.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import { Prng } from '../../src/base/prng.ts';
import type { StoreLayout } from '../../src/contract/profile.ts';
import { createIdSource } from '../../src/reference-system/orders/id-source.ts';
import { Refusal, type SaleWindow } from '../../src/reference-system/services.ts';
import type { Stores } from '../../src/reference-system/storage/store.ts';
import { CALM, PaymentLedger } from '../support/payment-ledger.ts';
import { createShopCore, type ShopCore } from '../support/wire-core.ts';

type OpenStoresModule = typeof import('../../src/reference-system/storage/open-stores.ts');
const BUILT = path.join(import.meta.dirname, '../../dist/reference-system/storage/open-stores.js');
const { openStores } = (await import(BUILT)) as OpenStoresModule;

const UNITS = 10;
const SHOPPERS = 100;
const clock = createSystemClock();
const window: SaleWindow = { skus: [], opensAtUs: 0, closesAtUs: null, perCustomer: 1 };
const item = {
  title: '',
  description: '',
  category: '',
  attributes: {},
  priceMinor: 500,
  units: 0,
};

const KINDS: readonly { layout: StoreLayout; strategy: string }[] = [
  { layout: 'shared', strategy: 'guarded-update' },
  { layout: 'per-service', strategy: 'guarded-update' },
  { layout: 'shared', strategy: 'unsafe' },
];

describe.each(KINDS)('$layout, $strategy', ({ layout, strategy }) => {
  let dataDir: string;
  let stores: Stores;
  let core: ShopCore;
  const errors: unknown[] = [];

  beforeEach(async () => {
    dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-orders-'));
    stores = await openStores({ dataDir, layout, strategy, clock });
    core = createShopCore({
      ...{ stores, strategy, dataDir, clock, ids: createIdSource(clock) },
      catalogue: {
        load: async () => {},
        product: (sku) => ({ ...item, sku }),
        currency: () => 'EUR',
        search: () => ({ items: [], total: 0 }),
        featured: () => [],
      },
      sale: { announce: () => {}, window: () => window, stateOf: () => 'none' },
      payments: new PaymentLedger(clock, new Prng(1), CALM).connect().service,
      ...{ holdTtlMs: 60_000, sweepEveryMs: 100, onError: (error) => errors.push(error) },
    });
    await core.inventory.seed([{ sku: 'hot', units: UNITS }]);
    core.start();
  });

  afterEach(async () => {
    await core.stop();
    await stores.close();
    fs.rmSync(dataDir, { recursive: true });
  });

  async function buy(index: number): Promise<'bought' | 'sold_out'> {
    const customer = `c-${index}`;
    try {
      const { id } = await core.orders.checkout(customer, [{ sku: 'hot', quantity: 1 }]);
      const request = { checkoutId: id, paymentToken: 'tok_instant' };
      const { order } = await core.orders.order(customer, `key-${index}`, request);
      expect(order.status).toBe('confirmed');
      return 'bought';
    } catch (error) {
      if (error instanceof Refusal && error.code === 'sold_out') return 'sold_out';
      throw error;
    }
  }

  test(strategy === 'unsafe' ? 'oversells' : 'sells every unit once and no more', async () => {
    const shoppers = Array.from({ length: SHOPPERS }, (_, index) => buy(index));
    const bought = (await Promise.all(shoppers)).filter((outcome) => outcome === 'bought').length;
    if (strategy === 'unsafe') expect(bought).toBeGreaterThan(UNITS);
    else expect(bought).toBe(UNITS);
    await core.relay.drain();
    expect(await core.orders.pending()).toEqual({ orders: 0, outbox: 0, confirmed: bought });
    expect((await core.orders.notificationRows(null, 1000)).items).toHaveLength(bought);
    expect(errors).toEqual([]);
  });
});
