/** Inventory: stock per SKU and two-phase holds, taken by the configured locking strategy. */
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { Prng } from '../../base/prng.ts';
import type { HoldRow, StockRow } from '../../contract/ledger.ts';
import type { StrategyOptions } from '../../contract/profile.ts';
import { type HoldOutcome, type HoldRequest, type InventoryService, Refusal } from '../services.ts';
import type { Store } from '../storage/store.ts';
import { SharedReads } from './shared-reads.ts';
import type { Counting } from './strategies/strategy.ts';
import { strategyOptions } from './strategy-options.ts';
import { findStrategy } from './strategy-registry.ts';

/** Batches of one expiry sweep; what is left waits for the next. */
const MAX_EXPIRE_BATCHES = 64;
const MAX_PAGE = 10_000;
const MAX_NAMED_SKUS = 10;

export interface InventoryServiceOptions {
  readonly store: Store;
  /** Must be the one that the stores were opened with, and so must its options. */
  readonly strategy: string;
  readonly strategyOptions?: Partial<StrategyOptions>;
  readonly clock: Clock;
  readonly prng: Prng;
  readonly dataDir: string;
}

/** Throws EcomsimError UNKNOWN_NAME. */
export function createInventoryService(service: InventoryServiceOptions): InventoryService {
  const { store, strategy, ...context } = service;
  const options = strategyOptions(service.strategyOptions ?? {});
  const counting = createCounting();
  const actions = findStrategy(strategy).actions({ ...context, store, options, counting });
  const { lockForPayment } = actions;

  /** Strategies that look at the stock first would refuse a hold that took the last of it itself. */
  async function holdAgain(request: HoldRequest): Promise<HoldOutcome> {
    const isHeld = await store.callAdmitted<boolean>('isHeld', request.checkoutId);
    return isHeld ? { held: true } : actions.hold(request);
  }

  const stock = new SharedReads((sku) => actions.stockOf(sku));
  return {
    hold: (request) => {
      assert(request.lines.length > 0, 'a hold needs a line');
      counting.requests++;
      counting.attempts++;
      return request.mayExist === true ? holdAgain(request) : actions.hold(request);
    },
    ...(lockForPayment !== undefined && { lockForPayment }),
    counts: () => ({ ...counting }),
    async recover() {
      await store.call('takeForm', null);
      await actions.recover?.();
    },
    async wipeCache() {
      await actions.wipeCache?.();
    },
    commit: (checkoutId) => actions.commit(checkoutId),
    release: (checkoutId) => actions.release(checkoutId),
    returnUnits: (checkoutId) => actions.returnUnits(checkoutId),
    restock: (sku, units) => {
      assert(Number.isSafeInteger(units) && units > 0, 'a restock adds whole units');
      return actions.restock(sku, units);
    },
    stockOf: (sku) => stock.get(sku),
    async expireDue() {
      let total = 0;
      for (let batch = 0; batch < MAX_EXPIRE_BATCHES; batch++) {
        const expired = await actions.expireBatch();
        total += expired;
        if (expired === 0) break;
      }
      await actions.tidy?.();
      return total;
    },
    async seed(stock) {
      const rows: (string | number)[] = [];
      for (const { sku, units } of stock) {
        assert(Number.isSafeInteger(units) && units >= 0, `stock of ${sku} must be whole units`);
        rows.push(sku, units);
      }
      const skus = await store.call<string[]>('soldBeyond', rows);
      if (skus.length > 0) {
        throw new Refusal(409, 'units_sold', { skus: skus.slice(0, MAX_NAMED_SKUS) });
      }
      await actions.seed(rows);
    },
    async observe(skus) {
      const [available, held] = await store.callAdmitted<[number, number]>('observe', skus);
      return { available, held };
    },
    stockRows: () => store.callAdmitted<StockRow[]>('stockRows', null),
    async holdRows(after, limit) {
      // A checkout id never holds a slash; a SKU may.
      const slash = after === null ? -1 : after.indexOf('/');
      const checkout = after === null ? '' : after.slice(0, slash);
      const sku = after === null ? '' : after.slice(slash + 1);
      const size = Math.max(1, Math.min(limit, MAX_PAGE));
      const items = await store.callAdmitted<HoldRow[]>('holdRows', [checkout, sku, size]);
      const last = items.at(-1);
      return { items, next: items.length === size && last !== undefined ? last.id : null };
    },
  };
}

function createCounting(): Counting {
  return { requests: 0, attempts: 0, conflicts: 0, lockWaitMs: 0, steals: 0, repairedUnits: 0 };
}
