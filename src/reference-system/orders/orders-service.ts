/** Orders: the two-call flow from a cart to a paid, confirmed order, and what became of each. */
import { hash } from 'node:crypto';
import type { Clock, TimerHandle } from '../../base/clock.ts';
import { type CrashPoints, NO_CRASH_POINTS } from '../crash-points.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Relay } from '../events/relay.ts';
import type { NotificationsService } from '../notifications/notifications-service.ts';
import {
  type ArchiveService,
  type CartService,
  type CatalogueService,
  type InventoryService,
  type OrderAnswer,
  type OrdersService,
  type OrderView,
  type PaymentService,
  Refusal,
  type SaleService,
} from '../services.ts';
import type { Store } from '../storage/store.ts';
import { ArchiveMover } from './archive-mover.ts';
import { checkOut, DEFAULT_ORDER_LIMITS, type OrderLimits } from './checkout-flow.ts';
import type { ClaimArgs } from './claim-procedures.ts';
import { Completion } from './completion.ts';
import type { IdSource } from './id-source.ts';
import { createOrderStore, type OrderStore } from './order-store.ts';
import { createSettlement, type Settlement } from './settlement.ts';
import { orderOf, rowOf, type StoredOrder, viewOf } from './stored-order.ts';

export interface OrdersDeps {
  readonly store: Store;
  readonly inventory: InventoryService;
  readonly cart: CartService;
  readonly catalogue: CatalogueService;
  readonly sale: SaleService;
  readonly payments: PaymentService;
  readonly archive: ArchiveService;
  readonly relay: Relay;
  readonly events: EventLog;
  readonly notifications: NotificationsService;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly holdTtlMs: number;
  /** How long a completed order rests before it is archived; null: it stays. */
  readonly archiveAfterMs: number | null;
  readonly limits?: OrderLimits;
  readonly crashPoints?: CrashPoints;
  /** Told of every background attempt that failed and will be made again. */
  readonly onError: (error: unknown) => void;
}

export interface RunningOrdersService extends OrdersService {
  /** Looks after unfinished orders until `stop`. */
  start(): void;
  stop(): Promise<void>;
}

const MAX_PAGE = 10_000;
/** Orders in one page of a customer's own list. */
const MAX_LISTED = 50;
/** An unused checkout is remembered so long, to answer "expired" instead of "not found". */
const CHECKOUT_KEPT_US = 3600 * 1e6;
const CHECKOUT_SWEEP_MS = 5000;
const CHECKOUT_SWEEP_BATCH = 1000;

export function createOrdersService(deps: OrdersDeps): RunningOrdersService {
  const { clock, relay, onError } = deps;
  const crashPoints = deps.crashPoints ?? NO_CRASH_POINTS;
  const orders = createOrderStore(deps);
  const settlement = createSettlement({ ...deps, orders, crashPoints });
  const completion = new Completion({ ...deps, orders, settlement });
  const mover = new ArchiveMover({ ...deps, orders, crashPoints });
  const payer = createPayer({ ...deps, orders, settlement, completion, crashPoints });
  const checkoutDeps = { ...deps, crashPoints, limits: deps.limits ?? DEFAULT_ORDER_LIMITS };
  let sweep: TimerHandle | undefined;

  function removeCheckouts(): void {
    const untilUs = Math.floor(clock.nowUs() - CHECKOUT_KEPT_US);
    orders.removeCheckouts(untilUs, CHECKOUT_SWEEP_BATCH).catch(onError);
  }

  return {
    checkout: (customer, lines) => checkOut(checkoutDeps, customer, lines),
    order: (customer, key, request) => payer(customer, key, request),
    ...lookups(orders),
    cancel: (customer, id) => cancel(orders, completion, customer, id),
    async recover() {
      const completed = await completion.recover();
      await relay.drain();
      return completed;
    },
    async pending() {
      const [[open, confirmed], outbox] = await Promise.all([orders.pending(), relay.backlog()]);
      return { orders: open, outbox, confirmed };
    },
    setArchiving: (moving) => mover.setMoving(moving),
    eventRows: (after, limit) => deps.events.rows(after, limit),
    notificationRows: (after, limit) => deps.notifications.rows(after, limit),
    start() {
      completion.start();
      mover.start();
      sweep ??= clock.every(CHECKOUT_SWEEP_MS, removeCheckouts);
    },
    async stop() {
      if (sweep !== undefined) clock.cancel(sweep);
      sweep = undefined;
      await Promise.all([completion.stop(), mover.stop()]);
    },
  };
}

type Lookups = Pick<
  OrdersService,
  'byKey' | 'byId' | 'tombstone' | 'ofCustomer' | 'orderRows' | 'archivedRows'
>;

function lookups(orders: OrderStore): Lookups {
  return {
    async byKey(customer, key) {
      const found = await orders.byKey(customer, key);
      return found === undefined || found === 'tombstoned' ? found : viewOf(found);
    },
    async tombstone(customer, key) {
      const order = await orders.tombstone(customer, key);
      return order === undefined ? 'tombstoned' : viewOf(order);
    },
    async byId(customer, id) {
      const order = await orders.byId(id);
      return order?.customer === customer ? viewOf(order) : undefined;
    },
    async ofCustomer(customer, before, limit) {
      const size = Math.max(1, Math.min(limit, MAX_LISTED));
      const items = await orders.ofCustomer(customer, before ?? '', size);
      const next = items.length === size ? (items.at(-1)?.id ?? null) : null;
      return { items: items.map((order) => viewOf(order)), next };
    },
    async archivedRows(after, limit) {
      const { items, next } = await orders.archivedRows(after, limit);
      return { items: items.map(rowOf), next };
    },
    async orderRows(after, limit) {
      const size = Math.max(1, Math.min(limit, MAX_PAGE));
      const items = await orders.rows(after ?? '', size);
      const last = items.at(-1);
      const next = items.length === size && last !== undefined ? last.id : null;
      return { items: items.map(rowOf), next };
    },
  };
}

interface PayerDeps extends OrdersDeps {
  readonly orders: OrderStore;
  readonly settlement: Settlement;
  readonly completion: Completion;
  readonly crashPoints: CrashPoints;
}

function createPayer(deps: PayerDeps): OrdersService['order'] {
  const { orders, settlement, completion, payments, clock, ids, crashPoints } = deps;

  async function pay(order: StoredOrder, paymentToken: string): Promise<StoredOrder> {
    const { id, totalMinor, currency } = order;
    crashPoints.reach('order: claimed');
    const outcome = await payments.charge({
      ...{ orderId: id, amountMinor: totalMinor },
      ...{ currency, paymentToken },
    });
    crashPoints.reach('order: charged');
    if (outcome.kind === 'captured') {
      const settled = await settlement.captured(order);
      return settled.status === 'refunding' ? completion.refundSoon(settled) : settled;
    }
    if (outcome.kind === 'declined') return settlement.declined(order);
    const unknown = await settlement.unknown(order);
    completion.add(id);
    return unknown;
  }

  return async (customer, key, { checkoutId, paymentToken }) => {
    const fingerprint = hash('sha256', JSON.stringify([checkoutId, paymentToken]), 'base64url');
    const nowUs = Math.floor(clock.nowUs());
    const args: ClaimArgs = [customer, key, fingerprint, checkoutId, ids.next('o'), nowUs];
    const reply = await orders.claim(args);
    switch (reply[0]) {
      case 'tombstoned':
        throw new Refusal(410, 'tombstoned');
      case 'key_reused':
        throw new Refusal(422, 'key_reused');
      case 'not_found':
        throw new Refusal(404, 'not_found');
      case 'used':
        throw new Refusal(409, 'checkout_expired', { reason: 'used' });
      case 'existing':
        return answerOf(orderOf(reply[1]), true);
      case 'expired':
        return answerOf(orderOf(reply[1]), false);
      case 'claimed': {
        const order = orderOf(reply[1]);
        try {
          return answerOf(await pay(order, paymentToken), false);
        } catch (error) {
          if (!(error instanceof Refusal)) completion.add(order.id);
          throw error;
        }
      }
    }
  };
}

const REFUSAL_STATUS: Readonly<Record<string, number>> = {
  payment_declined: 402,
  checkout_expired: 409,
};

/** The first terminal answer of an order, or where it stands. Throws Refusal. */
function answerOf(order: StoredOrder, replayed: boolean): OrderAnswer {
  const { refusal, status } = order;
  if (refusal !== '') {
    throw new Refusal(REFUSAL_STATUS[refusal] ?? 409, refusal, { orderId: order.id }, replayed);
  }
  if (status === 'pending' || status === 'paying') throw new Refusal(409, 'key_in_progress');
  if (status === 'payment_unknown') return { order: viewOf(order), accepted: true, replayed };
  // A later refund does not change what the key was first answered with.
  return { order: viewOf(order, 'confirmed'), accepted: false, replayed };
}

async function cancel(
  orders: OrderStore,
  completion: Completion,
  customer: string,
  id: string,
): Promise<OrderView> {
  const order = await orders.byId(id);
  if (order === undefined || order.customer !== customer) throw new Refusal(404, 'not_found');
  const { status, refusal } = order;
  if (refusal !== '' || !['confirmed', 'refunding', 'refunded'].includes(status)) {
    throw new Refusal(409, 'illegal_state', { status });
  }
  if (status === 'refunded') return viewOf(order);
  return viewOf(await completion.refundSoon(await orders.move(id, 'refunding')));
}
