/** Is the number ours or theirs? The verdict on the generator, by the rules that docs state. */
import { formatCount, formatMs, formatRatio } from '../base/units.ts';
import type { GeneratorHealth, TimelineSample } from '../contract/load.ts';
import type { DenseHistogram } from './dense-histogram.ts';

const LAG_FLOOR_MS = 2;
/** Share of the tightest latency threshold that the schedule may lag. */
const LAG_SHARE = 0.05;
const BUSY_LIMIT = 0.9;
const BUSY_SECONDS_FLOOR = 3;
const BUSY_SECONDS_SHARE = 0.02;
const STARTED_MIN = 0.999;
const US_PER_MS = 1000;

export interface HealthFacts {
  /** Schedule lag of the measured operations. */
  readonly lag: DenseHistogram;
  readonly tightestThresholdMs: number | null;
  /** The measured seconds, in order. */
  readonly seconds: readonly TimelineSample[];
  readonly journeysDue: number;
  readonly journeysStarted: number;
  readonly journeysDropped: number;
  /** Virtual users that stopped before their time; 0 in the open model. */
  readonly usersEnded: number;
  /** What to turn down where there is too much load. */
  readonly loadFlag: '--rate' | '--vus';
  readonly maxSessions: number;
  /** The cap on live sessions was asked for: what it drops does not count against the generator. */
  readonly capDeclared: boolean;
  /** Of the whole generator process, 1 = one core. */
  readonly cpuUtilisation: number;
  /** Workers that ended without having been asked to, in plain words. */
  readonly lostWorkers: readonly string[];
}

/** `4 s–7 s, 9 s`: the seconds in question, at most five spans. */
function spans(seconds: readonly TimelineSample[]): string {
  const texts: string[] = [];
  let from = Number.NaN;
  let until = Number.NaN;
  const close = (): void => {
    if (Number.isNaN(from)) return;
    texts.push(from === until ? `${from} s` : `${from} s–${until} s`);
  };
  for (const { atMs } of seconds) {
    const second = Math.floor(atMs / 1000);
    if (second !== until + 1) {
      close();
      from = second;
    }
    until = second;
  }
  close();
  return texts.length <= 5 ? texts.join(', ') : `${texts.slice(0, 5).join(', ')} and others`;
}

function lagReason(facts: HealthFacts): string | undefined {
  const shareMs = LAG_SHARE * (facts.tightestThresholdMs ?? 0);
  const limitMs = Math.max(LAG_FLOOR_MS, shareMs);
  const p99Ms = facts.lag.quantileUs(0.99) / US_PER_MS;
  if (!(p99Ms > limitMs)) return undefined;
  const late = facts.seconds.filter((second) => second.lagP99Ms > limitMs);
  const when = late.length === 0 ? '' : ` (worst at ${spans(late)})`;
  return (
    `schedule lag P99 was ${formatMs(p99Ms)}, more than the ${formatMs(limitMs)} allowed${when}: ` +
    `lower ${facts.loadFlag}, or give the generator a core of its own`
  );
}

function busyReason(facts: HealthFacts): string | undefined {
  const busy = facts.seconds.filter((second) => second.busyRatio > BUSY_LIMIT);
  const allowed = Math.max(BUSY_SECONDS_FLOOR, BUSY_SECONDS_SHARE * facts.seconds.length);
  if (busy.length <= allowed) return undefined;
  return (
    `a load worker was busy more than ${formatRatio(BUSY_LIMIT)} of the time in ` +
    `${busy.length} of ${facts.seconds.length} seconds (${spans(busy)}): ` +
    `use more --workers if there are idle cores, else lower ${facts.loadFlag}`
  );
}

function startedReason(facts: HealthFacts): string | undefined {
  const { journeysDue, journeysStarted, journeysDropped } = facts;
  const handled = journeysStarted + (facts.capDeclared ? journeysDropped : 0);
  if (handled >= STARTED_MIN * journeysDue) return undefined;
  const missing = formatCount(journeysDue - journeysStarted);
  const dropped =
    journeysDropped === 0
      ? ''
      : ` (${formatCount(journeysDropped)} of them because ` +
        `${formatCount(facts.maxSessions)} sessions were live)`;
  return (
    `${missing} of ${formatCount(journeysDue)} journeys due were not started${dropped}: ` +
    'lower --rate, or use more --workers if there are idle cores'
  );
}

function usersReason({ usersEnded }: HealthFacts): string | undefined {
  if (usersEnded === 0) return undefined;
  return (
    `${formatCount(usersEnded)} virtual users stopped before their time, because a run numbers at ` +
    'most 2^32 journeys: use fewer users, a shorter --duration, or journeys that last longer'
  );
}

export function judgeHealth(facts: HealthFacts): GeneratorHealth {
  const reasons = [
    ...facts.lostWorkers,
    lagReason(facts),
    busyReason(facts),
    startedReason(facts),
    usersReason(facts),
  ].filter((reason) => reason !== undefined);
  const { lag, seconds } = facts;
  const inMs = (us: number): number => (Number.isFinite(us) ? us / US_PER_MS : 0);
  const busySum = seconds.reduce((sum, second) => sum + second.busyRatio, 0);
  return {
    verdict: reasons.length === 0 ? 'valid' : 'invalid',
    reasons,
    lagMs: {
      p50: inMs(lag.quantileUs(0.5)),
      p99: inMs(lag.quantileUs(0.99)),
      max: inMs(lag.maxUs()),
    },
    cpuUtilisation: facts.cpuUtilisation,
    busyRatio: seconds.length === 0 ? 0 : busySum / seconds.length,
  };
}
