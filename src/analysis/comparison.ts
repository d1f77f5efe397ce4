/** Finished runs, arm by arm, → one comparison: figures, verdicts on their differences, exit code. */
import { EXIT, type ExitCode, worstExitCode } from '../base/exit-codes.ts';
import { formatCount } from '../base/units.ts';
import type {
  ComparedArm,
  ComparedFigure,
  ComparedMetric,
  ComparedRun,
  Comparison,
  Judgement,
} from '../contract/comparison.ts';
import type { RunResult } from '../contract/run-result.ts';
import { comparisonMarks } from './comparison-marks.ts';
import { DEFAULT_MARGIN, judgeArms, LEAST_RESULTS, type MetricValues } from './judgement.ts';

export const METRIC_NAME: Readonly<Record<ComparedMetric, string>> = {
  p99: 'P99',
  goodput: 'goodput',
  capacity: 'capacity',
};

/** A P99 is proven from here on: n · (1 − q) ≥ 10. */
const SAMPLES_OF_A_P99 = 1000;

const EXIT_OF_REGRESSION: Readonly<Record<Judgement['regression'], ExitCode>> = {
  proven: EXIT.regression,
  open: EXIT.inconclusive,
  'ruled out': EXIT.pass,
};

export interface ArmRuns {
  readonly label: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly declaredBreaches: readonly string[];
  readonly runs: readonly { readonly result: RunResult; readonly folder: string }[];
}

/**
 * `arms` in the order to show, the baseline first; an arm without a run was interrupted before its
 * turn. `margin` as a share.
 */
export function compareRuns(
  varied: string,
  arms: readonly ArmRuns[],
  margin: number = DEFAULT_MARGIN,
): Comparison {
  const compared = arms.map(armOf);
  const runs = compared.flatMap((arm) => arm.runs);
  const judgements = judgeArms(
    arms.map((arm) => ({ label: arm.label, values: valuesOf(arm) })),
    margin,
  );
  const { code } = worstExitCode([
    ...compared.map(({ exitCode }) => exitCode),
    ...judgements.map(({ regression }) => EXIT_OF_REGRESSION[regression]),
  ]);
  const samePlan = new Set(runs.map(({ planDigest }) => planDigest)).size <= 1;
  const scenarios = new Set(
    arms.flatMap((arm) => arm.runs.map(({ result }) => result.run.scenario)),
  );
  return {
    schemaVersion: 1,
    kind: 'comparison',
    scenario: [...scenarios].join(', '),
    varied,
    exitCode: code,
    reason: reasonOf(compared, judgements, margin, code),
    samePlan,
    arms: compared,
    margin,
    judgements,
    notes: [
      ...comparisonMarks(arms),
      ...notesOf(compared, samePlan),
      ...judgementNotes(arms, judgements),
    ],
  };
}

/** What was cut short, or was not the load that was asked for, is shown and never judged. */
function counts({ result }: ArmRuns['runs'][number]): boolean {
  return !['invalid', 'interrupted', 'error'].includes(result.verdict);
}

function valuesOf({ runs }: ArmRuns): MetricValues {
  const results = runs.filter(counts).map(({ result }) => result);
  return {
    // "At least" is no value.
    p99: results.map(({ totals }) =>
      totals.responseTimeMs.p99AtLeast ? null : totals.responseTimeMs.p99,
    ),
    goodput: results.map(({ business }) => business.goodputPerSec),
    capacity: results.map(({ capacity }) => capacity.estimatePerSec),
  };
}

function armOf({ label, settings, declaredBreaches, runs }: ArmRuns): ComparedArm {
  const results = runs.map(({ result }) => result);
  const orders = results.map(({ operations }) => operations['order']);
  const only = orders.length === 1 ? orders[0] : undefined;
  return {
    label,
    settings,
    declaredBreaches,
    runs: runs.map(({ result, folder }) => runOf(result, folder)),
    orderP90Ms: figureOf(orders.map((order) => order?.responseTimeMs.p90)),
    orderP99Ms: figureOf(orders.map((order) => order?.responseTimeMs.p99)),
    orderP99IntervalMs: only?.responseTimeMs.p99Interval ?? null,
    orders: orders.reduce((sum, order) => sum + (order?.responseTimeMs.count ?? 0), 0),
    ordersPerSec: figureOf(results.map(({ business }) => business.goodputPerSec)),
    retriesPerOrder: figureOf(results.map(retriesPerOrder)),
    lockWaitMs: figureOf(results.map(({ inventory }) => inventory?.lockWaitMsPerRequest)),
    oversoldUnits: mostOf(results.map(({ audit }) => counted(audit, audit.oversoldUnits))),
    undersoldUnits: mostOf(results.map(({ audit }) => counted(audit, audit.undersoldUnits))),
    exitCode: worstExitCode(results.map(({ exitCode }) => exitCode)).code,
  };
}

function runOf(result: RunResult, folder: string): ComparedRun {
  const { run, verdict, exitCode, reason, audit } = result;
  const { id, startedAt, planDigest } = run;
  const violated = audit.invariants.filter((one) => one.verdict === 'fail').map((one) => one.id);
  return { id, folder, startedAt, verdict, exitCode, reason, planDigest, violated };
}

function retriesPerOrder({ inventory, business }: RunResult): number | null {
  const { ordersConfirmed } = business;
  if (inventory === undefined || inventory === null) return null;
  if (ordersConfirmed === null || ordersConfirmed === 0) return null;
  return (inventory.attempts - inventory.requests) / ordersConfirmed;
}

/** Zero found by an audit that proved nothing is no finding. */
function counted(audit: RunResult['audit'], units: number): number | null {
  return audit.verdict === 'unknown' && units === 0 ? null : units;
}

function mostOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function figureOf(values: readonly (number | null | undefined)[]): ComparedFigure {
  const known = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  const upper = known[known.length >> 1];
  const lower = known[(known.length - 1) >> 1];
  if (upper === undefined || lower === undefined) return { median: null, min: null, max: null };
  return { median: (lower + upper) / 2, min: known[0] ?? null, max: known.at(-1) ?? null };
}

/** What an arm broke that its strategy does not declare. */
export function undeclaredOf(arm: ComparedArm): string[] {
  const broken = new Set(arm.runs.flatMap(({ violated }) => violated));
  return [...broken].filter((id) => !arm.declaredBreaches.includes(id));
}

function reasonOf(
  arms: readonly ComparedArm[],
  judgements: readonly Judgement[],
  margin: number,
  code: ExitCode,
): string {
  const all = arms.length;
  const broken = arms.filter(({ runs }) => runs.some(({ violated }) => violated.length > 0));
  if (broken.length > 0) {
    const names = broken.map(({ label }) => label).join(', ');
    const undeclared = broken.flatMap(undeclaredOf);
    const declared = undeclared.length === 0 ? ', each only as it declares' : '';
    return `${broken.length} of ${all} arms violated an invariant: ${names}${declared}`;
  }
  if (code === EXIT.pass || code === EXIT.regression) return judgedReason(judgements, margin, all);
  const ending = arms.filter(({ exitCode }) => exitCode === code);
  const reason = ending[0]?.runs.find(({ exitCode }) => exitCode === code)?.reason ?? '';
  if (ending.length === 0) return judgedReason(judgements, margin, all);
  return `${ending.map(({ label }) => label).join(', ')}: ${reason}`;
}

/** What the verdicts come to, where nothing else went wrong. */
function judgedReason(judgements: readonly Judgement[], margin: number, all: number): string {
  const percent = `${Number((margin * 100).toPrecision(3))} %`;
  const worse = judgements.filter(({ regression }) => regression === 'proven');
  if (worse.length > 0) {
    const each = worse.map(({ arm, metrics }) => {
      const slower = metrics.filter(({ verdict }) => verdict === 'slower');
      return `${arm} (${slower.map(({ metric }) => METRIC_NAME[metric]).join(', ')})`;
    });
    return `slower than ${worse[0]?.baseline} by more than ${percent}: ${each.join(', ')}`;
  }
  const open = judgements.filter(({ regression }) => regression === 'open');
  if (open.length > 0) {
    const names = open.map(({ arm }) => arm).join(', ');
    return `cannot tell whether slower than ${open[0]?.baseline} by more than ${percent}: ${names}`;
  }
  if (judgements.length === 0) return `all ${all} arms passed`;
  return `all ${all} arms passed, none slower than ${judgements[0]?.baseline} by more than ${percent}`;
}

function notesOf(arms: readonly ComparedArm[], samePlan: boolean): string[] {
  const notes: string[] = [];
  for (const arm of arms) notes.push(...breachNotes(arm));
  if (!samePlan) {
    notes.push('The arms were driven by different plans: what was varied changes the traffic.');
  }
  const few = arms.filter(({ orderP99Ms, runs }) => runs.length > 0 && orderP99Ms.median === null);
  if (few.length > 0) {
    const least = Math.min(...few.map(({ orders }) => orders));
    notes.push(
      `A P99 takes ${formatCount(SAMPLES_OF_A_P99)} orders a run; an arm had ${formatCount(least)}. ` +
        'Raise the rate, the time or the units on sale.',
    );
  }
  return notes;
}

function judgementNotes(arms: readonly ArmRuns[], judgements: readonly Judgement[]): string[] {
  const notes: string[] = [];
  const left = arms.flatMap(({ runs }) => runs.filter((run) => !counts(run)));
  if (left.length > 0) {
    notes.push(
      `Not judged: ${left.length === 1 ? 'a run' : `${left.length} runs`} that ended invalid, ` +
        'interrupted or in error.',
    );
  }
  if (judgements.length === 0) return notes;
  const metrics = judgements.flatMap((judgement) => judgement.metrics);
  if (arms.some(({ runs }) => runs.filter(counts).length < LEAST_RESULTS)) {
    notes.push(
      `A verdict takes ${LEAST_RESULTS} results a side, better 6: ` +
        'add --repeat 6, or give folders with several runs each.',
    );
  } else if (metrics.some(({ counted }) => Math.min(...counted) < LEAST_RESULTS)) {
    const count = formatCount(SAMPLES_OF_A_P99);
    notes.push(
      'Too few runs tell a metric. A P99 takes ' +
        `${count} operations a run, and none cut off above it: make the runs longer.`,
    );
  } else if (metrics.some(({ verdict }) => verdict === 'cannot tell')) {
    notes.push('More or longer runs narrow an interval that is too wide for a verdict.');
  }
  return notes;
}

function breachNotes(arm: ComparedArm): string[] {
  const broken = [...new Set(arm.runs.flatMap(({ violated }) => violated))];
  const { label, declaredBreaches, runs } = arm;
  if (runs.length === 0) return [`${label} was not run.`];
  if (broken.length === 0) return [];
  const undeclared = undeclaredOf(arm);
  if (undeclared.length === 0) {
    return [
      `${label} violated ${broken.join(', ')}, and declares that it may ` +
        `(${declaredBreaches.join(', ')}).`,
    ];
  }
  return [`${label} violated ${undeclared.join(', ')}, which it does not declare.`];
}
