/** The shop's core on real files and a virtual clock, with a way to crash and reopen it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createVirtualClock, type VirtualClock } from '../../src/base/clock.ts';
import { Prng } from '../../src/base/prng.ts';
import type { StoreLayout, StrategyOptions } from '../../src/contract/profile.ts';
import type { CatalogueItem } from '../../src/contract/scenario.ts';
import type { CrashPoint } from '../../src/reference-system/crash-points.ts';
import type { IdSource } from '../../src/reference-system/orders/id-source.ts';
import type {
  CatalogueService,
  SaleService,
  SaleWindow,
} from '../../src/reference-system/services.ts';
import { openStores } from '../../src/reference-system/storage/open-stores.ts';
import type { Stores } from '../../src/reference-system/storage/store.ts';
import { type PaymentBehaviour, PaymentLedger } from './payment-ledger.ts';
import { createShopCore, type ShopCore } from './wire-core.ts';

export class CrashSignal extends Error {
  override readonly name = 'CrashSignal';
}

export const HOLD_TTL_MS = 2000;

export interface ShopBenchOptions {
  readonly layout?: StoreLayout;
  readonly strategy?: string;
  readonly strategyOptions?: Partial<StrategyOptions>;
  readonly seed?: number;
  readonly stock?: Readonly<Record<string, number>>;
  readonly limitedSkus?: readonly string[];
  readonly perCustomer?: number;
  readonly payments?: PaymentBehaviour;
  /** Absent: completed orders stay where they are. */
  readonly archiveAfterMs?: number;
}

/** A shop of which the main side may die at a crash point and be started again on its files. */
export class ShopBench {
  readonly clock: VirtualClock = createVirtualClock(1e9, 1.7e12);
  readonly dataDir = fs.mkdtempSync(path.join(scratchDir(), 'ecomsim-core-'));
  readonly payments: PaymentLedger;
  readonly prices = new Map<string, number>();
  readonly errors: unknown[] = [];
  saleWindow: SaleWindow;
  saleState: 'none' | 'upcoming' | 'open' | 'closed' = 'open';
  core!: ShopCore;
  /** Where to die next, and at which passing of that point. */
  crashAt: { point: CrashPoint; pass: number } | undefined;
  crashed = false;
  readonly reached = new Map<CrashPoint, number>();
  readonly #options: ShopBenchOptions;
  readonly #ids: IdSource;
  #stores!: Stores;
  #cutPayments = (): void => {};
  #dying: Promise<void> | undefined;

  private constructor(options: ShopBenchOptions) {
    this.#options = options;
    const prng = new Prng(options.seed ?? 1, 'bench');
    this.payments = new PaymentLedger(this.clock, prng.fork('payments'), options.payments);
    let id = 0;
    this.#ids = { next: (prefix) => `${prefix}-${String(++id).padStart(6, '0')}` };
    this.saleWindow = {
      skus: options.limitedSkus ?? [],
      opensAtUs: 0,
      closesAtUs: null,
      perCustomer: options.perCustomer ?? 2,
    };
  }

  static async open(options: ShopBenchOptions = {}): Promise<ShopBench> {
    const bench = new ShopBench(options);
    await bench.start();
    const stock = options.stock ?? { a: 10, b: 10, c: 10 };
    for (const sku of Object.keys(stock)) bench.prices.set(sku, 1000);
    const rows = Object.entries(stock).map(([sku, units]) => ({ sku, units }));
    await bench.until(bench.core.inventory.seed(rows));
    return bench;
  }

  get stores(): Stores {
    return this.#stores;
  }

  async start(): Promise<void> {
    this.crashed = false;
    const { strategy = 'guarded-update', strategyOptions = {} } = this.#options;
    this.#stores = await openStores({
      dataDir: this.dataDir,
      layout: this.#options.layout ?? 'shared',
      clock: this.clock,
      ...{ strategy, strategyOptions, execution: 'inline' },
    });
    const line = this.payments.connect();
    this.#cutPayments = line.cut;
    this.core = createShopCore({
      stores: this.#stores,
      ...{ strategy, strategyOptions, dataDir: this.dataDir },
      catalogue: this.#catalogue(),
      sale: this.#sale(),
      payments: line.service,
      clock: this.clock,
      ids: this.#ids,
      holdTtlMs: HOLD_TTL_MS,
      sweepEveryMs: 200,
      ...(this.#options.archiveAfterMs !== undefined && {
        archiveAfterMs: this.#options.archiveAfterMs,
      }),
      crashPoints: { reach: (point) => this.#reach(point) },
      onError: (error) => this.errors.push(error),
    });
    await this.until(this.core.inventory.recover());
  }

  /** Starts again on the same files: recovers (or dies again at `crashAt`), then runs. */
  async restart(): Promise<number> {
    await this.#dying;
    this.#dying = undefined;
    await this.start();
    try {
      return await this.until(this.core.orders.recover());
    } catch (error) {
      if (!this.crashed) throw error;
      return 0;
    } finally {
      if (!this.crashed) this.core.start();
    }
  }

  /** Dies on the spot: what was not committed is lost, and nothing of this life acts again. */
  crash(): void {
    this.crashed = true;
    this.#cutPayments();
    this.#dying = this.#stores.abandon();
    void this.core.stop();
  }

  async stop(): Promise<void> {
    await this.until(this.core.stop());
    await this.until(this.#stores.close());
    fs.rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Runs the clock until `work` has settled; fails after an hour of virtual time. */
  async until<T>(work: Promise<T>, stepMs = 5): Promise<T> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    work.then(mark, mark);
    for (let step = 0; step < 3_600_000 / stepMs; step++) {
      // Calls to the stores are made and answered at once: time need not pass for them.
      for (let turn = 0; turn < 4 && !settled; turn++) {
        this.clock.advance(0);
        await microtasks();
      }
      if (settled) return work;
      this.clock.advance(stepMs);
    }
    throw new Error('the work did not end within an hour of virtual time');
  }

  /** Lets `ms` of virtual time pass in steps of `stepMs`, with everything that falls due. */
  async pass(ms: number, stepMs = 5): Promise<void> {
    for (let at = 0; at < ms; at += stepMs) {
      await microtasks();
      this.clock.advance(stepMs);
    }
    await microtasks();
  }

  /** Until nothing is pending: no open order, no hold, no event on its way. */
  async settle(limitMs = 120_000): Promise<void> {
    for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 100) {
      await this.pass(100);
      const pending = await this.until(this.core.orders.pending());
      const { held } = await this.until(this.core.inventory.observe([...this.prices.keys()]));
      if (pending.orders === 0 && pending.outbox === 0 && held === 0) return;
    }
    throw new Error('the shop did not come to rest');
  }

  #reach(point: CrashPoint): void {
    // A dead process reaches nothing; the little that JavaScript still unwinds must not count.
    if (this.crashed) throw new CrashSignal(point);
    const pass = (this.reached.get(point) ?? 0) + 1;
    this.reached.set(point, pass);
    if (this.crashAt?.point !== point || this.crashAt.pass !== pass) return;
    this.crashAt = undefined;
    this.crash();
    throw new CrashSignal(point);
  }

  #catalogue(): CatalogueService {
    const product = (sku: string): CatalogueItem | undefined => {
      const priceMinor = this.prices.get(sku);
      if (priceMinor === undefined) return undefined;
      const texts = { title: sku, description: '', category: '', attributes: {} };
      return { sku, ...texts, priceMinor, units: 0 };
    };
    return {
      load: async () => {},
      product,
      currency: () => 'EUR',
      search: () => ({ items: [], total: 0 }),
      featured: () => [],
    };
  }

  #sale(): SaleService {
    return {
      announce: (window) => {
        this.saleWindow = window;
      },
      window: () => this.saleWindow,
      stateOf: (sku) => (this.saleWindow.skus.includes(sku) ? this.saleState : 'none'),
    };
  }
}

/** In memory where there is such a place: a simulated crash loses no page that was written. */
function scratchDir(): string {
  return fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
}

/** Lets every promise that can run, run. */
async function microtasks(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
