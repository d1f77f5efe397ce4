/** A1: what belongs to one customer is not given to another, whatever is asked. */
import type { ForeignProbe } from '../contract/audit-probe.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';

const WHAT: Readonly<Record<ForeignProbe['action'], string>> = {
  read: 'read the order of',
  readByKey: 'read by its key the order of',
  cancel: 'cancelled the order of',
  pay: 'paid for the checkout of',
  list: 'was shown the orders of',
};

/** No answer, too many requests, overloaded. */
const UNANSWERED: ReadonlySet<number> = new Set([0, 429, 503]);

export function checkForeignRequests({ input }: AuditContext, findings: Findings): void {
  for (const probe of input.foreignProbes ?? []) {
    // Nothing was given away, and nothing was shown either.
    if (UNANSWERED.has(probe.status)) continue;
    findings.check();
    const isTaken = probe.status >= 200 && probe.status <= 299;
    // A list may well be answered, with what is the intruder's own.
    const isGiven = probe.action === 'list' ? probe.leaked : isTaken || probe.leaked;
    if (!isGiven) continue;
    const who = nameOf(probe.intruder);
    findings.violation(`${who} ${WHAT[probe.action]} ${nameOf(probe.owner)}`, () => [
      `probe: ${who} asked for ${shown(probe.action)} of ${shown(probe.subject)}, which is ` +
        `${nameOf(probe.owner)}'s → HTTP ${probe.status}${probe.leaked ? ', with the order' : ''}`,
    ]);
  }
}

function nameOf(customer: number): string {
  return customer < 0 ? 'somebody without a token' : `customer ${customer}`;
}
