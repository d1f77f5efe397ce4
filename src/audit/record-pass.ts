/** The one visit of what is not remembered, stock reads and checkouts, for all that look at them. */
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';
import { goalsOfCheckouts } from './goals-of-checkouts.ts';
import { fallOfReads } from './monotonic-reads.ts';
import { SharedPass } from './shared-pass.ts';
import { boundsOfReads, envelopeOfReads } from './stock-reads.ts';
import { refusalsOfCheckouts } from './wrong-refusals.ts';

export const RECORD_PASS = new SharedPass(
  [
    [boundsOfReads, 'stockRead'],
    [envelopeOfReads, 'stockRead'],
    [fallOfReads, 'stockRead'],
    [refusalsOfCheckouts, 'checkout'],
    [goalsOfCheckouts, 'checkout'],
  ],
  ({ evidence, input }, { stockRead, checkout }) => {
    const items = input.catalogue.length;
    evidence.forEachUnkept((record, index) => {
      if (record.operation === 'checkout') checkout(record, index);
      // Each read that carries a number, for an item of the catalogue.
      else if (record.item >= 0 && record.item < items) stockRead(record, index);
    });
  },
);

export function checkReadBounds(context: AuditContext, findings: Findings): void {
  RECORD_PASS.take(boundsOfReads, context, findings);
}

export function checkReadEnvelope(context: AuditContext, findings: Findings): void {
  RECORD_PASS.take(envelopeOfReads, context, findings);
}

export function checkMonotonicReads(context: AuditContext, findings: Findings): void {
  RECORD_PASS.take(fallOfReads, context, findings);
}
