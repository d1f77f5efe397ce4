/** P4: a used key answers as it did the first time, and refuses another request. */

import type { Attempt } from './attempt.ts';
import { confirms } from './conclusion.ts';
import type { AuditContext } from './context.ts';
import type { KeyUse } from './evidence.ts';
import type { Findings } from './findings.ts';

/** A no that the shop stores under the key, as it does a yes. */
function isStoredNo({ outcome, reason }: Attempt): boolean {
  return outcome === 'refused' && (reason === 'payment_declined' || reason === 'checkout_expired');
}

/** The answer says what became of the order; a shed, limited or failed request says nothing. */
function isAnswer(attempt: Attempt): boolean {
  return confirms(attempt) || isStoredNo(attempt);
}

export function checkReplays(context: AuditContext, findings: Findings): void {
  for (const use of context.evidence.keys.values()) {
    if (use.orders.length < 2) continue;
    checkSameRequest(context, findings, use);
    checkChangedRequest(context, findings, use);
  }
}

function accuse(
  context: AuditContext,
  findings: Findings,
  what: string,
  attempts: readonly Attempt[],
): void {
  findings.violation(what, () => attempts.map((attempt) => context.describe.attempt(attempt)));
}

function checkSameRequest(context: AuditContext, findings: Findings, use: KeyUse): void {
  const answers = use.orders.filter(
    (attempt) => attempt.operation !== 'orderChanged' && isAnswer(attempt),
  );
  const [first] = answers;
  if (first === undefined) return;
  for (const answer of answers.slice(1)) {
    findings.check();
    const differences: string[] = [];
    if (confirms(first) !== confirms(answer)) differences.push('outcome');
    else if (isStoredNo(first) && first.reason !== answer.reason) differences.push('reason');
    if (first.orderId !== '' && answer.orderId !== '' && first.orderId !== answer.orderId) {
      differences.push('order');
    }
    if (confirms(first) && confirms(answer)) {
      if (first.units !== answer.units) differences.push('units');
      if (first.totalMinor !== answer.totalMinor) differences.push('total');
    }
    if (differences.length === 0) continue;
    const what = `a repeated request got another ${differences.join(', ')}`;
    accuse(context, findings, what, [first, answer]);
  }
}

/**
 * "Expired" may mean that another key has bought the checkout: then nothing needs to be stored
 * under this one, and a changed request is refused in the same words.
 */
function isOfUsedCheckout(context: AuditContext, attempt: Attempt): boolean {
  if (attempt.reason !== 'checkout_expired') return false;
  // The record of the other key may be among those that are missing.
  if (!context.wholeHistory) return true;
  const { evidence } = context;
  const orders = evidence.checkouts.get(attempt.checkoutId)?.orders ?? [];
  return orders.some(({ key }) => key !== attempt.key);
}

/** Only after the key is surely used: before that, the changed request may be the first. */
function checkChangedRequest(context: AuditContext, findings: Findings, use: KeyUse): void {
  for (const changed of use.orders) {
    if (changed.operation !== 'orderChanged') continue;
    const used = use.orders.find(
      (attempt) =>
        attempt.operation !== 'orderChanged' &&
        isAnswer(attempt) &&
        !isOfUsedCheckout(context, attempt) &&
        attempt.doneUs <= changed.invokedUs,
    );
    if (used === undefined) continue;
    findings.check();
    if (changed.outcome !== 'ok' && !isStoredNo(changed)) continue;
    accuse(context, findings, 'another request under a used key was not refused', [used, changed]);
  }
}
