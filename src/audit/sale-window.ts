/** O10: sale items are neither held nor sold while the sale is closed. */

import type { Attempt } from './attempt.ts';
import { confirms } from './conclusion.ts';
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';

/** Instants are rounded to microseconds and come from one clock; this is ample. */
const TOLERANCE_US = 1000;

export function checkSaleWindow(context: AuditContext, findings: Findings): void {
  const { faultTimes, carts } = context;
  const { hotItems, opensAtMs, closesAtMs } = context.input.sale;
  const hot = new Set(hotItems);
  const opensUs = opensAtMs * 1000 - TOLERANCE_US;
  const closesUs =
    closesAtMs === null ? Number.POSITIVE_INFINITY : closesAtMs * 1000 + TOLERANCE_US;
  const accuse = (attempt: Attempt, what: string): void =>
    findings.violation(`${context.describe.item(attempt.item)}: ${what}`, () => [
      context.describe.attempt(attempt),
    ]);
  for (const attempt of context.evidence.heldAttempts) {
    const { customer, item, invokedUs, doneUs } = attempt;
    if (!hot.has(item) || attempt.outcome !== 'ok') continue;
    if (!carts.surelyCheckedOut(customer, item, invokedUs, doneUs)) continue;
    findings.check();
    // The sale goes by the shop's clock, which a declared fault may have put wrong.
    const aheadUs = faultTimes.aheadUs(invokedUs, doneUs);
    const behindUs = faultTimes.behindUs(invokedUs, doneUs);
    if (doneUs < opensUs - aheadUs) accuse(attempt, 'held before the sale opened');
    if (invokedUs > closesUs + behindUs) accuse(attempt, 'held after the sale had closed');
  }
  // An order may be finished after the sale has closed: its checkout counts.
  for (const { orders } of context.evidence.keys.values()) {
    for (const attempt of orders) {
      const { customer, item, invokedUs, doneUs } = attempt;
      if (!hot.has(item) || !confirms(attempt)) continue;
      if (!carts.surelyCheckedOut(customer, item, Number.NEGATIVE_INFINITY, doneUs)) continue;
      findings.check();
      const aheadUs = faultTimes.aheadUs(invokedUs, doneUs);
      if (doneUs < opensUs - aheadUs) accuse(attempt, 'sold before the sale opened');
    }
  }
}
