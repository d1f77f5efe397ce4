/** Short questions to an audit report. */

import { defined } from '../../src/base/assert.ts';
import type { AuditReport, InvariantResult } from '../../src/contract/audit.ts';

export function resultOf(report: AuditReport, id: string): InvariantResult {
  const result = report.invariants.find((invariant) => invariant.id === id);
  return defined(result, `invariant ${id}`);
}

/** Ids of the violated invariants. */
export function violated(report: AuditReport): string[] {
  return report.invariants.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
}

/** Ids of those that should have been judged and could not be. */
export function unjudged(report: AuditReport): string[] {
  return report.invariants
    .filter(({ verdict, judged }) => verdict === 'unknown' && judged !== false)
    .map(({ id }) => id);
}
