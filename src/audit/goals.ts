/** Situations that a run should have met: an audit that never saw them has proven little. */
import type { Attempt } from './attempt.ts';
import { confirms, isFinalNo } from './conclusion.ts';
import type { AuditContext } from './context.ts';
import type { CheckoutUse, KeyUse } from './evidence.ts';
import { Findings } from './findings.ts';
import { type CheckoutGoals, goalsOfCheckouts, goalsSeen } from './goals-of-checkouts.ts';
import { RECORD_PASS } from './record-pass.ts';

export interface AuditedGoal {
  readonly name: string;
  readonly title: string;
}

export const AUDITED_GOALS = [
  { name: 'order_confirmed', title: 'an order was confirmed' },
  { name: 'sold_out_seen', title: 'a checkout was refused because nothing was left' },
  {
    name: 'sold_out_while_held',
    title: 'a checkout was refused as sold out while others held units they had not yet bought',
  },
  { name: 'limit_refused', title: 'a checkout was refused by the purchase limit' },
  { name: 'payment_declined', title: 'a payment was declined' },
  { name: 'hold_expired', title: 'a hold ran out of time' },
  { name: 'replay_answered', title: 'a used key was answered with its stored answer' },
  { name: 'duplicate_sent', title: 'the same order was sent twice at the same time' },
  {
    name: 'retried_with_its_key',
    title: 'an order without a clear answer was sent again with its key and then answered',
  },
  {
    name: 'second_key_refused',
    title: 'a second order for one checkout, under a key of its own, was refused',
  },
  { name: 'changed_payload_refused', title: 'another request under a used key was refused' },
  { name: 'in_doubt_resolved', title: 'an order without an answer was looked up and settled' },
  { name: 'restock_sold', title: 'an item was held after the restock of it was commanded' },
  { name: 'drain_probe_done', title: 'an item was sold out on purpose after the run' },
] as const satisfies readonly AuditedGoal[];

type GoalName = (typeof AUDITED_GOALS)[number]['name'];

export type GoalHits = Record<GoalName, number>;

export function countGoals(context: AuditContext): GoalHits {
  const { evidence, input, last } = context;
  const hits = Object.fromEntries(AUDITED_GOALS.map(({ name }) => [name, 0])) as GoalHits;
  hits.order_confirmed = context.acknowledged.filter((order) => !order.byDrain).length;
  Object.assign(hits, checkoutGoals(context));
  for (const use of evidence.keys.values()) {
    for (const order of use.orders) countOrder(order, hits);
    if (isRetriedWithItsKey(use)) hits.retried_with_its_key++;
  }
  for (const use of evidence.checkouts.values()) {
    if (isSecondKeyRefused(use)) hits.second_key_refused++;
  }
  const expiredHolds = (last?.ledger.holds ?? []).filter((hold) => hold.state === 'expired');
  hits.hold_expired = Math.max(hits.hold_expired, expiredHolds.length);
  hits.in_doubt_resolved = input.resolutions.filter(({ result }) => result !== 'unknown').length;
  hits.drain_probe_done = input.drainProbes.filter(({ problem }) => problem === '').length;
  return hits;
}

/** What checkouts show, counted while they are visited for the invariants. */
function checkoutGoals(context: AuditContext): CheckoutGoals {
  RECORD_PASS.take(goalsOfCheckouts, context, new Findings());
  return goalsSeen(context);
}

function isRetriedWithItsKey({ orders }: KeyUse): boolean {
  const unclear = orders.find(({ operation, outcome }) => {
    return operation === 'order' && outcome === 'unknown';
  });
  if (unclear === undefined) return false;
  return orders.some(
    (order) =>
      order.operation === 'order' &&
      order.invokedUs >= unclear.doneUs &&
      (confirms(order) || isFinalNo(order)),
  );
}

function isSecondKeyRefused({ orders }: CheckoutUse): boolean {
  const sent = orders.filter(({ operation }) => operation === 'order');
  const [first] = sent;
  if (first === undefined) return false;
  return sent.some(({ key, outcome }) => key !== first.key && outcome === 'refused');
}

function countOrder(order: Attempt, hits: GoalHits): void {
  const { operation, outcome, reason } = order;
  const isAnswered = confirms(order) || isFinalNo(order);
  if (operation === 'orderDuplicate') hits.duplicate_sent++;
  if (operation === 'orderChanged') {
    if (outcome === 'refused' && reason === 'key_reused') hits.changed_payload_refused++;
    return;
  }
  if (isAnswered && (order.replayed || operation === 'orderReplay')) hits.replay_answered++;
  if (operation !== 'order' || outcome !== 'refused') return;
  if (reason === 'payment_declined') hits.payment_declined++;
  if (reason === 'checkout_expired') hits.hold_expired++;
}
