/** Several runs a side → for each metric a ratio, its interval, and whether it is a real change. */
import type {
  ComparedMetric,
  JudgedMetric,
  Judgement,
  MetricVerdict,
} from '../contract/comparison.ts';
import { holmAdjusted } from '../statistics/holm.ts';
import { MAX_VALUES, mannWhitneyP } from '../statistics/mann-whitney.ts';
import { marginTest, ratioInterval } from '../statistics/welch.ts';

/** Below this the spread between runs is not known well enough for any verdict. */
export const LEAST_RESULTS = 4;
export const DEFAULT_MARGIN = 0.05;
const SIGNIFICANCE = 0.05;

/** A value for each run that counts; null where that run does not tell it. */
export type MetricValues = Readonly<Partial<Record<ComparedMetric, readonly (number | null)[]>>>;

export interface JudgedArm {
  readonly label: string;
  readonly values: MetricValues;
}

const METRICS: readonly ComparedMetric[] = ['p99', 'goodput', 'capacity'];
const MORE_IS_BETTER: readonly ComparedMetric[] = ['goodput', 'capacity'];

interface Candidate extends Pick<JudgedMetric, 'metric' | 'counted' | 'reason'> {
  readonly arm: number;
  readonly first: readonly number[];
  readonly second: readonly number[];
}

/**
 * Each arm after the first against the first. `margin` as a share. Holm's correction spans every
 * metric of every arm, once for "beyond the margin" and once for "inside it".
 */
export function judgeArms(arms: readonly JudgedArm[], margin: number): Judgement[] {
  const [baseline, ...others] = arms;
  if (baseline === undefined) return [];
  const candidates = others.flatMap((other, arm) => candidatesOf(baseline, other, arm));
  const judgeable = candidates.filter(({ reason }) => reason === '');
  const tests = judgeable.map(({ first, second }) => marginTest(first, second, margin));
  const beyond = holmAdjusted(tests.map((test) => test.beyond));
  const inside = holmAdjusted(tests.map((test) => test.inside));
  const metrics = candidates.map((candidate) => {
    const index = judgeable.indexOf(candidate);
    return index < 0
      ? notJudged(candidate)
      : judged(candidate, beyond[index] ?? 1, inside[index] ?? 1);
  });
  return others.map(({ label }, arm) => {
    const own = metrics.filter((_, i) => candidates[i]?.arm === arm);
    return {
      baseline: baseline.label,
      arm: label,
      regression: regressionOf(own, margin),
      metrics: own,
    };
  });
}

function candidatesOf(baseline: JudgedArm, other: JudgedArm, arm: number): Candidate[] {
  return METRICS.flatMap((metric) => {
    const first = known(baseline.values[metric]);
    const second = known(other.values[metric]);
    // Not every target tells a capacity; where none does, it is no open question.
    if (metric === 'capacity' && first.length + second.length === 0) return [];
    const counted: [number, number] = [first.length, second.length];
    return [{ arm, metric, counted, first, second, reason: obstacle(first, second) }];
  });
}

function known(values: readonly (number | null)[] = []): number[] {
  return values.filter((value) => value !== null);
}

function obstacle(first: readonly number[], second: readonly number[]): string {
  const fewest = Math.min(first.length, second.length);
  if (fewest < LEAST_RESULTS) return `${fewest} of the ${LEAST_RESULTS} results it takes a side`;
  if ([...first, ...second].some((value) => value <= 0)) return 'a value of 0 has no ratio';
  return '';
}

function notJudged({ metric, counted, reason, first, second }: Candidate): JudgedMetric {
  const medians: [number | null, number | null] = [medianOf(first), medianOf(second)];
  const [a, b] = medians;
  const ratio = a !== null && b !== null && a > 0 && b > 0 ? b / a : null;
  const untested = { interval: null, beyondP: null, insideP: null, mannWhitneyP: null };
  return { metric, counted, medians, ratio, verdict: 'cannot tell', reason, ...untested };
}

function judged(candidate: Candidate, beyondP: number, insideP: number): JudgedMetric {
  const { metric, counted, first, second } = candidate;
  const { ratio, low, high } = ratioInterval(first, second);
  const verdict = verdictOf(metric, ratio, beyondP, insideP);
  return {
    metric,
    counted,
    medians: [medianOf(first), medianOf(second)],
    ratio,
    interval: [low, high],
    verdict,
    reason: verdict === 'cannot tell' ? 'the runs differ too much among themselves' : '',
    beyondP,
    insideP,
    mannWhitneyP: first.length + second.length > MAX_VALUES ? null : mannWhitneyP(first, second),
  };
}

function verdictOf(
  metric: ComparedMetric,
  ratio: number,
  beyondP: number,
  insideP: number,
): MetricVerdict {
  if (beyondP <= SIGNIFICANCE) {
    return ratio > 1 === MORE_IS_BETTER.includes(metric) ? 'faster' : 'slower';
  }
  return insideP <= SIGNIFICANCE ? 'same' : 'cannot tell';
}

/** A regression is ruled out where no metric's interval reaches beyond the margin on the worse side. */
function regressionOf(metrics: readonly JudgedMetric[], margin: number): Judgement['regression'] {
  if (metrics.some(({ verdict }) => verdict === 'slower')) return 'proven';
  const isSafe = ({ metric, verdict, interval }: JudgedMetric): boolean => {
    if (verdict === 'faster' || verdict === 'same') return true;
    if (interval === null) return false;
    return MORE_IS_BETTER.includes(metric)
      ? interval[0] > 1 / (1 + margin)
      : interval[1] < 1 + margin;
  };
  return metrics.every(isSafe) ? 'ruled out' : 'open';
}

function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}
