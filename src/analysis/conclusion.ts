/** From the facts of a run to its verdict, its exit code and one sentence that says why. */
import { EXIT, type ExitCode, worstExitCode } from '../base/exit-codes.ts';
import { formatCount, formatDuration, formatMs } from '../base/units.ts';
import type { AuditReport } from '../contract/audit.ts';
import type { RunResult, ThresholdResult } from '../contract/run-result.ts';
import { applicable } from './audit-view.ts';
import { formatObserved } from './metric-unit.ts';

export interface Conclusion {
  readonly verdict: RunResult['verdict'];
  readonly exitCode: ExitCode;
  readonly reason: string;
  readonly otherCodes: ExitCode[];
}

export interface ConclusionFacts {
  readonly audit: AuditReport;
  /** As reported: all `ok: null` when the generator was invalid. */
  readonly thresholds: readonly ThresholdResult[];
  readonly generator: RunResult['load']['generator'];
  readonly operationsMeasured: number;
  readonly targetDeath: string;
  readonly interrupted: boolean;
  readonly internalError: string;
  /** What the scenario wanted done to the target and could not be done. */
  readonly leftUndone: readonly string[];
  readonly durationMs: number;
}

const VERDICT_OF: Readonly<Record<ExitCode, RunResult['verdict']>> = {
  [EXIT.pass]: 'pass',
  [EXIT.internalError]: 'error',
  [EXIT.invariantViolated]: 'fail',
  [EXIT.inconclusive]: 'inconclusive',
  [EXIT.generatorInvalid]: 'invalid',
  [EXIT.targetFailed]: 'error',
  [EXIT.regression]: 'fail',
  [EXIT.thresholdFailed]: 'fail',
  [EXIT.invalidInput]: 'error',
  [EXIT.interrupted]: 'interrupted',
};

export function conclude(facts: ConclusionFacts): Conclusion {
  const { code, others } = worstExitCode(codesOf(facts));
  return {
    verdict: VERDICT_OF[code],
    exitCode: code,
    reason: reasonOf(code, facts),
    otherCodes: others,
  };
}

function codesOf(facts: ConclusionFacts): ExitCode[] {
  const codes: ExitCode[] = [];
  const valid = facts.generator.verdict === 'valid';
  if (facts.internalError !== '') codes.push(EXIT.internalError);
  if (facts.audit.verdict === 'fail') codes.push(EXIT.invariantViolated);
  if (facts.targetDeath !== '') codes.push(EXIT.targetFailed);
  if (facts.interrupted) codes.push(EXIT.interrupted);
  if (!valid) codes.push(EXIT.generatorInvalid);
  if (facts.thresholds.some((threshold) => threshold.ok === false)) {
    codes.push(EXIT.thresholdFailed);
  }
  const unjudged = valid && facts.thresholds.some(isOpen);
  const unproven = isAuditOpen(facts) || facts.operationsMeasured === 0;
  if (unjudged || unproven || facts.leftUndone.length > 0) {
    codes.push(EXIT.inconclusive);
  }
  return codes;
}

/** Should have been judged and could not be. */
function isOpen({ ok, judged }: ThresholdResult): boolean {
  return ok === null && judged !== false;
}

/** Where a target offers nothing for an audit, its thresholds alone decide, if there are any. */
function isAuditOpen({ audit, thresholds: all }: ConclusionFacts): boolean {
  const thresholds = all.filter(({ judged }) => judged !== false);
  if (audit.verdict !== 'unknown') return false;
  const nothingOffered = audit.invariants.every((invariant) => invariant.judged === false);
  return !nothingOffered || thresholds.length === 0;
}

function reasonOf(code: ExitCode, facts: ConclusionFacts): string {
  switch (code) {
    case EXIT.pass:
      return passReason(facts);
    case EXIT.invariantViolated:
      return violationReason(facts.audit);
    case EXIT.targetFailed:
      return `The target ended during the run: ${sentence(facts.targetDeath)}`;
    case EXIT.interrupted:
      return `Interrupted after ${formatDuration(Math.round(facts.durationMs / 100) * 100)}; what was measured until then was audited and is reported.`;
    case EXIT.generatorInvalid:
      return generatorReason(facts.generator.reasons[0]);
    case EXIT.thresholdFailed:
      return thresholdReason(facts.thresholds);
    case EXIT.internalError:
      return `A bug in ecomsim was met: ${sentence(facts.internalError)}`;
    default:
      return inconclusiveReason(facts);
  }
}

function passReason({ audit, thresholds: listed }: ConclusionFacts): string {
  const thresholds = listed.filter((threshold) => threshold.judged !== false);
  const applied = applicable(audit);
  const judged = applied.filter((invariant) => invariant.judged !== false);
  const exercised = judged.filter(({ checked }) => checked > 0).length;
  const beyond = applied.length - judged.length;
  const all = exercised === judged.length && beyond === 0 ? 'all' : 'all exercised';
  const rest = beyond === 0 ? '' : ` (${beyond} are beyond what the target shows)`;
  const held =
    judged.length === 0
      ? 'no invariant could be judged'
      : `${all} ${formatCount(exercised)} invariants held${rest}`;
  if (thresholds.length === 0) return `${capitalised(held)}; no threshold was set.`;
  const met =
    thresholds.length === 1
      ? 'the threshold was met'
      : `all ${thresholds.length} thresholds were met`;
  return `${capitalised(held)} and ${met}.`;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** What was seen; where and what to do about it stand with the throughput. */
function generatorReason(first = 'no reason was given'): string {
  const [seen = first] = first.split(/: | \(/);
  return `The load generator could not keep its own schedule: ${sentence(seen)}`;
}

/** The counts that a violation may have, in the order in which they matter to a shop. */
export function violationCounts(audit: AuditReport): string[] {
  const counts: [number, string, string][] = [
    [audit.oversoldUnits, 'unit oversold', 'units oversold'],
    [audit.doubleCharges, 'double charge', 'double charges'],
    [audit.lostOrders, 'lost order', 'lost orders'],
    [audit.chargesWithoutOrder, 'charge without order', 'charges without order'],
    [audit.ordersWithoutCharge, 'order without charge', 'orders without charge'],
    [audit.undersoldUnits, 'unit undersold', 'units undersold'],
    [audit.strandedHolds, 'stranded hold', 'stranded holds'],
  ];
  return counts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${formatCount(count)} ${count === 1 ? one : many}`);
}

function violationReason(audit: AuditReport): string {
  const broken = audit.invariants.filter((invariant) => invariant.verdict === 'fail');
  const counts = violationCounts(audit);
  if (counts.length > 0) return `A business invariant was violated: ${counts.join(', ')}.`;
  const titles = broken.map((invariant) => invariant.title).join('; ');
  return `A business invariant was violated: ${sentence(titles === '' ? audit.reason : titles)}`;
}

function thresholdReason(thresholds: readonly ThresholdResult[]): string {
  const failed = thresholds.filter((threshold) => threshold.ok === false);
  const first = failed[0];
  if (first === undefined) return 'A threshold failed.';
  const how =
    first.observed === null
      ? first.expression
      : `${first.expression} was ${formatObserved(first.expression, first.observed)}`;
  if (failed.length === 1) return `A threshold failed: ${how}.`;
  return `${failed.length} of ${thresholds.length} thresholds failed: first ${how}.`;
}

function inconclusiveReason(facts: ConclusionFacts): string {
  const { audit, thresholds, operationsMeasured, leftUndone } = facts;
  if (operationsMeasured === 0) return 'Nothing was measured, so nothing can be judged.';
  const [undone] = leftUndone;
  if (undone !== undefined) return `The scenario was not carried out: ${sentence(undone)}`;
  if (audit.verdict === 'unknown') {
    return `The audit could not be completed: ${sentence(audit.reason || 'no reason was given')}`;
  }
  const unjudged = thresholds.filter(isOpen);
  const first = unjudged[0];
  if (first === undefined) return 'The run could not be judged.';
  const many = unjudged.length === 1 ? 'A threshold' : `${unjudged.length} thresholds`;
  return `${many} could not be judged: ${first.expression}: ${sentence(first.reason || 'no samples')}`;
}

/** Ends with exactly one full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim().replace(/[.\s]+$/, '');
  return `${trimmed}.`;
}

/** `412 ms`, or `≥ 412 ms` when operations cut off at the end lie above. */
export function formatP99(p99: number | null, atLeast: boolean): string {
  if (p99 === null) return '–';
  return `${atLeast ? '≥ ' : ''}${formatMs(p99)}`;
}
