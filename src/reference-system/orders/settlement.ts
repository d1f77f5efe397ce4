/**
 * The second half of an order: what follows from what is known about its payment. Every step is
 * idempotent by order, so each function may be run again from the start after a crash.
 */
import type { Clock } from '../../base/clock.ts';
import type { CrashPoints } from '../crash-points.ts';
import type { InventoryService, PaymentService, ResolveOutcome } from '../services.ts';
import type { OrderStore } from './order-store.ts';
import type { StoredOrder } from './stored-order.ts';

export interface SettlementDeps {
  readonly orders: OrderStore;
  readonly inventory: InventoryService;
  readonly payments: PaymentService;
  readonly clock: Clock;
  readonly holdTtlMs: number;
  readonly crashPoints: CrashPoints;
}

/** `by`: id of the gateway's message that this follows from; absent when the shop asked. */
export interface Settlement {
  /** The money is there: confirmed, or `refunding` when the units are gone for good. */
  captured(order: StoredOrder, by?: string): Promise<StoredOrder>;
  declined(order: StoredOrder, by?: string): Promise<StoredOrder>;
  unknown(order: StoredOrder): Promise<StoredOrder>;
  /** Makes sure that no money moves, then gives the units back. */
  abandon(order: StoredOrder, by?: string): Promise<StoredOrder>;
  /** Carries a refund through. Throws when the gateway cannot be reached. */
  refund(order: StoredOrder): Promise<StoredOrder>;
}

export function createSettlement(deps: SettlementDeps): Settlement {
  const { orders, inventory, payments, clock, crashPoints } = deps;

  async function confirm(order: StoredOrder, hold: string, cause: Cause): Promise<StoredOrder> {
    const confirmed = await orders.move(order.id, 'confirmed', { hold, ...cause });
    crashPoints.reach('order: confirmed');
    return confirmed;
  }

  /** The hold has ended before the payment did: tries to take the units once more. */
  async function holdAgain(order: StoredOrder): Promise<string | undefined> {
    const checkoutId = `${order.checkout}.late`;
    const outcome = await inventory.hold({
      checkoutId,
      customer: order.customer,
      lines: order.lines.map(({ sku, units }) => ({ sku, quantity: units })),
      expiresAtUs: Math.floor(clock.nowUs() + deps.holdTtlMs * 1000),
      limitedSkus: order.lines.filter((line) => line.limited).map((line) => line.sku),
      perCustomer: order.perCustomer,
      mayExist: true,
    });
    crashPoints.reach('late: held');
    if (!outcome.held) return undefined;
    const committed = isCommitted(await inventory.commit(checkoutId));
    crashPoints.reach('late: committed');
    return committed ? checkoutId : undefined;
  }

  async function refund(order: StoredOrder): Promise<StoredOrder> {
    await payments.cancel(order.id);
    crashPoints.reach('refund: paid back');
    if (order.confirmedSeq > 0) {
      await orders.numberReturn(order.id);
      crashPoints.reach('refund: return numbered');
      await inventory.returnUnits(order.hold);
      crashPoints.reach('refund: units returned');
    }
    const refunded = await orders.move(order.id, 'refunded');
    crashPoints.reach('refund: closed');
    return refunded;
  }

  return {
    async captured(order, by) {
      const committed = isCommitted(await inventory.commit(order.checkout));
      crashPoints.reach('order: hold committed');
      const hold = committed ? order.checkout : await holdAgain(order);
      if (hold !== undefined) return confirm(order, hold, causeOf(by));
      const refusal = 'checkout_expired';
      const refunding = await orders.move(order.id, 'refunding', { refusal, ...causeOf(by) });
      crashPoints.reach('refund: recorded');
      return refunding;
    },
    async declined(order, by) {
      await inventory.release(order.checkout);
      crashPoints.reach('decline: released');
      const refusal = 'payment_declined';
      const declined = await orders.move(order.id, 'declined', { refusal, ...causeOf(by) });
      crashPoints.reach('decline: recorded');
      return declined;
    },
    async unknown(order) {
      const unknown = await orders.move(order.id, 'payment_unknown');
      crashPoints.reach('unknown: recorded');
      return unknown;
    },
    async abandon(order, by) {
      await payments.cancel(order.id);
      crashPoints.reach('void: barred');
      await inventory.release(order.checkout);
      crashPoints.reach('void: released');
      const refusal = 'checkout_expired';
      const cancelled = await orders.move(order.id, 'cancelled', { refusal, ...causeOf(by) });
      crashPoints.reach('void: recorded');
      return cancelled;
    },
    refund,
  };
}

interface Cause {
  readonly by?: string;
}

function causeOf(by: string | undefined): Cause {
  return by === undefined ? {} : { by };
}

function isCommitted(outcome: ResolveOutcome): boolean {
  return outcome === 'done' || outcome === 'already_committed';
}
