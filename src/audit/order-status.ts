/** O5: orders are in known states, come to rest in final ones, and final means final. */

import type { Attempt } from './attempt.ts';
import { confirms } from './conclusion.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { KeyUse } from './evidence.ts';
import type { Findings } from './findings.ts';
import { AFTER_CONFIRMED, KNOWN_STATES, UNFINISHED } from './order-states.ts';

export function checkOrderStatus(context: AuditContext, findings: Findings): void {
  const { before, quiet, describe } = context;
  for (const row of before?.ledger.orders ?? []) {
    findings.check();
    const isUnfinished = UNFINISHED.has(row.status);
    if (KNOWN_STATES.has(row.status) && !isUnfinished) continue;
    if (isUnfinished && !quiet) {
      findings.unknown('orders were still under way when the ledger was read');
      continue;
    }
    const what = isUnfinished ? 'is stuck as' : 'is in the unknown state';
    findings.violation(`order ${shown(row.id)} ${what} ${shown(row.status)}`, () => [
      describe.order(row),
    ]);
  }
  for (const use of context.evidence.keys.values()) checkObserved(context, findings, use);
}

/** After an acknowledgement no answer under the same key may say anything less. */
function checkObserved(context: AuditContext, findings: Findings, use: KeyUse): void {
  if (use.reads.length === 0) return;
  const answers = [...use.orders, ...use.reads];
  let acknowledged: Attempt | undefined;
  for (const answer of answers) {
    if (!confirms(answer)) continue;
    if (acknowledged === undefined || answer.doneUs < acknowledged.doneUs) acknowledged = answer;
  }
  if (acknowledged === undefined) return;
  for (const read of use.reads) {
    if (read.invokedUs <= acknowledged.doneUs) continue;
    findings.check();
    const { outcome, orderStatus } = read;
    if (outcome !== 'ok' || orderStatus === '' || AFTER_CONFIRMED.has(orderStatus)) continue;
    const first = acknowledged;
    findings.violation(
      `order ${shown(first.orderId)} was acknowledged and later seen as ${shown(orderStatus)}`,
      () => [first, read].map((attempt) => context.describe.attempt(attempt)),
    );
  }
}
