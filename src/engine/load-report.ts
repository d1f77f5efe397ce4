/** Puts together what the coordinator gets back from the merged measurements of all workers. */
import { existsSync } from 'node:fs';
import type { GeneratorHealth, LoadReport, TimelineSample } from '../contract/load.ts';
import { OPERATION_NAMES, traitsOf } from '../contract/operation.ts';
import type { Scenario } from '../contract/scenario.ts';
import { judgeHealth } from './health.ts';
import { writeHistogramLog } from './histogram-log.ts';
import type { Measurements } from './measurements.ts';
import { MeasuredMetrics } from './metric-source.ts';
import { phaseStartsUs } from './phases.ts';
import { virtualUsersOf } from './plan-summary.ts';

export interface LoadFacts {
  readonly scenario: Scenario;
  readonly measurements: Measurements;
  readonly workers: number;
  /** End of arrivals, µs since the start: planned, or earlier when stopped. */
  readonly endUs: number;
  readonly startWallMs: number;
  readonly stopped: LoadReport['stopped'];
  readonly tightestThresholdMs: number | null;
  readonly maxSessions: number;
  readonly capDeclared: boolean;
  readonly cpuUtilisation: number;
  readonly lostWorkers: readonly string[];
  /** Journeys that were due in shards whose worker was lost, beyond what it reported. */
  readonly dueUnreported: number;
  readonly historyFiles: readonly string[];
  readonly historyLost: number;
}

/** Milliseconds of the phases of one kind that lie before `endUs`. */
function phasesMs(scenario: Scenario, measured: boolean, endUs: number): number {
  const startsUs = phaseStartsUs(scenario.phases);
  let sumUs = 0;
  scenario.phases.forEach((phase, index) => {
    if (phase.measured !== measured) return;
    const fromUs = startsUs[index] ?? 0;
    sumUs += Math.max(0, Math.min(endUs, fromUs + phase.durationMs * 1000) - fromUs);
  });
  return sumUs / 1000;
}

/** Seconds in which something was measured. */
function measuredSeconds(facts: LoadFacts, timeline: readonly TimelineSample[]): TimelineSample[] {
  const { scenario, endUs } = facts;
  const startsUs = phaseStartsUs(scenario.phases);
  return timeline.filter(({ atMs }) =>
    scenario.phases.some((phase, index) => {
      const fromMs = (startsUs[index] ?? 0) / 1000;
      const untilMs = Math.min(fromMs + phase.durationMs, endUs / 1000);
      return phase.measured && atMs < untilMs && atMs + 1000 > fromMs;
    }),
  );
}

function healthOf(facts: LoadFacts, timeline: readonly TimelineSample[]): GeneratorHealth {
  const { measurements } = facts;
  return judgeHealth({
    lag: measurements.lag,
    tightestThresholdMs: facts.tightestThresholdMs,
    seconds: measuredSeconds(facts, timeline),
    journeysDue: measurements.total('journeysDue') + facts.dueUnreported,
    journeysStarted: measurements.total('journeysStarted'),
    journeysDropped: measurements.total('journeysDropped'),
    usersEnded: measurements.total('usersEnded'),
    loadFlag: facts.scenario.model?.kind === 'closed' ? '--vus' : '--rate',
    maxSessions: facts.maxSessions,
    capDeclared: facts.capDeclared,
    cpuUtilisation: facts.cpuUtilisation,
    lostWorkers: facts.lostWorkers,
  });
}

function unitsByPopulation(facts: LoadFacts): Record<string, number> {
  return Object.fromEntries(
    facts.scenario.populations.map(({ name }, index) => [name, facts.measurements.unitsOf(index)]),
  );
}

export function buildLoadReport(facts: LoadFacts): LoadReport {
  const { scenario, measurements, endUs } = facts;
  const timeline = measurements.timeline.samples();
  const measuredMs = phasesMs(scenario, true, endUs);
  const metrics = new MeasuredMetrics(scenario, measurements, measuredMs);
  const recordedLost = measurements.lost
    .filter(({ operation }) => traitsOf(OPERATION_NAMES[operation] ?? 'home').recorded)
    .reduce((sum, { count }) => sum + count, 0);
  return {
    model: scenario.model?.kind ?? 'open',
    virtualUsers: virtualUsersOf(scenario),
    journeysDue: measurements.total('journeysDue') + facts.dueUnreported,
    journeysStarted: measurements.total('journeysStarted'),
    journeysDropped: measurements.total('journeysDropped'),
    journeysCompleted: measurements.total('journeysCompleted'),
    offeredPerSec: timeline.reduce((peak, { due }) => Math.max(peak, due), 0),
    measuredMs,
    warmupMs: phasesMs(scenario, false, endUs),
    workers: facts.workers,
    client: measurements.client(),
    metrics,
    timeline,
    health: healthOf(facts, timeline),
    unitsByPopulation: unitsByPopulation(facts),
    historyFiles: facts.historyFiles.filter((path) => existsSync(path)),
    historyLost: facts.historyLost + recordedLost,
    cutOff: measurements.total('cutOff'),
    stopped: facts.stopped,
    histogramLog: writeHistogramLog({ scenario, metrics, startWallMs: facts.startWallMs }),
  };
}
