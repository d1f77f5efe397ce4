/** Orders whose effect the history alone does not tell: they must be looked up by their key. */
import type { History, InDoubtOrder } from '../contract/history.ts';
import { conclusionOf } from './conclusion.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';

/** Those of evidence that has been gathered already. */
export function inDoubtIn(evidence: Evidence): InDoubtOrder[] {
  const found: InDoubtOrder[] = [];
  for (const use of evidence.keys.values()) {
    if (conclusionOf(use) !== 'open') continue;
    const first = use.orders.find((order) => order.outcome === 'unknown') ?? use.orders[0];
    if (first === undefined) continue;
    const opened = evidence.checkouts.get(first.checkoutId)?.opened;
    found.push({
      key: use.key,
      journey: first.journey,
      customer: use.customer,
      item: first.item >= 0 ? first.item : (opened?.item ?? -1),
      units: opened?.units ?? first.units,
    });
  }
  return found;
}

/**
 * Orders without a clear answer, or accepted without an outcome, for which no later attempt or
 * status read under the same key gives one.
 */
export function inDoubtOrders(history: History): InDoubtOrder[] {
  return inDoubtIn(gatherEvidence(history));
}
