/**
 * What the shop does when the payment gateway tells it something by itself. Messages come late,
 * twice, before the answer or after everything is over: the order's state alone decides, so each
 * has its effect once, in whatever order messages and answers come.
 */
import type { CrashPoints } from '../crash-points.ts';
import type { NoticeOutcome, PaymentNotice, PaymentService } from '../services.ts';
import type { Completion } from './completion.ts';
import type { OrderState } from './order-states.ts';
import type { OrderStore } from './order-store.ts';
import type { OrderTurns } from './order-turns.ts';
import type { Settlement } from './settlement.ts';
import type { StoredOrder } from './stored-order.ts';
import type { UnderWay } from './under-way.ts';

export interface PaymentNoticeDeps {
  readonly orders: OrderStore;
  readonly settlement: Settlement;
  readonly completion: Completion;
  readonly payments: PaymentService;
  readonly turns: OrderTurns;
  readonly underWay: UnderWay;
  readonly crashPoints: CrashPoints;
}

/** `give_back`: money for an order that came to nothing; it stays what it is. */
export type Reaction = 'confirm' | 'decline' | 'abandon' | 'refund' | 'give_back';

/** What is not in the table changes nothing. */
export const REACTIONS: Readonly<
  Record<PaymentNotice['kind'], Readonly<Partial<Record<OrderState, Reaction>>>>
> = {
  captured: {
    paying: 'confirm',
    payment_unknown: 'confirm',
    declined: 'give_back',
    cancelled: 'give_back',
    expired: 'give_back',
    rejected: 'give_back',
  },
  declined: { paying: 'decline', payment_unknown: 'decline' },
  voided: { paying: 'abandon', payment_unknown: 'abandon' },
  refunded: { paying: 'abandon', payment_unknown: 'abandon', confirmed: 'refund' },
};

/** Throws EcomsimError TARGET_UNREACHABLE when money cannot be given back now. */
export async function hearNotice(
  deps: PaymentNoticeDeps,
  notice: PaymentNotice,
): Promise<NoticeOutcome> {
  const reply = await deps.orders.hearCallback(notice);
  deps.crashPoints.reach('callback: heard');
  if (reply.kind === 'mismatch') return 'refused';
  if (reply.order === undefined) return hearAboutArchived(deps, notice);
  const otherwise = reply.kind === 'repeated' ? 'repeated' : 'idle';
  const { id, status } = reply.order;
  if (REACTIONS[notice.kind][status] === undefined) return otherwise;
  return deps.turns.run(id, async () => {
    // Whoever had the turn before may have changed it.
    const order = await deps.orders.byId(id);
    const reaction = order === undefined ? undefined : REACTIONS[notice.kind][order.status];
    if (order === undefined || reaction === undefined) return otherwise;
    const settled = await react(deps, reaction, order, notice.id);
    deps.underWay.settled(settled);
    return settled.status === order.status ? otherwise : 'applied';
  });
}

/** An order that has left for good changes no more, but money for nothing goes back. */
async function hearAboutArchived(
  { orders, payments }: PaymentNoticeDeps,
  notice: PaymentNotice,
): Promise<NoticeOutcome> {
  const order = await orders.byId(notice.orderId);
  if (order !== undefined && REACTIONS[notice.kind][order.status] === 'give_back') {
    await payments.cancel(order.id);
  }
  return 'idle';
}

async function react(
  deps: PaymentNoticeDeps,
  reaction: Reaction,
  order: StoredOrder,
  by: string,
): Promise<StoredOrder> {
  const { settlement, completion, orders, payments } = deps;
  switch (reaction) {
    case 'confirm': {
      const settled = await settlement.captured(order, by);
      return settled.status === 'refunding' ? completion.refundSoon(settled) : settled;
    }
    case 'decline':
      return settlement.declined(order, by);
    case 'abandon':
      return settlement.abandon(order, by);
    case 'refund':
      return completion.refundSoon(await orders.move(order.id, 'refunding', { by }));
    case 'give_back':
      await payments.cancel(order.id);
      return order;
  }
}
