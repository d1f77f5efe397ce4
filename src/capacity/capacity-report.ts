/** What a search of windows comes to: the figures at the claim, and what a command ends with. */
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import type { CapacityReport, MeasuredWindow } from '../contract/capacity.ts';
import type { SearchFindings } from './search/capacity-search.ts';

/** Windows within this factor of the claim tell what it means in requests and orders. */
const NEAR_CLAIM = 1.25;
/** A soak proves claims up to this factor above its own rate: rates have four digits. */
const SOAKED = 1.02;
/** A soak this far below the claim is too old to speak for it. */
const STALE = 1.25;

export interface SearchedCapacity {
  readonly run: CapacityReport['run'];
  readonly windows: readonly MeasuredWindow[];
  readonly findings: SearchFindings;
  readonly ending: CapacityReport['ending'];
}

export function capacityReportOf(searched: SearchedCapacity): CapacityReport {
  const { run, windows, findings, ending } = searched;
  const { claimPerSec, isSoaked } = soakedClaim(windows, findings.claimPerSec);
  const unjudged = neverJudged(windows);
  const figures = {
    claimPerSec,
    isSoaked,
    isLowerBound: findings.isLowerBound,
    q50PerSec: findings.q50PerSec,
    intervalPerSec: findings.intervalPerSec,
    requestsPerSec: atClaim(windows, claimPerSec, ({ requestsPerSec }) => requestsPerSec),
    ordersPerSec: atClaim(windows, claimPerSec, ({ ordersPerSec }) => ordersPerSec),
    bindingConstraint: findings.bindingConstraint,
    limitingResource: limitingNear(windows, claimPerSec),
    constraints: findings.constraints,
    unjudged,
    monotoneP: findings.monotoneP,
    windows,
  };
  const { exitCode, reason } = conclusionOf(searched, isSoaked, unjudged);
  return { schemaVersion: 1, kind: 'capacity', exitCode, reason, ending, run, ...figures };
}

/**
 * What passes less often than asked at one rate does so at all above it: a claim that has grown since
 * its soak is stated at the highest rate a soak has proven, not above.
 */
function soakedClaim(
  windows: readonly MeasuredWindow[],
  claimPerSec: number | null,
): Pick<CapacityReport, 'claimPerSec' | 'isSoaked'> {
  if (claimPerSec === null) return { claimPerSec, isSoaked: false };
  const soaks = windows.filter(({ kind }) => kind === 'soak');
  const ratesOf = (verdict: MeasuredWindow['verdict']): number[] =>
    soaks
      .filter((one) => one.verdict === verdict)
      .map(({ ratePerSec, machineSpeed }) => ratePerSec / machineSpeed);
  const failedAt = Math.min(...ratesOf('fail'));
  const proven = ratesOf('pass').filter(
    (rate) => rate < failedAt && rate <= claimPerSec * SOAKED && rate >= claimPerSec / STALE,
  );
  if (proven.length === 0) return { claimPerSec, isSoaked: false };
  return { claimPerSec: Math.min(claimPerSec, Math.max(...proven) * SOAKED), isSoaked: true };
}

/** Names that valid windows read and none could judge. */
function neverJudged(windows: readonly MeasuredWindow[]): string[] {
  const judged = new Map<string, boolean>();
  for (const { constraints, verdict } of windows) {
    if (verdict === 'invalid') continue;
    for (const { name, ok } of constraints) judged.set(name, judged.get(name) || ok !== null);
  }
  return [...judged].flatMap(([name, ever]) => (ever ? [] : [name]));
}

/** The median of figure ÷ rate over the valid windows near the claim, times the claim. */
function atClaim(
  windows: readonly MeasuredWindow[],
  claimPerSec: number | null,
  figureOf: (window: MeasuredWindow) => number | null,
): number | null {
  if (claimPerSec === null) return null;
  const ratios = near(windows, claimPerSec)
    .flatMap((window) => {
      const figure = figureOf(window);
      return figure === null ? [] : [figure / window.ratePerSec];
    })
    .sort((a, b) => a - b);
  const median = ratios[Math.floor(ratios.length / 2)];
  return median === undefined ? null : median * claimPerSec;
}

function near(windows: readonly MeasuredWindow[], claimPerSec: number): MeasuredWindow[] {
  return windows.filter(({ verdict, ratePerSec }) => {
    const ratio = ratePerSec / claimPerSec;
    return verdict !== 'invalid' && ratio <= NEAR_CLAIM && ratio >= 1 / NEAR_CLAIM;
  });
}

/** What most runs near the claim took for the first resource to be used up. */
function limitingNear(
  windows: readonly MeasuredWindow[],
  claimPerSec: number | null,
): string | null {
  if (claimPerSec === null) return null;
  const counts = new Map<string, number>();
  for (const { limitingResource } of near(windows, claimPerSec)) {
    if (limitingResource === null) continue;
    counts.set(limitingResource, (counts.get(limitingResource) ?? 0) + 1);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most?.[0] ?? null;
}

interface Conclusion {
  readonly exitCode: ExitCode;
  readonly reason: string;
}

function conclusionOf(
  { windows, findings, ending }: SearchedCapacity,
  isSoaked: boolean,
  unjudged: readonly string[],
): Conclusion {
  const spoilt = withoutFigures(windows, ending);
  if (spoilt !== undefined) return spoilt;
  const inconclusive = (reason: string): Conclusion => ({ exitCode: EXIT.inconclusive, reason });
  if (findings.claimPerSec === null) {
    return inconclusive('The budget ended before any rate could be claimed');
  }
  if (unjudged.length > 0) {
    return inconclusive(
      `No window was long enough to judge ${unjudged.join(', ')}; the claim leaves that out`,
    );
  }
  if (!isSoaked && !findings.isLowerBound) {
    return inconclusive('The budget ended before the claim had passed a longer window');
  }
  return { exitCode: EXIT.pass, reason: found(ending) };
}

function found(ending: CapacityReport['ending']): string {
  if (ending === 'generator-limited') return 'The generator gave out first: a lower bound';
  if (ending === 'highest-allowed') return 'Nothing failed up to the highest rate allowed';
  if (ending === 'found') return 'The capacity was found as narrowly as asked';
  return 'The budget ended: the interval is wider than asked';
}

/** Ends at which figures, if there are any, are not believed. */
function withoutFigures(
  windows: readonly MeasuredWindow[],
  ending: CapacityReport['ending'],
): Conclusion | undefined {
  switch (ending) {
    case 'interrupted':
      return {
        exitCode: EXIT.interrupted,
        reason: 'Interrupted; the windows until then are shown',
      };
    case 'incorrect': {
      const wrong = windows.at(-1);
      const at = wrong === undefined ? '' : ` at ${wrong.ratePerSec}/s (${wrong.reason})`;
      return { exitCode: EXIT.invariantViolated, reason: `The sale was not correct${at}` };
    }
    case 'fails-at-lowest': {
      const lowest = windows.at(-1);
      const at = lowest === undefined ? '' : `, even at ${lowest.ratePerSec}/s: ${lowest.reason}`;
      return { exitCode: EXIT.thresholdFailed, reason: `Every rate failed${at}` };
    }
    case 'machine-too-noisy':
      return {
        exitCode: EXIT.generatorInvalid,
        reason:
          'The machine is too noisy: too many windows were spoilt at rates it had kept before',
      };
    case 'nothing-judged':
      return {
        exitCode: EXIT.generatorInvalid,
        reason: 'The generator was valid in no window, so nothing is known of the target',
      };
    default:
      return undefined;
  }
}
