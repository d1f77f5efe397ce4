/** Puts the services around stock, carts and orders together on their stores, without HTTP. */
import type { Clock } from '../../src/base/clock.ts';
import { Prng } from '../../src/base/prng.ts';
import type { StrategyOptions } from '../../src/contract/profile.ts';
import { createArchiveService } from '../../src/reference-system/archive/archive-service.ts';
import {
  createCartConsumer,
  createCartService,
} from '../../src/reference-system/cart/cart-service.ts';
import { type CrashPoints, NO_CRASH_POINTS } from '../../src/reference-system/crash-points.ts';
import { createEventLog } from '../../src/reference-system/events/event-log.ts';
import { createRelay, type Relay } from '../../src/reference-system/events/relay.ts';
import { createInventoryService } from '../../src/reference-system/inventory/inventory-service.ts';
import { createNotificationsService } from '../../src/reference-system/notifications/notifications-service.ts';
import type { OrderLimits } from '../../src/reference-system/orders/checkout-flow.ts';
import type { IdSource } from '../../src/reference-system/orders/id-source.ts';
import { createOutbox } from '../../src/reference-system/orders/order-store.ts';
import {
  createOrdersService,
  type RunningOrdersService,
} from '../../src/reference-system/orders/orders-service.ts';
import type {
  CartService,
  CatalogueService,
  InventoryService,
  PaymentService,
  SaleService,
} from '../../src/reference-system/services.ts';
import type { Stores } from '../../src/reference-system/storage/store.ts';

export interface ShopCoreOptions {
  readonly stores: Stores;
  readonly strategy: string;
  readonly strategyOptions?: Partial<StrategyOptions>;
  readonly dataDir: string;
  readonly catalogue: CatalogueService;
  readonly sale: SaleService;
  readonly payments: PaymentService;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly holdTtlMs: number;
  readonly sweepEveryMs: number;
  /** Absent: completed orders stay where they are. */
  readonly archiveAfterMs?: number;
  readonly limits?: OrderLimits;
  readonly crashPoints?: CrashPoints;
  /** Told of every background attempt that failed and will be made again. */
  readonly onError: (error: unknown) => void;
}

export interface ShopCore {
  readonly inventory: InventoryService;
  readonly cart: CartService;
  readonly orders: RunningOrdersService;
  readonly relay: Relay;
  /** Starts expiry sweep, event relay and completion; call `orders.recover()` before. */
  start(): void;
  /** Ends the background work; the stores stay open. */
  stop(): Promise<void>;
}

export function createShopCore(options: ShopCoreOptions): ShopCore {
  const { stores, clock, catalogue, onError } = options;
  const crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
  const inventory = createInventoryService({
    store: stores.of('inventory'),
    ...{ strategy: options.strategy, strategyOptions: options.strategyOptions ?? {} },
    ...{ clock, prng: new Prng(1, 'inventory'), dataDir: options.dataDir },
  });
  const cartStore = stores.of('cart');
  const cart = createCartService({ store: cartStore, catalogue, clock });
  const events = createEventLog({ store: stores.of('events') });
  const notifications = createNotificationsService({ store: stores.of('notifications'), clock });
  const orderStore = stores.of('orders');
  const relay = createRelay({
    outbox: createOutbox({ store: orderStore }),
    log: events,
    consumers: [notifications, createCartConsumer({ store: cartStore })],
    clock,
    crashPoints,
    onError,
  });
  const archive = createArchiveService({ store: stores.of('archive') });
  const services = { inventory, cart, relay, events, notifications, archive };
  const orders = createOrdersService({
    ...{ ...options, ...services, store: orderStore, crashPoints },
    archiveAfterMs: options.archiveAfterMs ?? null,
  });
  const sweeper = createSweeper(inventory, options);
  return {
    ...{ inventory, cart, orders, relay },
    start() {
      sweeper.start();
      relay.start();
      orders.start();
    },
    async stop() {
      await Promise.all([sweeper.stop(), orders.stop()]);
      await relay.stop();
    },
  };
}

interface Sweeper {
  start(): void;
  stop(): Promise<void>;
}

/** Expires holds that are due, one sweep at a time. */
function createSweeper(inventory: InventoryService, options: ShopCoreOptions): Sweeper {
  const { clock, sweepEveryMs, onError } = options;
  let sweep: Promise<unknown> | undefined;
  let timer: ReturnType<Clock['every']> | undefined;
  const run = (): void => {
    sweep ??= inventory
      .expireDue()
      .catch(onError)
      .finally(() => {
        sweep = undefined;
      });
  };
  return {
    start() {
      timer ??= clock.every(sweepEveryMs, run);
    },
    async stop() {
      if (timer !== undefined) clock.cancel(timer);
      timer = undefined;
      await sweep;
    },
  };
}
