/** One row per second: what the generator saw joined with what the target reported. */
import type { FaultSpan } from '../contract/fault.ts';
import type { TimelineSample } from '../contract/load.ts';
import type { TimelineResult } from '../contract/run-result.ts';
import type { TargetObservation } from '../contract/target.ts';
import { rounded, roundedOrNull } from './latency.ts';

const SECOND_MS = 1000;
const US_PER_MS = 1000;

export interface TimelineParts {
  readonly samples: readonly TimelineSample[];
  readonly observations: readonly TargetObservation[];
  readonly startUs: number;
  readonly faults: readonly FaultSpan[];
}

export function joinTimeline(parts: TimelineParts): TimelineResult[] {
  const readings = readingsBySecond(parts.observations, parts.startUs);
  return parts.samples.map((sample) => {
    const reading = readings.get(Math.floor(sample.atMs / SECOND_MS));
    const active = parts.faults.filter(
      (fault) => fault.fromMs < sample.atMs + SECOND_MS && fault.toMs > sample.atMs,
    );
    return {
      atMs: sample.atMs,
      due: sample.due,
      started: sample.started,
      ok: sample.counts.ok,
      refused: sample.counts.refused,
      failed: sample.counts.failed,
      unknown: sample.counts.unknown,
      p50Ms: roundedOrNull(sample.p50Ms),
      p99Ms: roundedOrNull(sample.p99Ms),
      stockLeft: reading?.stockLeft ?? null,
      heldUnits: reading?.heldUnits ?? null,
      targetCpu: reading?.targetCpu ?? null,
      generatorLagP99Ms: roundedOrNull(sample.lagP99Ms),
      waiting: reading?.waiting ?? null,
      inFlight: sample.inFlight,
      faults: active.map((fault) => fault.name),
    };
  });
}

interface Reading {
  readonly stockLeft: number;
  readonly heldUnits: number | null;
  readonly targetCpu: number | null;
  readonly waiting: number | null;
}

/** A reading taken at t tells of the second that ended just before it. */
function readingsBySecond(
  observations: readonly TargetObservation[],
  startUs: number,
): Map<number, Reading> {
  const readings = new Map<number, Reading>();
  let previous: TargetObservation | undefined;
  for (const observation of observations) {
    const atMs = (observation.atUs - startUs) / US_PER_MS;
    readings.set(Math.ceil(atMs / SECOND_MS) - 1, {
      stockLeft: observation.hotAvailable,
      heldUnits: observation.hotHeld < 0 ? null : observation.hotHeld,
      targetCpu: previous === undefined ? null : cpuBetween(previous, observation),
      waiting: observation.waitingRoom?.waiting ?? null,
    });
    previous = observation;
  }
  return readings;
}

/** Cores kept busy by the processes present in both readings; null when none is. */
export function cpuBetween(before: TargetObservation, after: TargetObservation): number | null {
  const elapsedMs = (after.atUs - before.atUs) / US_PER_MS;
  if (!(elapsedMs > 0)) return null;
  const earlier = new Map(before.processes.map((process) => [process.pid, process]));
  let usedMs = 0;
  let matched = 0;
  for (const process of after.processes) {
    const then = earlier.get(process.pid);
    if (then === undefined || process.cpuMs < then.cpuMs) continue;
    usedMs += process.cpuMs - then.cpuMs;
    matched++;
  }
  return matched === 0 ? null : rounded(usedMs / elapsedMs);
}
