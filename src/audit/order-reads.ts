/** O6: whoever placed or cancelled an order reads it so from the answer on. */
import type { Attempt } from './attempt.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { KeyUse } from './evidence.ts';
import type { Findings } from './findings.ts';

export function checkReadYourWrites(context: AuditContext, findings: Findings): void {
  for (const use of context.evidence.keys.values()) checkPlaced(context, findings, use);
  for (const [, cancels] of context.evidence.cancels) {
    for (const cancel of cancels) checkCancelled(context, findings, cancel);
  }
}

/** The first answer that says that the order is there, accepted ones included. */
function firstTaken({ orders, reads }: KeyUse): Attempt | undefined {
  let first: Attempt | undefined;
  for (const attempts of [orders, reads]) {
    for (const attempt of attempts) {
      if (attempt.outcome !== 'ok') continue;
      if (first === undefined || attempt.doneUs < first.doneUs) first = attempt;
    }
  }
  return first;
}

function checkPlaced(context: AuditContext, findings: Findings, use: KeyUse): void {
  if (use.reads.length === 0) return;
  const taken = firstTaken(use);
  if (taken === undefined) return;
  for (const read of use.reads) {
    if (read.invokedUs <= taken.doneUs) continue;
    findings.check();
    const isGone = read.reason === 'not_found' || read.reason === 'tombstoned';
    if (read.outcome !== 'refused' || !isGone) continue;
    const name = taken.orderId === '' ? `under key ${shown(use.key)}` : shown(taken.orderId);
    findings.violation(`order ${name} was placed and later not found by its own customer`, () =>
      [taken, read].map((attempt) => context.describe.attempt(attempt)),
    );
  }
}

function checkCancelled(context: AuditContext, findings: Findings, cancel: Attempt): void {
  // Only an answer that says so itself makes the order a cancelled one.
  if (cancel.outcome !== 'ok' || cancel.orderStatus === 'confirmed') return;
  const use = context.evidence.keys.get(cancel.customer, cancel.key);
  for (const read of use?.reads ?? []) {
    if (read.invokedUs <= cancel.doneUs || read.outcome !== 'ok') continue;
    findings.check();
    if (read.orderStatus !== 'confirmed') continue;
    findings.violation(
      `order ${shown(cancel.orderId)} was cancelled and later seen as confirmed`,
      () => [cancel, read].map((attempt) => context.describe.attempt(attempt)),
    );
  }
}
