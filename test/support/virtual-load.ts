// Runs the real load loop of every shard on one virtual clock and builds the real report.
import { createVirtualClock, type VirtualClock } from '../../src/base/clock.ts';
import type { LoadClient } from '../../src/contract/call.ts';
import type { HistoryWriter } from '../../src/contract/history.ts';
import type { LoadReport } from '../../src/contract/load.ts';
import { OPERATION_NAMES } from '../../src/contract/operation.ts';
import type { Scenario } from '../../src/contract/scenario.ts';
import { LoadLoop } from '../../src/engine/load-loop.ts';
import { buildLoadReport } from '../../src/engine/load-report.ts';
import { Measurements } from '../../src/engine/measurements.ts';
import { plannedDurationUs } from '../../src/engine/phases.ts';

export const START_US = 1_000_000;

export interface VirtualLoadOptions {
  readonly scenario: Scenario;
  readonly client: (clock: VirtualClock) => LoadClient;
  readonly shards?: number;
  readonly drainMs?: number;
  readonly maxSessions?: number;
  readonly writer?: HistoryWriter;
  /** Called with the loops when virtual time reaches `atMs` after the start. */
  readonly interventions?: readonly {
    readonly atMs: number;
    readonly act: (loops: readonly LoadLoop[]) => void;
  }[];
}

export interface VirtualLoad {
  readonly report: LoadReport;
  readonly measurements: Measurements;
  /** Virtual milliseconds after the start at which the last loop had ended. */
  readonly endedMs: number;
}

const STEP_MS = 100;
const LIMIT_MS = 600_000;

export async function runVirtualLoad(options: VirtualLoadOptions): Promise<VirtualLoad> {
  const { scenario, shards = 1, drainMs = 2000, maxSessions = 100_000 } = options;
  const clock = createVirtualClock();
  const measurements = new Measurements(scenario);
  let running = shards;
  const loops = Array.from(
    { length: shards },
    (_, index) =>
      new LoadLoop({
        scenario,
        shard: { index, count: shards },
        client: options.client(clock),
        clock,
        startUs: START_US,
        drainMs,
        keyPrefix: 'test',
        maxSessions,
        spinUs: 0,
        napUs: 0,
        idleMs: () => clock.nowUs() / 1000,
        onDelta: (delta) => measurements.merge(index, structuredClone(delta)),
        dispatched: new Float64Array(OPERATION_NAMES.length * scenario.populations.length),
        ...(options.writer !== undefined && { writer: options.writer }),
      }),
  );
  for (const { atMs, act } of options.interventions ?? []) {
    clock.after(START_US / 1000 + atMs, () => act(loops));
  }
  const ends = loops.map((loop) => loop.run().then(() => running--));
  let endedMs = 0;
  for (; running > 0 && endedMs < LIMIT_MS; endedMs += STEP_MS) {
    clock.advance(STEP_MS);
    await Promise.resolve();
    await Promise.resolve();
  }
  await Promise.all(ends);
  const report = buildLoadReport({
    scenario,
    measurements,
    workers: shards,
    endUs: plannedDurationUs(scenario.phases),
    startWallMs: 1_700_000_000_000,
    stopped: 'finished',
    tightestThresholdMs: null,
    maxSessions,
    capDeclared: false,
    cpuUtilisation: 0,
    lostWorkers: [],
    dueUnreported: 0,
    historyFiles: [],
    historyLost: 0,
  });
  return { report, measurements, endedMs: endedMs - START_US / 1000 };
}
