/** O9: who waits is admitted once, and in the order of arrival where that is promised. */
import type { AdmissionRow, Rows } from '../contract/ledger.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';

export function checkQueueFairness(context: AuditContext, findings: Findings): void {
  const rows: Rows<AdmissionRow> = context.last?.ledger.admissions ?? [];
  const byPlace = new Map<number, AdmissionRow>();
  const ids = new Map<string, AdmissionRow>();
  for (const row of rows) {
    findings.check();
    const twin = ids.get(row.id);
    if (twin !== undefined) {
      accuse(context, findings, `place ${shown(row.id)} is in the book twice`, [twin, row]);
    }
    ids.set(row.id, row);
    if (row.admittedSeq <= 0) {
      if (row.uses > 0) {
        accuse(context, findings, `${shown(row.customer)} bought without having been admitted`, [
          row,
        ]);
      }
      continue;
    }
    const same = byPlace.get(row.admittedSeq);
    if (same !== undefined) {
      const what = `two were admitted as number ${row.admittedSeq}`;
      accuse(context, findings, what, [same, row]);
    }
    byPlace.set(row.admittedSeq, row);
  }
  if (context.input.promises.admitsInOrder === true) checkOrder(context, findings, rows);
}

/** In order of admission nobody may have joined before somebody who was admitted earlier … */
function checkOrder(context: AuditContext, findings: Findings, rows: Rows<AdmissionRow>): void {
  const admitted = rows.filter(({ admittedSeq }) => admittedSeq > 0);
  admitted.sort((a, b) => a.admittedSeq - b.admittedSeq);
  let latest: AdmissionRow | undefined;
  for (const row of admitted) {
    if (latest !== undefined && row.joinedSeq < latest.joinedSeq) {
      const places = latest.joinedSeq - row.joinedSeq;
      accuse(
        context,
        findings,
        `${shown(latest.customer)} was admitted before ${shown(row.customer)}, who had joined ${places} places earlier`,
        [row, latest],
      );
    }
    if (latest === undefined || row.joinedSeq > latest.joinedSeq) latest = row;
  }
}

function accuse(
  { describe }: AuditContext,
  findings: Findings,
  summary: string,
  rows: readonly AdmissionRow[],
): void {
  findings.violation(summary, () =>
    rows.map((row) => {
      const { id, customer, joinedSeq, joinedAtUs, admittedSeq, admittedAtUs, uses } = row;
      const end =
        admittedSeq > 0
          ? `admitted as number ${admittedSeq} ${describe.atHost(admittedAtUs)}`
          : 'never admitted';
      return (
        `shop's book: place ${shown(id)} of ${shown(customer)}: joined as number ${joinedSeq} ` +
        `${describe.atHost(joinedAtUs)}, ${end}, used for ${uses} checkouts`
      );
    }),
  );
}
