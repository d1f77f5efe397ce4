/** I4 and I5: every hold ends exactly once, and expiry comes neither early nor late. */
import type { HoldRow } from '../contract/ledger.ts';
import type { Attempt } from './attempt.ts';
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';
import { duplicatesBy } from './row-lookup.ts';

/** Between the instant that decides and the instant that is written down. */
const CLOCK_TOLERANCE_US = 5000;

function witnessOf(context: AuditContext, holds: readonly HoldRow[]): string[] {
  const checkout = context.evidence.checkouts.get(holds[0]?.checkoutId ?? '');
  const attempts = [checkout?.opened, ...(checkout?.orders ?? [])];
  return [
    ...holds.map((hold) => context.describe.hold(hold)),
    ...attempts.flatMap((attempt) =>
      attempt === undefined ? [] : [context.describe.attempt(attempt)],
    ),
  ];
}

export function checkHoldsResolvedOnce(context: AuditContext, findings: Findings): void {
  if (context.last === undefined) return;
  const { holds: rows, texts } = context.last.ledger;
  const shared = new Set(duplicatesBy(rows, texts.id, 'id').map(([id]) => id));
  const seen = new Set<string>();
  for (const holds of context.last.holdsByCheckout.values()) {
    const committed = new Map<string, HoldRow>();
    for (const hold of holds) {
      findings.check();
      const name = context.describe.item(context.itemOf.get(hold.sku) ?? -1);
      const accuse = (what: string, rows: readonly HoldRow[]): void =>
        findings.violation(`${name}: ${what}`, () => witnessOf(context, rows));
      if (shared.size > 0 && shared.has(hold.id)) {
        if (seen.has(hold.id)) accuse('two holds with one id', [hold]);
        seen.add(hold.id);
      }
      if (hold.resolutions > 1) accuse(`a hold was resolved ${hold.resolutions} times`, [hold]);
      if (hold.state !== 'committed') continue;
      const other = committed.get(hold.sku);
      if (other !== undefined) accuse('one checkout took its units twice', [other, hold]);
      committed.set(hold.sku, hold);
      if (hold.resolvedAtUs > hold.expiresAtUs + CLOCK_TOLERANCE_US) {
        const lateMs = Math.round((hold.resolvedAtUs - hold.expiresAtUs) / 1000);
        accuse(`a hold was committed ${lateMs} ms after it had expired`, [hold]);
      }
    }
  }
}

export function checkExpiryOnTime(context: AuditContext, findings: Findings): void {
  const { last, input, pace, faultTimes } = context;
  const { startUs } = input;
  const graceUs = input.promises.sweepGraceMs * 1000;
  for (const hold of last?.ledger.holds ?? []) {
    if (hold.state !== 'expired') continue;
    findings.check();
    const name = context.describe.item(context.itemOf.get(hold.sku) ?? -1);
    const earlyUs = hold.expiresAtUs - hold.resolvedAtUs;
    if (earlyUs > CLOCK_TOLERANCE_US) {
      findings.violation(`${name}: a hold expired ${Math.round(earlyUs / 1000)} ms early`, () =>
        witnessOf(context, [hold]),
      );
    }
    const sinceUs = hold.createdAtUs - startUs;
    const dueUs = startUs + faultTimes.latestUs(sinceUs, hold.expiresAtUs - startUs, graceUs);
    const lateUs = hold.resolvedAtUs - dueUs;
    // A shop that stood still could not sweep; one that answered others meanwhile could.
    const isLate = lateUs > CLOCK_TOLERANCE_US;
    if (isLate && pace.workedBetween(dueUs - startUs, hold.resolvedAtUs - startUs)) {
      findings.violation(
        `${name}: a hold was kept ${Math.round(lateUs / 1000)} ms longer than promised`,
        () => witnessOf(context, [hold]),
      );
    }
  }
  // An earlier order that gave the units back may be among missing records.
  if (!context.wholeHistory) return;
  for (const use of context.evidence.checkouts.values()) {
    if (use.opened !== undefined) checkRefusedEarly(context, findings, use.opened, use.orders);
  }
}

/** "Expired" before the hold's time, when nothing else can have ended it. */
function checkRefusedEarly(
  context: AuditContext,
  findings: Findings,
  opened: Attempt,
  orders: readonly Attempt[],
): void {
  if (opened.expiresUs < 0) return;
  // An earlier order under another key, or one whose payment failed or stayed unclear, gives the
  // units back rightly and is answered in the same words.
  const isAlone = orders.every(
    ({ key, outcome, reason }) =>
      key === orders[0]?.key &&
      outcome !== 'ok' &&
      outcome !== 'unknown' &&
      reason !== 'payment_declined',
  );
  const rows = context.last?.ordersByCheckout.get(opened.checkoutId) ?? [];
  if (rows.some((row) => row.status !== 'expired' && row.status !== 'rejected')) return;
  if (!isAlone) return;
  for (const order of orders) {
    if (order.outcome !== 'refused' || order.reason !== 'checkout_expired') continue;
    findings.check();
    const aheadUs = context.faultTimes.aheadUs(opened.invokedUs, order.doneUs);
    if (order.doneUs >= opened.expiresUs - CLOCK_TOLERANCE_US - aheadUs) continue;
    const earlyMs = Math.round((opened.expiresUs - order.doneUs) / 1000);
    findings.violation(
      `${context.describe.item(opened.item)}: told "checkout expired" ${earlyMs} ms before its time`,
      () => [opened, ...orders].map((attempt) => context.describe.attempt(attempt)),
    );
  }
}
