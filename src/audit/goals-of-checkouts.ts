/** The goals that single checkouts meet. */
import { PROBE_JOURNEY } from '../contract/history.ts';
import type { AuditContext } from './context.ts';
import type { RecordCheck } from './shared-pass.ts';

export interface CheckoutGoals {
  restock_sold: number;
  limit_refused: number;
  sold_out_seen: number;
  sold_out_while_held: number;
}

const seen = new WeakMap<AuditContext, CheckoutGoals>();

function noGoals(): CheckoutGoals {
  return { restock_sold: 0, limit_refused: 0, sold_out_seen: 0, sold_out_while_held: 0 };
}

/** What the visit has counted; nothing before it. */
export function goalsSeen(context: AuditContext): CheckoutGoals {
  return seen.get(context) ?? noGoals();
}

export const goalsOfCheckouts: RecordCheck = (context) => {
  const hits = noGoals();
  seen.set(context, hits);
  return ({ journey, outcome, reason, item, invokedUs, doneUs }) => {
    // The drain probe always ends with a sold-out answer; only the sale's own ones count.
    if (journey === PROBE_JOURNEY) return;
    if (outcome === 'ok' && isAfterRestock(context, item, invokedUs)) hits.restock_sold++;
    if (outcome !== 'refused') return;
    if (reason === 'limit_reached') hits.limit_refused++;
    if (reason !== 'sold_out') return;
    hits.sold_out_seen++;
    const held = context.occupancy.sureHolds.of(item).maxOver(invokedUs, doneUs);
    if (held > 0) hits.sold_out_while_held++;
  };
};

function isAfterRestock({ supply }: AuditContext, item: number, invokedUs: number): boolean {
  return supply.restocksOf(item).some(({ sentUs }) => sentUs <= invokedUs);
}
