/** From the faults that were asked for to instants of the load: a pure function of the seed. */
import { Prng } from '../base/prng.ts';
import { formatDuration } from '../base/units.ts';
import type { PlannedFault } from '../contract/fault.ts';
import type { PaymentOptions } from '../contract/profile.ts';
import { parseFault, type WantedFault } from './parse-fault.ts';

export interface FaultQuestion {
  /** `kill=at:12s`, see parse-fault.ts. */
  readonly texts: readonly string[];
  readonly seed: number;
  /** Whole load, warm-up included. */
  readonly loadMs: number;
  /** From here on it is worth while: the measured load has begun and the sale is open. */
  readonly interestingFromMs: number;
  readonly payment: PaymentOptions;
}

export interface FaultPlan {
  /** In order of time. */
  readonly faults: readonly PlannedFault[];
  /** One plain sentence each. */
  readonly problems: readonly string[];
}

/**
 * Shares of the interesting time that drawn faults lie between: with some of it before and after to
 * compare with, or where that is too short as much as there is.
 */
const WINDOWS = [
  [0.15, 0.75],
  [0, 0.95],
] as const;

export function planFaults(question: FaultQuestion): FaultPlan {
  const faults: PlannedFault[] = [];
  const problems: string[] = [];
  for (const [index, text] of question.texts.entries()) {
    const parsed = parseFault(text);
    if (parsed.fault === undefined) {
      problems.push(...parsed.problems.map((problem) => `${text}: ${problem}`));
      continue;
    }
    const { fault } = parsed;
    const instants = instantsOf(fault, index, question);
    if (typeof instants === 'string') problems.push(`${text}: ${instants}`);
    else faults.push(...instants.map((atMs) => plannedAt(atMs, fault, question)));
  }
  return { faults: faults.sort((a, b) => a.atMs - b.atMs), problems };
}

/** What is wrong with the text alone; undefined when nothing is. */
export function faultProblem(text: string): string | undefined {
  return parseFault(text).problems?.join('; ');
}

function plannedAt(atMs: number, fault: WantedFault, { payment }: FaultQuestion): PlannedFault {
  const { kind, values } = fault;
  const injection = kind.inject(values, payment);
  return { name: kind.name, atMs, forMs: kind.forMs(values), injection };
}

/** In ms of the load, or why there are none. */
function instantsOf(
  fault: WantedFault,
  index: number,
  question: FaultQuestion,
): readonly number[] | string {
  const { loadMs, interestingFromMs, seed } = question;
  const { instant, times, kind, values } = fault;
  const forMs = kind.forMs(values);
  const length = `the load is ${formatDuration(Math.round(loadMs))} long`;
  if (instant !== null) {
    const atMs = instant.kind === 'at' ? instant.atMs : instant.ratio * loadMs;
    if (atMs + forMs < loadMs) return [atMs];
    return `it would last until ${formatDuration(Math.round(atMs + forMs))}, and ${length}`;
  }
  const spanMs = loadMs - interestingFromMs;
  for (const [from, until] of WINDOWS) {
    const slotMs = (spanMs * (until - from)) / times;
    const freeMs = slotMs - forMs;
    if (!(freeMs > 0)) continue;
    const fromMs = interestingFromMs + spanMs * from;
    const prng = new Prng(seed, `fault ${index} ${kind.name}`);
    return Array.from(
      { length: times },
      (_, slot) => fromMs + slot * slotMs + prng.unit() * freeMs,
    );
  }
  const often = times === 1 ? '' : `${times} times `;
  const since = formatDuration(Math.round(interestingFromMs));
  return `${formatDuration(forMs)} ${often}does not fit between ${since} and the end: ${length}`;
}
