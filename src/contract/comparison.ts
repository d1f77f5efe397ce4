/** Several runs side by side: what `ecomsim compare` prints, and writes as comparison.json. */
import type { ExitCode } from '../base/exit-codes.ts';
import type { RunResult } from './run-result.ts';

/** One figure over the runs of an arm; null where no run tells it. */
export interface ComparedFigure {
  readonly median: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

export interface ComparedRun {
  readonly id: string;
  /** Folder of the run, as a person would type it. */
  readonly folder: string;
  readonly startedAt: string;
  readonly verdict: RunResult['verdict'];
  readonly exitCode: ExitCode;
  readonly reason: string;
  readonly planDigest: string;
  /** Ids of the invariants that were violated. */
  readonly violated: readonly string[];
}

/** One of the things compared: a strategy, a profile, a stored result. */
export interface ComparedArm {
  readonly label: string;
  /** What was set for this arm alone, by profile field; `profile` where that differs. */
  readonly settings: Readonly<Record<string, string>>;
  /** Ids of the invariants that its strategy declares it may violate. */
  readonly declaredBreaches: readonly string[];
  readonly runs: readonly ComparedRun[];
  /** Outcome `ok`, response time. */
  readonly orderP90Ms: ComparedFigure;
  readonly orderP99Ms: ComparedFigure;
  /** 95 % interval of the P99; null with several runs, whose spread stands in its place. */
  readonly orderP99IntervalMs: readonly [number, number] | null;
  /** Orders with an `ok` answer in the measured time, all runs together. */
  readonly orders: number;
  readonly ordersPerSec: ComparedFigure;
  /** Further tries of the shop to take units because another came first, per confirmed order. */
  readonly retriesPerOrder: ComparedFigure;
  /** Mean wait for locks of a request for units. */
  readonly lockWaitMs: ComparedFigure;
  /** The most of any run; null where nothing is known. */
  readonly oversoldUnits: number | null;
  readonly undersoldUnits: number | null;
  /** The worst of its runs. */
  readonly exitCode: ExitCode;
}

export interface Comparison {
  readonly schemaVersion: 1;
  readonly kind: 'comparison';
  readonly scenario: string;
  /** What the arms differ in, e.g. `system.inventory.strategy`. */
  readonly varied: string;
  readonly exitCode: ExitCode;
  readonly reason: string;
  /** Every run had the very same arrivals, shoppers and choices. */
  readonly samePlan: boolean;
  readonly arms: readonly ComparedArm[];
  /** What a reader has to know before concluding anything. */
  readonly notes: readonly string[];
}
