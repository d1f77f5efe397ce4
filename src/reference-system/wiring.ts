/** Builds the shop of one process: stores, services, background work, the two ports. */
import type { Clock, TimerHandle } from '../base/clock.ts';
import { Prng } from '../base/prng.ts';
import { createArchiveService } from './archive/archive-service.ts';
import { createCartConsumer, createCartService } from './cart/cart-service.ts';
import { createCatalogueService } from './catalogue/catalogue-service.ts';
import { createControlServer } from './control/control-server.ts';
import type { FaultControls } from './control/fault-routes.ts';
import { type CrashPoints, NO_CRASH_POINTS } from './crash-points.ts';
import { createEventLog } from './events/event-log.ts';
import { createRelay, type Relay } from './events/relay.ts';
import { UnrulyDelivery } from './events/unruly-delivery.ts';
import { createFailureLog, type FailureLog } from './failure-log.ts';
import { createGatewayServer } from './gateway/gateway-server.ts';
import { closeHttpServer } from './gateway/http-server.ts';
import { PublicPages } from './gateway/public-pages.ts';
import { createInventoryService } from './inventory/inventory-service.ts';
import { findStrategy } from './inventory/strategy-registry.ts';
import { listenOnLoopback } from './loopback.ts';
import { createNotificationsService } from './notifications/notifications-service.ts';
import { createIdSource } from './orders/id-source.ts';
import { createOutbox } from './orders/order-store.ts';
import { createOrdersService, type RunningOrdersService } from './orders/orders-service.ts';
import { createCallbackDoor } from './payments/callback-door.ts';
import { type ClosablePaymentService, createPaymentService } from './payments/payment-service.ts';
import type { RunningRole, ShopStart } from './processes/messages.ts';
import { saleFileIn } from './sale/sale-file.ts';
import { createSaleService } from './sale/sale-service.ts';
import type {
  CartService,
  CatalogueService,
  InventoryService,
  SaleService,
  UserService,
} from './services.ts';
import { createSkewedClock, type SkewedClock } from './skewed-clock.ts';
import { openStores } from './storage/open-stores.ts';
import type { Stores } from './storage/store.ts';
import { createUserService } from './users/user-service.ts';
import { openWaitingRoom, type WaitingRoom } from './waiting-room/waiting-room.ts';

interface Shop {
  readonly stores: Stores;
  readonly pages: PublicPages;
  readonly catalogue: CatalogueService;
  readonly sale: SaleService;
  readonly users: UserService;
  readonly inventory: InventoryService;
  readonly cart: CartService;
  readonly orders: RunningOrdersService;
  readonly payments: ClosablePaymentService;
  readonly relay: Relay;
  readonly faults: FaultControls;
}

/** What only an entry of its own brings along. */
export interface ShopExtras {
  readonly crashPoints?: CrashPoints;
}

interface OpenShop extends Shop {
  /** Undefined where there is none. */
  readonly waitingRoom: WaitingRoom | undefined;
}

/** Ready when it resolves: what an earlier life left between two steps has been recovered. */
export async function startShop(
  start: ShopStart,
  trueClock: Clock,
  { crashPoints = NO_CRASH_POINTS }: ShopExtras = {},
): Promise<RunningRole> {
  const clock = createSkewedClock(trueClock);
  const failures = createFailureLog('shop');
  // Before the stores, which would only say that they cannot be opened.
  findStrategy(start.system.inventory.strategy);
  const stores = await openStores({
    dataDir: start.dataDir,
    layout: start.system.layout,
    strategy: start.system.inventory.strategy,
    strategyOptions: start.system.inventory,
    extraSyncMs: start.extraSyncMs,
    clock: trueClock,
  });
  // Without its store the shop can only do harm: it ends, and the parent reports why.
  stores.onFailure((error) => {
    failures.report(error);
    process.exit(1);
  });
  const built = buildShop(stores, start, { clock, failures, crashPoints });
  const shop = { ...built, waitingRoom: await roomOf(built, start, clock, failures) };
  await shop.inventory.recover();
  await shop.orders.recover();
  const background = startBackground(shop, start, clock, failures);
  return openPorts(shop, { start, clock, trueClock, failures, background });
}

function buildShop(
  stores: Stores,
  start: ShopStart,
  parts: {
    readonly clock: SkewedClock;
    readonly failures: FailureLog;
    readonly crashPoints: CrashPoints;
  },
): Shop {
  const { system, dataDir } = start;
  const { clock, failures, crashPoints } = parts;
  // The services tell of changes while they are being made, before the pages exist.
  let ready: PublicPages | undefined;
  const onChange = (): void => ready?.forget();
  const catalogue = createCatalogueService({ dataDir, onChange });
  const sale = createSaleService({ clock, persisted: saleFileIn(dataDir), onChange });
  const pages = new PublicPages(catalogue, sale);
  ready = pages;
  const { strategy, holdTtlMs } = system.inventory;
  const inventory = createInventoryService({
    ...{ store: stores.of('inventory'), strategy, strategyOptions: system.inventory },
    ...{ clock, prng: new Prng(start.seed, 'inventory'), dataDir },
  });
  const cart = createCartService({ store: stores.of('cart'), catalogue, clock });
  const events = createEventLog({ store: stores.of('events') });
  const notifications = createNotificationsService({ store: stores.of('notifications'), clock });
  const bus = new UnrulyDelivery();
  const consumers = [notifications, createCartConsumer({ store: stores.of('cart') })];
  const relay = createRelay({
    outbox: createOutbox({ store: stores.of('orders') }),
    log: events,
    consumers: consumers.map((consumer) => bus.reach(consumer)),
    clock,
    crashPoints,
    onError: failures.report,
  });
  const { timeoutMs, attempts } = system.payment;
  const { gatewayOrigin, tokenSecret } = start;
  const archive = createArchiveService({ store: stores.of('archive') });
  const { callbackSecret } = start;
  const payments = createPaymentService({
    ...{ gatewayOrigin, timeoutMs, attempts, clock, callbackSecret },
  });
  const orders = createOrdersService({
    ...{ store: stores.of('orders'), inventory, cart, catalogue, sale, payments },
    ...{ relay, events, notifications, archive, clock, holdTtlMs, crashPoints },
    archiveAfterMs: system.archive?.afterMs ?? null,
    ids: createIdSource(clock),
    onError: failures.report,
  });
  const users = createUserService({ store: stores.of('users'), tokenSecret, clock });
  const faults: FaultControls = {
    skewClock: (ms) => clock.skew(ms),
    wipeCaches: async () => {
      pages.forget();
      await inventory.wipeCache();
    },
    deliverEvents: (delivery) => bus.set(delivery),
  };
  const shoppers = { pages, catalogue, sale, users, inventory, cart };
  return { stores, ...shoppers, orders, payments, relay, faults };
}

async function roomOf(
  { stores, sale }: Shop,
  { system: { admission }, tokenSecret }: ShopStart,
  clock: Clock,
  failures: FailureLog,
): Promise<WaitingRoom | undefined> {
  if (admission?.waitingRoom !== true) return undefined;
  const store = stores.of('waiting-room');
  const onError = failures.report;
  return openWaitingRoom({ options: admission, store, sale, tokenSecret, clock, onError });
}

/** Starts everything that runs by itself; returns how to stop it. */
function startBackground(
  shop: OpenShop,
  start: ShopStart,
  clock: Clock,
  failures: FailureLog,
): () => Promise<void> {
  let sweeping: Promise<unknown> | undefined;
  const sweep = (): void => {
    // One at a time: a sweep that takes longer than its interval must not pile up.
    sweeping ??= shop.inventory
      .expireDue()
      .catch(failures.report)
      .finally(() => {
        sweeping = undefined;
      });
  };
  const timer: TimerHandle = clock.every(start.system.inventory.sweepEveryMs, sweep);
  shop.orders.start();
  shop.relay.start();
  shop.waitingRoom?.start();
  return async () => {
    clock.cancel(timer);
    await sweeping;
    await shop.waitingRoom?.stop();
    await shop.orders.stop();
    await shop.relay.stop();
  };
}

async function openPorts(
  shop: OpenShop,
  parts: {
    readonly start: ShopStart;
    readonly clock: Clock;
    /** For the observer: its instants are compared with those of other processes. */
    readonly trueClock: Clock;
    readonly failures: FailureLog;
    readonly background: () => Promise<void>;
  },
): Promise<RunningRole> {
  const { start, clock, failures } = parts;
  const { instance, secret, addressSecret, callbackSecret } = start;
  const { limits, shedding } = start.system;
  const messages = createCallbackDoor({ secret: callbackSecret, clock, orders: shop.orders });
  const { trueClock } = parts;
  const door = { clock, trueClock, instance, failures, limits, addressSecret, messages };
  const gateway = createGatewayServer({ ...shop, ...door, ...(shedding && { shedding }) });
  const { server } = gateway;
  const control = createControlServer({
    ...shop,
    ...{ clock: trueClock, secret, failures },
    load: () => {
      const { queueLength, busyMs } = shop.stores.stats();
      const door = gateway.load();
      return { queueLength: door.inHand + queueLength, storeBusyMs: busyMs, door };
    },
  });
  await Promise.all([server.ready(), control.ready()]);
  const port = await listenOnLoopback(server.server, start.port);
  const controlPort = await listenOnLoopback(control.server, start.controlPort);
  // Without its messages orders still come to their end: the shop asks by itself.
  await shop.payments.announce(port).catch(failures.report);
  return {
    port,
    controlPort,
    // From the outside in: no new requests, no background work, then what they rest on.
    stop: async () => {
      await Promise.all([closeHttpServer(server), closeHttpServer(control)]);
      await parts.background();
      await shop.payments.close();
      await shop.stores.close();
    },
  };
}
