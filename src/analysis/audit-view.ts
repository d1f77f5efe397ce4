/** An audit as people read it: the counts, how much was checked, and each violation's witness. */
import { formatCount } from '../base/units.ts';
import type { AuditReport, InvariantResult } from '../contract/audit.ts';
import type { Figure } from './figure.ts';

export interface ViolationView {
  readonly invariant: string;
  readonly summary: string;
  readonly witness: readonly string[];
}

/** Those that the run has something for: faults, a waiting room, carts … */
export function applicable({ invariants }: AuditReport): InvariantResult[] {
  return invariants.filter(({ applies }) => applies !== false);
}

/** False when the target offers no evidence for the invariant. */
export function isJudged({ invariants }: AuditReport, id: string): boolean {
  return invariants.find((invariant) => invariant.id === id)?.judged !== false;
}

export function auditFigure(audit: AuditReport): Figure {
  const main = [
    ['I1', audit.oversoldUnits, 'oversold'] as const,
    ['I2', audit.undersoldUnits, 'undersold'] as const,
    ['P1', audit.doubleCharges, 'double charges'] as const,
    ['O1', audit.lostOrders, 'lost orders'] as const,
  ];
  // A 0 that nobody could count is left out.
  const counted = main.filter(([id, count]) => count > 0 || isJudged(audit, id));
  const counts = [
    ...counted.map(([, count, what]) => `${formatCount(count)} ${what}`),
    ...[
      [audit.strandedHolds, 'stranded holds'] as const,
      [audit.chargesWithoutOrder, 'charges without order'] as const,
      [audit.ordersWithoutCharge, 'orders without charge'] as const,
    ].flatMap(([count, what]) => (count === 0 ? [] : [`${formatCount(count)} ${what}`])),
  ];
  const found = counts.length === 0 ? 'no count could be judged' : counts.join(' · ');
  if (audit.verdict !== 'unknown') {
    return { label: 'Audit', mark: audit.verdict, value: found, details: auditDetails(audit) };
  }
  // A count of 0 that nobody could check must not read like a finding.
  const value = `not conclusive: ${audit.reason === '' ? 'no reason was given' : audit.reason}`;
  const nothing = audit.invariants.every(({ checked }) => checked === 0);
  const details = nothing ? [] : [`found so far: ${found}`, ...auditDetails(audit)];
  return { label: 'Audit', mark: 'unknown', value, details };
}

function auditDetails(audit: AuditReport): string[] {
  const by = { pass: 0, fail: 0, unknown: 0 };
  let checked = 0;
  let idle = 0;
  let beyond = 0;
  const applied = applicable(audit);
  for (const invariant of applied) {
    if (invariant.judged === false) {
      beyond++;
      continue;
    }
    by[invariant.verdict]++;
    checked += invariant.checked;
    if (invariant.verdict === 'pass' && invariant.checked === 0) idle++;
  }
  const verdicts = [`${by.pass - idle} of ${applied.length} invariants held`];
  if (idle > 0) verdicts.push(`${idle} had nothing to check`);
  if (by.fail > 0) verdicts.push(`${by.fail} violated`);
  if (by.unknown > 0) verdicts.push(`${by.unknown} not judged`);
  if (beyond > 0) verdicts.push(`${beyond} beyond what the target shows`);
  const { inDoubt } = audit;
  const settled = inDoubt.resolvedApplied + inDoubt.resolvedAbsent;
  const doubt =
    inDoubt.total === 0
      ? 'no order left in doubt'
      : `${formatCount(inDoubt.total)} ${inDoubt.total === 1 ? 'order' : 'orders'} in doubt, ` +
        `${formatCount(settled)} settled`;
  return [`${verdicts.join(', ')} (${formatCount(checked)} checks); ${doubt}`];
}

const VIOLATIONS_SHOWN = 3;
const WITNESS_SHOWN = 4;

/** `brief` leaves room for the rest of a page: one witness per invariant, its first steps only. */
export function violationsOf(audit: AuditReport, detail: 'full' | 'brief'): ViolationView[] {
  return audit.invariants
    .filter((invariant) => invariant.verdict === 'fail')
    .flatMap(({ id, title, violations, violationCount }) => {
      const shown = violations.slice(0, VIOLATIONS_SHOWN);
      const more = violationCount - shown.length;
      return [
        ...shown.map(({ summary, witness }, index) => ({
          invariant: id,
          summary,
          witness: detail === 'full' ? witness : briefWitness(witness, index),
        })),
        ...(shown.length === 0 ? [{ invariant: id, summary: title, witness: [] }] : []),
        ...(more > 0 && shown.length > 0
          ? [{ invariant: id, summary: `and ${formatCount(more)} more`, witness: [] }]
          : []),
      ];
    });
}

function briefWitness(witness: readonly string[], index: number): readonly string[] {
  if (index > 0) return [];
  const more = witness.length - WITNESS_SHOWN;
  if (more <= 1) return witness;
  return [...witness.slice(0, WITNESS_SHOWN), `and ${more} more: ecomsim audit <run folder>`];
}
