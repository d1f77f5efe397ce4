/**
 * How fair the waiting room was: the order of admission against the order of arrival, once as the
 * shop's own book has it and once as its visitors saw it, and how long each population waited.
 */
import { countInversions } from '../base/inversions.ts';
import type { History } from '../contract/history.ts';
import type { AdmissionRow } from '../contract/ledger.ts';
import type { WaitingRoomResult, WaitResult } from '../contract/run-result.ts';
import { enoughFor, rounded } from './latency.ts';

/** From the first request for a place to the answer that admits, in µs of the history. */
interface Wait {
  readonly population: number;
  readonly fromUs: number;
  /** Infinity: never admitted. */
  readonly untilUs: number;
}

export function queueFairness(parts: {
  /** Absent: the book could not be read. */
  readonly book: readonly AdmissionRow[] | undefined;
  readonly history: History;
  /** Names by index. */
  readonly populations: readonly string[];
}): WaitingRoomResult {
  const { book = [], history, populations } = parts;
  const admitted = book.filter(({ admittedSeq }) => admittedSeq > 0);
  const waits = waitsIn(history);
  const told = waits.filter(({ untilUs }) => Number.isFinite(untilUs));
  const byPopulation = populations.flatMap((name, population) => {
    const own = waits.filter((wait) => wait.population === population);
    return own.length === 0 ? [] : [[name, { waits: own.length, waitMs: waitResult(own) }]];
  });
  return {
    places: book.length,
    admitted: admitted.length,
    neverAdmitted: book.length - admitted.length,
    unusedTokens: admitted.filter(({ uses }) => uses === 0).length,
    ...orderOf(admitted),
    seenInversionShare: inversionShare(
      told.sort((a, b) => a.fromUs - b.fromUs).map(({ untilUs }) => untilUs),
    ),
    waitMs: waitResult(waits),
    byPopulation: Object.fromEntries(byPopulation),
  };
}

function orderOf(
  admitted: readonly AdmissionRow[],
): Pick<WaitingRoomResult, 'inversionShare' | 'displacementP99' | 'displacementMax'> {
  const byArrival = admitted.toSorted((a, b) => a.joinedSeq - b.joinedSeq);
  const byAdmission = admitted.toSorted((a, b) => a.admittedSeq - b.admittedSeq);
  const rankOf = new Map(byAdmission.map(({ joinedSeq }, rank) => [joinedSeq, rank]));
  const shifts = byArrival
    .map(({ joinedSeq }, rank) => Math.abs((rankOf.get(joinedSeq) ?? rank) - rank))
    .sort((a, b) => a - b);
  return {
    inversionShare: inversionShare(byArrival.map(({ admittedSeq }) => admittedSeq)),
    displacementP99: quantile(shifts, 0.99),
    displacementMax: shifts.at(-1) ?? null,
  };
}

/** Of all pairs; null without a pair. */
function inversionShare(inOrderOfArrival: readonly number[]): number | null {
  const n = inOrderOfArrival.length;
  if (n < 2) return null;
  const share = countInversions(inOrderOfArrival) / ((n * (n - 1)) / 2);
  // One pair among thousands of people is still to be seen.
  return Math.round(share * 1e9) / 1e9;
}

/** Of one journey the records stand in the order of its steps. */
function waitsIn(history: History): Wait[] {
  const open = new Map<number, { population: number; fromUs: number }>();
  const waits: Wait[] = [];
  history.forEach(({ operation, outcome, reason, journey, population, invokedUs, doneUs }) => {
    if (operation !== 'joinQueue' && operation !== 'queueStatus') return;
    const since = open.get(journey);
    if (outcome === 'ok' && reason === 'none') {
      waits.push({ population, fromUs: since?.fromUs ?? invokedUs, untilUs: doneUs });
      open.delete(journey);
    } else if (since === undefined && operation === 'joinQueue') {
      open.set(journey, { population, fromUs: invokedUs });
    }
  });
  for (const wait of open.values()) waits.push({ ...wait, untilUs: Number.POSITIVE_INFINITY });
  return waits;
}

function waitResult(waits: readonly Wait[]): WaitResult {
  const ms = waits
    .filter(({ untilUs }) => Number.isFinite(untilUs))
    .map(({ fromUs, untilUs }) => (untilUs - fromUs) / 1000)
    .sort((a, b) => a - b);
  const mean = ms.reduce((sum, one) => sum + one, 0) / ms.length;
  return {
    count: ms.length,
    mean: ms.length === 0 ? null : rounded(mean),
    p50: quantile(ms, 0.5),
    p90: quantile(ms, 0.9),
    p99: quantile(ms, 0.99),
    max: ms.length === 0 ? null : rounded(ms.at(-1) as number),
  };
}

/** Null with too few samples beyond it to stand for anything. */
function quantile(sorted: readonly number[], q: number): number | null {
  if (!enoughFor(sorted.length, q)) return null;
  return rounded(sorted[Math.ceil(sorted.length * q) - 1] as number);
}
