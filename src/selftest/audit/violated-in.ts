/** What a sale is accused of. */
import type { AuditReport } from '../../contract/audit.ts';

/** Ids of the invariants that are proven to be violated. */
export function violatedIn(report: AuditReport): string[] {
  return report.invariants.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
}
