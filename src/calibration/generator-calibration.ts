/**
 * What one load worker can do on this machine: its ceiling, beside another generator in the same
 * minute, and the highest rate at which it keeps its own schedule. The real engine in a real worker
 * thread, over real HTTP, with decoding and recording, against a server that does nothing.
 */
import type { Clock } from '../base/clock.ts';
import { EcomsimError } from '../base/errors.ts';
import { CLIENT_DEFAULTS } from '../contract/call.ts';
import type { LoadReport } from '../contract/load.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { LoadHandle } from '../engine/load-handle.ts';
import { startLoad } from '../engine/load-run.ts';
import { summarisePlan } from '../engine/plan-summary.ts';
import { loadAt, saturatingLoad } from './generator-load.ts';
import { type HighestValid, highestValid } from './highest-valid.ts';
import { NoopServerChild } from './noop-server-child.ts';

export const CONNECTIONS = 64;
/** Between readiness and intended time 0. */
const LEAD_US = 200_000;
const DRAIN_MS = 2000;
const BUSY_MAX = 0.9;

export interface CalibrationSize {
  /** Times that both generators are measured, one after the other. */
  readonly pairs: number;
  readonly saturatedMs: number;
  readonly halvings: number;
  readonly confirmations: number;
  /** Of one trial of a rate. */
  readonly trialMs: number;
}

export const FULL: CalibrationSize = {
  pairs: 3,
  saturatedMs: 3000,
  halvings: 6,
  confirmations: 3,
  trialMs: 4000,
};
/** Coarser, for a first idea. */
export const QUICK: CalibrationSize = {
  pairs: 1,
  saturatedMs: 2000,
  halvings: 3,
  confirmations: 2,
  trialMs: 2000,
};

export interface GeneratorCalibration {
  /** Requests per second of one worker, as fast as it goes; one figure for each pair. */
  readonly ceilingsPerSec: readonly number[];
  /** The other generator's, in the same order; it reads no bodies. */
  readonly yardsticksPerSec: readonly number[];
  readonly valid: HighestValid;
}

export interface CalibrationOptions {
  readonly size: CalibrationSize;
  readonly clock: Clock;
  /** Requests per second of another generator against the same server. */
  readonly yardstick: (load: {
    readonly url: string;
    readonly connections: number;
    readonly durationMs: number;
  }) => Promise<number>;
  readonly onStep: (text: string) => void;
}

export class Calibration {
  readonly #options: CalibrationOptions;
  #handle: LoadHandle | undefined;
  #stopped = false;

  constructor(options: CalibrationOptions) {
    this.#options = options;
  }

  /** Ends what is under way; `run` then resolves with undefined. */
  stop(): void {
    this.#stopped = true;
    this.#handle?.abort();
  }

  /** Throws EcomsimError when the server or the load worker cannot be started or dies. */
  async run(): Promise<GeneratorCalibration | undefined> {
    const server = await NoopServerChild.start();
    try {
      return await server.whileAlive(this.#measure(server));
    } finally {
      this.#handle?.abort();
      server.close();
    }
  }

  async #measure(server: NoopServerChild): Promise<GeneratorCalibration | undefined> {
    const { size, yardstick, onStep } = this.#options;
    const ceilingsPerSec: number[] = [];
    const yardsticksPerSec: number[] = [];
    const url = `${server.origin}/api/home`;
    for (let pair = 1; pair <= size.pairs && !this.#stopped; pair++) {
      onStep(`as fast as it goes, ${pair} of ${size.pairs}`);
      const report = await this.#drive(saturatingLoad(size.saturatedMs), server);
      ceilingsPerSec.push(requestsPerSec(report));
      if (this.#stopped) break;
      const load = { url, connections: CONNECTIONS, durationMs: size.saturatedMs };
      yardsticksPerSec.push(await yardstick(load));
    }
    if (this.#stopped) return undefined;
    const ceilingPerSec = medianOf(ceilingsPerSec);
    if (!(ceilingPerSec > 0)) {
      throw new EcomsimError('TARGET_BAD_ANSWER', 'the generator got no answer; run it again');
    }
    const bisection = { ...size, ceilingPerSec };
    const valid = await highestValid(bisection, (perSec) => this.#isValid(perSec, server));
    return this.#stopped ? undefined : { ceilingsPerSec, yardsticksPerSec, valid };
  }

  async #isValid(perSec: number, server: NoopServerChild): Promise<boolean> {
    if (this.#stopped) return false;
    this.#options.onStep(`on schedule at ${Math.round(perSec)} requests/s?`);
    const report = await this.#drive(loadAt(perSec, this.#options.size.trialMs), server);
    // Trials are too short for the rule on busy seconds to speak; a whole run would hear of it.
    return report.health.verdict === 'valid' && report.health.busyRatio <= BUSY_MAX;
  }

  async #drive(scenario: Scenario, server: NoopServerChild): Promise<LoadReport> {
    const { clock } = this.#options;
    const { customers } = summarisePlan(scenario);
    const handle = await startLoad({
      order: {
        scenario,
        client: {
          ...CLIENT_DEFAULTS,
          kind: 'null',
          origin: server.origin,
          skus: scenario.catalogue.map(({ sku }) => sku),
          tokens: Array.from({ length: customers }, (_, number) => `customer-${number}`),
          maxConnections: CONNECTIONS,
        },
        drainMs: DRAIN_MS,
        history: 'off',
        historyDir: '',
        keyPrefix: 'calibrate',
      },
      clock,
      workers: 1,
      tightestThresholdMs: null,
    });
    this.#handle = handle;
    if (this.#stopped) handle.abort();
    handle.begin(clock.nowUs() + LEAD_US);
    const report = await handle.finished;
    this.#handle = undefined;
    return report;
  }
}

function requestsPerSec({ metrics, measuredMs }: LoadReport): number {
  return measuredMs > 0 ? (metrics.attempts({}) * 1000) / measuredMs : 0;
}

/** The middle value; of an even number the lower of the two in the middle; NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
