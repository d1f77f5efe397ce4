/** The services of the shop on real files, in this process, with one defect or none. */
import type { VirtualClock } from '../../base/clock.ts';
import { Prng } from '../../base/prng.ts';
import type { AdmissionOptions, StrategyOptions } from '../../contract/profile.ts';
import type { CatalogueItem } from '../../contract/scenario.ts';
import { createArchiveService } from '../../reference-system/archive/archive-service.ts';
import { createCartConsumer, createCartService } from '../../reference-system/cart/cart-service.ts';
import type { CrashPoint, CrashPoints } from '../../reference-system/crash-points.ts';
import { createEventLog, type EventConsumer } from '../../reference-system/events/event-log.ts';
import { createRelay, type Relay } from '../../reference-system/events/relay.ts';
import { RateLimit } from '../../reference-system/gateway/rate-limit.ts';
import { createInventoryService } from '../../reference-system/inventory/inventory-service.ts';
import { createNotificationsService } from '../../reference-system/notifications/notifications-service.ts';
import { createOutbox } from '../../reference-system/orders/order-store.ts';
import {
  createOrdersService,
  type RunningOrdersService,
} from '../../reference-system/orders/orders-service.ts';
import { createCallbackDoor } from '../../reference-system/payments/callback-door.ts';
import { createPaymentService } from '../../reference-system/payments/payment-service.ts';
import { createSaleService } from '../../reference-system/sale/sale-service.ts';
import type {
  CardVault,
  CartService,
  CatalogueService,
  InventoryService,
  PaymentMessages,
  SaleService,
  SaleWindow,
  WaitingRoomService,
} from '../../reference-system/services.ts';
import { openStores } from '../../reference-system/storage/open-stores.ts';
import type { StoreName, Stores } from '../../reference-system/storage/store.ts';
import { WaitingRoom } from '../../reference-system/waiting-room/waiting-room.ts';
import type { Defect, DefectKit, Replacements, RequestLimit } from './defect.ts';
import { plantedProcedures } from './planted-procedures.ts';
import { CALLBACK_SECRET, type SimulatedGateway } from './simulated-gateway.ts';

export const HOLD_TTL_MS = 3000;
export const SWEEP_EVERY_MS = 400;
export const PAYMENT = { timeoutMs: 300, attempts: 2 } as const;
const RELAY_EVERY_MS = 250;

/** Thrown where the shop dies; no code of the shop may take it for an answer. */
export class Death extends Error {
  override readonly name = 'Death';
}

export interface SimulatedShopOptions {
  readonly dataDir: string;
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly strategy: string;
  readonly strategyOptions: Partial<StrategyOptions>;
  readonly catalogue: readonly CatalogueItem[];
  readonly currency: string;
  readonly gateway: SimulatedGateway;
  readonly redeliveryShare: number;
  readonly archiveAfterMs: number | null;
  readonly admission: AdmissionOptions | null;
  /** Customers from this number on are the coordinator's own: no waiting room stops them. */
  readonly firstProbeCustomer: number;
  readonly perUserPerSec: number;
  readonly defect: Defect | undefined;
}

/** The window of the sale and the prices; files in the real shop. */
interface KeptSale {
  window: SaleWindow | undefined;
  readonly catalogue: CatalogueService;
}

function as<T>(real: T, replace: ((real: T) => T) | undefined): T {
  return replace === undefined ? real : replace(real);
}

/** One life: from a start to a crash or the end. */
export class ShopLife {
  alive = true;
  readonly orders: RunningOrdersService;
  readonly inventory: InventoryService;
  readonly cart: CartService;
  readonly catalogue: CatalogueService;
  readonly payments: CardVault;
  readonly messages: PaymentMessages;
  readonly announce: (window: SaleWindow) => void;
  /** Undefined where requests are not limited. */
  readonly limit: RequestLimit | undefined;
  readonly #options: SimulatedShopOptions;
  readonly #planted: Replacements;
  readonly #sale: SaleService;
  #room: WaitingRoom | undefined;
  #waitingRoom: WaitingRoomService | undefined;
  readonly #relay: Relay;
  readonly #stores: Stores;
  readonly #clock: VirtualClock;
  #timer: ReturnType<VirtualClock['every']> | undefined;
  #sweep: Promise<unknown> | undefined;

  constructor(parts: {
    readonly options: SimulatedShopOptions;
    readonly stores: Stores;
    readonly planted: Replacements;
    readonly life: number;
    readonly kept: KeptSale;
    readonly crashPoints: CrashPoints;
    readonly isAlive: () => boolean;
  }) {
    const { options, stores, planted, kept, crashPoints, isAlive } = parts;
    const { clock } = options;
    this.#options = options;
    this.#planted = planted;
    this.#stores = stores;
    this.#clock = clock;
    if (options.perUserPerSec > 0) {
      const limit: RequestLimit = new RateLimit(options.perUserPerSec, clock);
      this.limit = as(limit, planted.rateLimit);
    }
    const storeOf = (name: StoreName) => as(stores.of(name), planted.stores?.[name]);
    const catalogue = as(kept.catalogue, planted.catalogue);
    this.catalogue = catalogue;
    const realSale = createSaleService({
      clock,
      persisted: {
        load: () => kept.window,
        save: (window) => {
          kept.window = window;
        },
      },
      onChange: () => {},
    });
    this.announce = realSale.announce;
    const sale = as(realSale, planted.sale);
    this.#sale = sale;
    this.inventory = as(
      createInventoryService({
        store: storeOf('inventory'),
        strategy: planted.strategy ?? options.strategy,
        strategyOptions: options.strategyOptions,
        clock: as(clock, planted.inventoryClock),
        prng: new Prng(options.seed, `inventory ${parts.life}`),
        dataDir: options.dataDir,
      }),
      planted.inventory,
    );
    const cartStore = storeOf('cart');
    this.cart = as(createCartService({ store: cartStore, catalogue, clock }), planted.cart);
    const events = as(createEventLog({ store: storeOf('events') }), planted.eventLog);
    const notifications = as(
      createNotificationsService({ store: storeOf('notifications'), clock }),
      planted.notifications,
    );
    const orderStore = storeOf('orders');
    const onError = (): void => {};
    const prng = new Prng(options.seed, `redelivery ${parts.life}`);
    const again = (consumer: EventConsumer): EventConsumer =>
      atLeastOnce(consumer, prng, options.redeliveryShare);
    this.#relay = createRelay({
      outbox: as(createOutbox({ store: orderStore }), planted.outbox),
      log: events,
      consumers: [again(notifications), again(createCartConsumer({ store: cartStore }))],
      clock,
      crashPoints,
      everyMs: RELAY_EVERY_MS,
      onError,
    });
    const archive = as(createArchiveService({ store: storeOf('archive') }), planted.archive);
    const client = as(options.gateway.connect(isAlive), planted.gatewayLine);
    const payments = createPaymentService({
      ...{ gatewayOrigin: '', ...PAYMENT, clock, client, callbackSecret: CALLBACK_SECRET },
    });
    this.payments = payments;
    this.orders = as(
      createOrdersService({
        ...{ store: orderStore, inventory: this.inventory, cart: this.cart, catalogue, sale },
        ...{ payments: as(payments, planted.payments), relay: this.#relay, events },
        ...{ notifications, archive, clock, crashPoints, onError, holdTtlMs: HOLD_TTL_MS },
        archiveAfterMs: options.archiveAfterMs,
        ids: as(idsOf(options.seed, parts.life), planted.ids),
      }),
      planted.orders,
    );
    const door = createCallbackDoor({ secret: CALLBACK_SECRET, clock, orders: this.orders });
    this.messages = planted.messages?.(door, this.orders) ?? door;
  }

  /** Undefined where there is none. */
  get waitingRoom(): WaitingRoomService | undefined {
    return this.#waitingRoom;
  }

  /** What an earlier life left between two steps is recovered when it resolves. */
  async recover(): Promise<void> {
    const { admission, clock, firstProbeCustomer } = this.#options;
    if (admission !== null) {
      this.#room = new WaitingRoom({
        options: as(admission, this.#planted.admission),
        store: this.#stores.of('waiting-room'),
        sale: this.#sale,
        tokenSecret: 'secret of the simulated shop',
        clock,
        onError: () => {},
      });
      await this.#room.recover();
      this.#room.exempt(firstProbeCustomer, Number.MAX_SAFE_INTEGER / 2);
      this.#waitingRoom = as<WaitingRoomService>(this.#room, this.#planted.waitingRoom);
    }
    await this.inventory.recover();
    await this.orders.recover();
  }

  start(): void {
    const sweep = (): void => {
      this.#sweep ??= this.inventory
        .expireDue()
        .catch(() => {})
        .finally(() => {
          this.#sweep = undefined;
        });
    };
    this.#timer = this.#clock.every(SWEEP_EVERY_MS, sweep);
    this.orders.start();
    this.#relay.start();
    this.#room?.start();
  }

  /** What was not committed is lost, and nothing of this life acts again. */
  async die(): Promise<void> {
    this.alive = false;
    if (this.#timer !== undefined) this.#clock.cancel(this.#timer);
    const abandoned = this.#stores.abandon();
    void this.#room?.stop();
    void this.orders.stop();
    void this.#relay.stop();
    await abandoned;
  }
}

export class SimulatedShop {
  readonly #options: SimulatedShopOptions;
  readonly #kept: KeptSale;
  readonly #reached = new Map<CrashPoint, number>();
  #life: ShopLife | undefined;
  #lives = 0;
  #dying: Promise<void> | undefined;
  #armed: CrashPoint | undefined;
  onDeath: () => void = () => {};

  constructor(options: SimulatedShopOptions) {
    this.#options = options;
    this.#kept = { window: undefined, catalogue: catalogueOf(options) };
  }

  /** Undefined while it is down. */
  get life(): ShopLife | undefined {
    return this.#life;
  }

  get lives(): number {
    return this.#lives;
  }

  /** Where it has died, with how often. */
  get reached(): ReadonlyMap<CrashPoint, number> {
    return this.#reached;
  }

  /** Opens the files and builds the services; `orders.recover()` and `start()` are the caller's. */
  async open(): Promise<ShopLife> {
    await this.#dying;
    const options = this.#options;
    const { clock, defect } = options;
    const life = ++this.#lives;
    let built: ShopLife | undefined;
    const isAlive = (): boolean => built?.alive ?? true;
    const planted = defect?.plant(this.#kit(life, isAlive)) ?? {};
    const strategy = planted.strategy ?? options.strategy;
    const stores = await openStores({
      ...{ dataDir: options.dataDir, layout: 'shared', clock, strategy },
      strategyOptions: options.strategyOptions,
      execution: 'inline',
      procedures: plantedProcedures(planted),
    });
    const crashPoints = { reach: (point: CrashPoint) => this.#reach(point, isAlive) };
    const kept = this.#kept;
    built = new ShopLife({ options, stores, planted, life, kept, crashPoints, isAlive });
    return built;
  }

  #kit(life: number, isAlive: () => boolean): DefectKit {
    const { clock, seed, dataDir, perUserPerSec } = this.#options;
    const prng = new Prng(seed, `defect ${life}`);
    return { clock, prng, life, dataDir, perUserPerSec, isAlive };
  }

  /** From now on requests come in. */
  receive(life: ShopLife): void {
    this.#life = life;
  }

  /** Dies when it next comes to `point`. */
  arm(point: CrashPoint | undefined): void {
    this.#armed = point;
  }

  /** Ends it for good. */
  async end(): Promise<void> {
    await this.#life?.die();
    await this.#dying;
  }

  #reach(point: CrashPoint, isAlive: () => boolean): void {
    if (!isAlive()) throw new Death(point);
    if (this.#armed !== point || this.#life === undefined) return;
    this.#armed = undefined;
    this.#reached.set(point, (this.#reached.get(point) ?? 0) + 1);
    const life = this.#life;
    this.#life = undefined;
    this.#dying = life.die();
    this.onDeath();
    throw new Death(point);
  }
}

/** Delivers some batches twice, as a log that delivers at least once may. */
function atLeastOnce(consumer: EventConsumer, prng: Prng, share: number): EventConsumer {
  return {
    name: consumer.name,
    consume: async (events) => {
      await consumer.consume(events);
      if (prng.chance(share)) await consumer.consume(events);
    },
  };
}

/** The same ids for the same seed. */
function idsOf(seed: number, life: number): { next(prefix: string): string } {
  const prng = new Prng(seed, `ids ${life}`);
  let count = 0;
  return {
    next: (prefix) => `${prefix}-${life}${String(++count).padStart(4, '0')}${prng.below(1e6)}`,
  };
}

function catalogueOf({ catalogue, currency }: SimulatedShopOptions): CatalogueService {
  const bySku = new Map(catalogue.map((item) => [item.sku, item]));
  return {
    load: async () => {},
    reprice: async (sku, priceMinor) => {
      const item = bySku.get(sku);
      if (item !== undefined) bySku.set(sku, { ...item, priceMinor });
      return item !== undefined;
    },
    product: (sku) => bySku.get(sku),
    currency: () => currency,
    search: () => ({ items: [], total: 0 }),
    featured: () => [],
  };
}
