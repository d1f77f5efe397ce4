/** Lays the target's once-a-second readings over the generator's timeline. */
import type { TimelineSample } from '../contract/load.ts';
import type { ProcessUsage, TargetObservation } from '../contract/target.ts';
import type { ProcessBusy, UtilisationSample } from './resources.ts';

const SECOND_MS = 1000;
const US_PER_MS = 1000;
/** Readings farther apart than this hide what happened between them. */
const MAX_GAP_MS = 3000;

export interface CapacityParts {
  readonly timeline: readonly TimelineSample[];
  readonly observations: readonly TargetObservation[];
  /** The host-wide instant of load offset 0. */
  readonly startUs: number;
  /** Seconds before this are left out: code still being compiled costs more per request. */
  readonly warmupMs: number;
}

/**
 * One sample per pair of neighbouring readings. Counts of a timeline second that lies partly in the
 * pair are taken in proportion.
 */
export function capacitySamples(parts: CapacityParts): UtilisationSample[] {
  const seconds = new Map(parts.timeline.map((second) => [secondOf(second.atMs), second]));
  const samples: UtilisationSample[] = [];
  let before: TargetObservation | undefined;
  for (const after of parts.observations) {
    if (before !== undefined) {
      const sample = between({ ...parts, seconds }, before, after);
      if (sample !== undefined) samples.push(sample);
    }
    before = after;
  }
  return samples;
}

function secondOf(atMs: number): number {
  return Math.floor(atMs / SECOND_MS);
}

interface Surroundings extends CapacityParts {
  readonly seconds: ReadonlyMap<number, TimelineSample>;
}

function between(
  { seconds, startUs, warmupMs }: Surroundings,
  before: TargetObservation,
  after: TargetObservation,
): UtilisationSample | undefined {
  const fromMs = (before.atUs - startUs) / US_PER_MS;
  const toMs = (after.atUs - startUs) / US_PER_MS;
  const elapsedMs = toMs - fromMs;
  if (!(elapsedMs > 0) || elapsedMs > MAX_GAP_MS || fromMs < warmupMs) return undefined;
  let journeys = 0;
  let requests = 0;
  let covered = 0;
  for (let index = secondOf(fromMs); index <= secondOf(toMs); index++) {
    const second = seconds.get(index);
    if (second === undefined) continue;
    const { atMs, started, counts } = second;
    const share = (Math.min(toMs, atMs + SECOND_MS) - Math.max(fromMs, atMs)) / SECOND_MS;
    if (share <= 0) continue;
    covered += share * SECOND_MS;
    journeys += started * share;
    requests += (counts.ok + counts.refused + counts.failed + counts.unknown) * share;
  }
  if (covered < elapsedMs / 2) return undefined;
  const perSecond = SECOND_MS / elapsedMs;
  return {
    journeys: journeys * perSecond,
    requests: requests * perSecond,
    orders: Math.max(0, after.ordersConfirmed - before.ordersConfirmed) * perSecond,
    elapsedMs,
    processes: busyOf(before.processes, after.processes),
  };
}

/** A process that was restarted in between has no reading to compare with and is left out. */
function busyOf(before: readonly ProcessUsage[], after: readonly ProcessUsage[]): ProcessBusy[] {
  return after.flatMap((now) => {
    const then = before.find((process) => process.pid === now.pid);
    if (then === undefined || now.cpuMs < then.cpuMs) return [];
    return [
      {
        name: now.name,
        cpuMs: now.cpuMs - then.cpuMs,
        loopBusyMs: Math.max(0, now.loopBusyMs - then.loopBusyMs),
        storeBusyMs: Math.max(0, now.storeBusyMs - then.storeBusyMs),
      },
    ];
  });
}
