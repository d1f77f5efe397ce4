/** Runs the real engine against the truth server, one case after the other, and compares. */

import type { Clock } from '../base/clock.ts';
import { CLIENT_DEFAULTS } from '../contract/call.ts';
import type { LoadReport } from '../contract/load.ts';
import type { LoadHandle } from '../engine/load-handle.ts';
import { startLoad } from '../engine/load-run.ts';
import { summarisePlan } from '../engine/plan-summary.ts';
import { type LatencyCase, measuredFromMs, scenarioOf } from './cases.ts';
import {
  type CountCell,
  compareCounts,
  compareLatency,
  type LatencyCell,
  trueQuantile,
} from './compare.ts';
import { type Truth, truthOf } from './truth.ts';
import { TruthServerChild } from './truth-server-child.ts';

const SERVER_ENTRY = new URL('./truth-server-process.js', import.meta.url);
/** Between readiness and intended time 0. */
const LEAD_US = 200_000;
const DRAIN_MS = 3000;
const TIMEOUT_MS = 5000;

export interface CaseResult {
  readonly latency: LatencyCase;
  readonly truth: Truth;
  readonly counts: readonly CountCell[];
  readonly response: readonly LatencyCell[];
  readonly service: readonly LatencyCell[];
  readonly health: LoadReport['health'];
  /** P99 by which the server's timers were late. */
  readonly timerLatenessMs: number;
}

export interface LatencySelftestOptions {
  readonly cases: readonly LatencyCase[];
  readonly clock: Clock;
  /** Called before each case. */
  readonly onCase: (latency: LatencyCase, index: number) => void;
  /** Compiled files, for a caller that does not run from where they were built. */
  readonly workerUrl?: URL;
  readonly serverUrl?: URL;
}

export class LatencySelftest {
  readonly #options: LatencySelftestOptions;
  #handle: LoadHandle | undefined;
  #stopped = false;

  constructor(options: LatencySelftestOptions) {
    this.#options = options;
  }

  /** The case under way is given up; what was finished before it is the result. */
  stop(): void {
    this.#stopped = true;
    this.#handle?.abort();
  }

  /** Throws EcomsimError when the truth server or a load worker cannot be started or dies. */
  async run(): Promise<CaseResult[]> {
    const { cases, onCase, serverUrl = SERVER_ENTRY } = this.#options;
    const server = await TruthServerChild.start(serverUrl);
    const results: CaseResult[] = [];
    try {
      for (const [index, latency] of cases.entries()) {
        onCase(latency, index);
        const result = await this.#runCase(latency, server);
        if (this.#stopped) break;
        results.push(result);
      }
    } finally {
      this.#handle?.abort();
      server.close();
    }
    return results;
  }

  async #runCase(latency: LatencyCase, server: TruthServerChild): Promise<CaseResult> {
    const { clock } = this.#options;
    await server.play(latency.script);
    const handle = await this.#startLoad(latency, server.origin);
    this.#handle = handle;
    if (this.#stopped) handle.abort();
    const startUs = Math.round(clock.nowUs() + LEAD_US);
    if (latency.freeze !== null) {
      const fromUs = startUs + latency.freeze.atMs * 1000;
      server.freeze(fromUs, fromUs + latency.freeze.forMs * 1000);
    }
    handle.begin(startUs);
    const report = await server.whileAlive(handle.finished);
    this.#handle = undefined;
    const served = await server.collect();
    return judge(latency, report, truthOf({ latency, startUs, served }));
  }

  #startLoad(latency: LatencyCase, origin: string): Promise<LoadHandle> {
    const { clock, workerUrl } = this.#options;
    const scenario = scenarioOf(latency);
    const { customers } = summarisePlan(scenario);
    return startLoad({
      order: {
        scenario,
        client: {
          ...CLIENT_DEFAULTS,
          kind: 'null',
          origin,
          skus: scenario.catalogue.map(({ sku }) => sku),
          tokens: Array.from({ length: customers }, (_, number) => String(number)),
          maxConnections: latency.maxConnections,
          timeoutMs: TIMEOUT_MS,
        },
        drainMs: DRAIN_MS,
        history: 'off',
        historyDir: '',
        keyPrefix: 'selftest',
      },
      clock,
      workers: 1,
      tightestThresholdMs: null,
      ...(workerUrl !== undefined && { workerUrl }),
    });
  }
}

function judge(latency: LatencyCase, report: LoadReport, truth: Truth): CaseResult {
  const { metrics, health } = report;
  return {
    latency,
    truth,
    counts: compareCounts(metrics.counts({}), truth.counts),
    response: compareLatency(metrics.latency({ outcome: 'ok' }, 'response'), truth.responseMs),
    service: compareLatency(metrics.latency({ outcome: 'ok' }, 'service'), truth.serviceMs),
    health,
    timerLatenessMs: trueQuantile(truth.timerLatenessMs, 0.99),
  };
}

/** How long it takes, warm-ups included. */
export function plannedMs(cases: readonly LatencyCase[]): number {
  return cases.reduce((sum, latency) => sum + measuredFromMs(latency) + latency.measuredMs, 0);
}
