/** What the coordinator holds while load is generated, whether in threads or in its own. */
import type { Clock } from '../base/clock.ts';
import type { LoadOrder, LoadReport, TimelineSample } from '../contract/load.ts';

/** The order without its start: workers connect and warm up before the start is fixed. */
export type LoadPreparation = Omit<LoadOrder, 'startUs'>;

export interface StartLoadOptions {
  readonly order: LoadPreparation;
  readonly clock: Clock;
  /** Number of load worker threads, at least 1. */
  readonly workers: number;
  /** The tightest latency threshold of the run: schedule lag is judged by it. Null for none. */
  readonly tightestThresholdMs: number | null;
  /** Called about once a second with the last finished second; later answers may still change it. */
  readonly onSample?: (sample: TimelineSample) => void;
  /** Cap on concurrently live sessions of all workers; what exceeds it is dropped and counted. */
  readonly maxSessions?: number;
  /** Compiled entry of the load worker; `load-worker.js` beside the engine by default. */
  readonly workerUrl?: URL;
}

export interface LoadHandle {
  /**
   * Fixes intended time 0 (host-wide µs, in the future: 200 ms are enough). Call it once; what
   * needs T0, such as announcing the sale, can be done between readiness and this.
   */
  begin(startUs: number): void;
  /** Ctrl-C once: no further arrivals, operations in flight are drained. */
  stop(): void;
  /** Ctrl-C twice: operations in flight are cut off at once. */
  abort(): void;
  /** The target ended by itself: arrivals stop and the drain is short. */
  targetDied(reason: string): void;
  /** Resolves when all is merged; never rejects for operating errors. */
  readonly finished: Promise<LoadReport>;
}
