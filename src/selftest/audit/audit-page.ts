/** The results of the audit's selftest as lines to read, and as one sentence. */
import { EXIT, type ExitCode, worstExitCode } from '../../base/exit-codes.ts';
import { formatCount, formatDuration } from '../../base/units.ts';
import type { Paint } from '../../reporters/terminal-paint.ts';
import { truncateText } from '../../reporters/text-width.ts';
import type { AuditSelftestResults, Campaign, DefectResult } from './audit-selftest.ts';

const ID_COLUMNS = 32;
const INVARIANT_COLUMNS = 5;
const SEED_COLUMNS = 9;
const TIME_COLUMNS = 8;
const ALARMS_SHOWN = 10;
/** Of the correct sales; beyond it their silence proves too little. */
const MOST_UNJUDGED = 0.01;

export const HEADING = [
  '  defect'.padEnd(ID_COLUMNS + 2),
  'by'.padEnd(INVARIANT_COLUMNS),
  'in'.padEnd(SEED_COLUMNS),
  'took'.padStart(TIME_COLUMNS - 2),
  '  what is wrong in the shop',
].join('');

export interface AuditPage {
  readonly paint: Paint;
  /** Of the terminal; infinite where lines may be as long as they are. */
  readonly columns: number;
}

/** Convicted by its own invariant, while the same sale without it is passed. */
function isKilled({ killedBy, falseAlarms, controlPassed }: DefectResult): boolean {
  return killedBy !== undefined && falseAlarms.length === 0 && controlPassed;
}

/** What came of it, when it is not what was demanded. */
function faultOf(result: DefectResult): string {
  const { killedBy, seedsTried, falseAlarms, controlPassed, problems, defect } = result;
  const problem = problems.length === 0 ? '' : `; ${problems.length} sales failed, ${problems[0]}`;
  if (killedBy === undefined) return `NOT CONVICTED in ${seedsTried} sales${problem}`;
  if (falseAlarms.length > 0) return `FALSE ALARM without the defect: ${falseAlarms.join(' ')}`;
  return controlPassed ? '' : `${defect.invariant} could not be judged without the defect`;
}

export function defectLine(result: DefectResult, { paint, columns }: AuditPage): string {
  const { defect, killedBy, alsoViolated, tookMs } = result;
  const ok = isKilled(result);
  const also = alsoViolated.length === 0 ? '' : ` (also ${alsoViolated.join(' ')})`;
  const line = [
    `${ok ? '✓' : '✗'} ${defect.id.padEnd(ID_COLUMNS)}`,
    defect.invariant.padEnd(INVARIANT_COLUMNS),
    (killedBy === undefined ? '–' : `seed ${killedBy}`).padEnd(SEED_COLUMNS),
    formatDuration(tookMs).padStart(TIME_COLUMNS - 2),
    `  ${ok ? `${defect.text}${also}` : `${faultOf(result)}: ${defect.text}`}`,
  ].join('');
  const cut = truncateText(line, columns);
  return ok ? cut : paint.fail(cut);
}

export function alarmLines(campaign: Campaign, { paint }: AuditPage): string[] {
  const { strategy, sales, operations, crashes, inDoubt, alarms, unjudged, tookMs } = campaign;
  const what =
    `${formatCount(sales)} sales, ${formatCount(operations)} operations, ` +
    `${formatCount(crashes)} crashes, ${formatCount(inDoubt)} orders in doubt`;
  const found = `${formatCount(alarms.length)} false alarms`;
  const open = unjudged.length === 0 ? '' : `, ${formatCount(unjudged.length)} not judged`;
  const line = `correct shop, ${strategy}: ${what}: ${found}${open}, ${formatDuration(tookMs)}`;
  return [
    alarms.length === 0 ? line : paint.fail(line),
    ...alarms
      .slice(0, ALARMS_SHOWN)
      .map((sale) => paint.fail(`  seed ${sale.seed}: ${sale.alarms.join(' ')}`)),
    ...unjudged.slice(0, ALARMS_SHOWN).map((sale) => `  seed ${sale.seed}: ${sale.unknown}`),
  ];
}

interface Sums {
  readonly missed: number;
  readonly sales: number;
  readonly alarms: number;
  readonly unjudged: number;
}

function sumsOf({ defects, campaigns }: AuditSelftestResults): Sums {
  const sum = (of: (campaign: Campaign) => number): number =>
    campaigns.reduce((total, campaign) => total + of(campaign), 0);
  return {
    missed: defects.filter((result) => !isKilled(result)).length,
    sales: sum(({ sales }) => sales),
    alarms: sum(({ alarms }) => alarms.length),
    unjudged: sum(({ unjudged }) => unjudged.length),
  };
}

/** A defect that goes free and a false alarm are bounds that were missed. */
export function exitCodesOf(
  results: AuditSelftestResults,
  interrupted: boolean,
): { code: ExitCode; others: ExitCode[] } {
  const { missed, alarms, sales, unjudged } = sumsOf(results);
  const codes: ExitCode[] = [];
  if (interrupted) codes.push(EXIT.interrupted);
  if (missed > 0 || alarms > 0 || unjudged > sales * MOST_UNJUDGED)
    codes.push(EXIT.thresholdFailed);
  return worstExitCode(codes);
}

/** The last lines; the very last says the exit code and why. */
export function auditSummary(
  results: AuditSelftestResults,
  { interrupted }: AuditPage & { readonly interrupted: boolean },
): string {
  const { missed, sales, alarms, unjudged } = sumsOf(results);
  const { defects } = results;
  const { code, others } = exitCodesOf(results, interrupted);
  const also = others.length === 0 ? '' : ` (also ${others.join(', ')})`;
  const slowest = Math.max(0, ...defects.map(({ tookMs }) => tookMs));
  const latest = Math.max(0, ...defects.map(({ killedBy }) => killedBy ?? 0));
  const parts: string[] = [];
  if (defects.length > 0) {
    parts.push(
      `${defects.length - missed} of ${defects.length} defects convicted by their invariant, ` +
        `each within ${latest} seeds and ${formatDuration(slowest)}, and silent without them`,
    );
  }
  if (sales > 0) {
    const open = unjudged === 0 ? '' : ` (${formatCount(unjudged)} could not be judged)`;
    parts.push(`${alarms} false alarms in ${formatCount(sales)} correct sales${open}`);
  }
  const reason = `${interrupted ? 'interrupted; ' : ''}${parts.join('; ') || 'nothing was tried'}.`;
  return `\nExit ${code}${also}: ${reason}\n`;
}
