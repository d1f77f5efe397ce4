/** The page of `ecomsim audit`: every invariant with its verdict, then what was violated. */
import { auditFigure, violationsOf } from '../analysis/audit-view.ts';
import { sentence } from '../analysis/conclusion.ts';
import { formatCount } from '../base/units.ts';
import type { AuditReport, InvariantResult } from '../contract/audit.ts';
import { escapeDeep } from './escape-text.ts';
import {
  createPage,
  figures,
  hanging,
  joinSections,
  type Page,
  SYMBOL,
  titled,
} from './page-layout.ts';
import type { ReporterOptions } from './reporter.ts';
import { violationLines } from './violation-lines.ts';

const HEADLINE: Readonly<Record<AuditReport['verdict'], string>> = {
  pass: 'PASS  Every invariant held.',
  fail: 'FAIL  A business invariant was violated.',
  unknown: 'INCONCLUSIVE  The audit could not be completed.',
};

export function renderAudit(audit: AuditReport, options: ReporterOptions): string {
  const page = createPage(options);
  const safe = escapeDeep(audit);
  const { paint } = page;
  const headline = hanging(`${SYMBOL[safe.verdict]} `, HEADLINE[safe.verdict], page);
  const reason = safe.reason === '' ? [] : hanging('  ', sentence(safe.reason), page);
  return joinSections([
    [...headline.map((line) => paint.bold(paint[safe.verdict](line))), ...reason],
    figures([auditFigure(safe)], page),
    titled(
      'Invariants',
      safe.invariants.flatMap((each) => invariantLines(each, page)),
      page,
    ),
    violationLines(violationsOf(safe, 'full'), page),
    titled('Situations met', goalLines(safe.goals, page), page),
  ]);
}

function invariantLines(invariant: InvariantResult, page: Page): string[] {
  const { title, verdict, checked, violationCount, reason } = invariant;
  const found = verdict === 'fail' ? `, ${formatCount(violationCount)} violated` : '';
  const why = verdict === 'unknown' && reason !== '' ? `: ${reason}` : '';
  if (invariant.judged === false) {
    return hanging('– ', `${title}, not judged${why}`, page).map((line) => page.paint.dim(line));
  }
  const text = `${title} (${formatCount(checked)} checks${found})${why}`;
  return hanging(`${SYMBOL[verdict]} `, text, page).map((line) => page.paint[verdict](line));
}

function goalLines(goals: AuditReport['goals'], page: Page): string[] {
  return Object.entries(goals).flatMap(([name, hits]) =>
    hanging('  ', `${name}: ${hits === 0 ? 'never' : formatCount(hits)}`, page),
  );
}
