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

/** P99 of all operations that were ok, in ms; goodput, in orders/s; estimate of capacity. */
export type ComparedMetric = 'p99' | 'goodput' | 'capacity';

/** Beyond the margin to the better or to the worse, inside it, or none of them proven. */
export type MetricVerdict = 'faster' | 'slower' | 'same' | 'cannot tell';

export interface JudgedMetric {
  readonly metric: ComparedMetric;
  /** Results that tell it, of the baseline and of the arm. */
  readonly counted: readonly [number, number];
  readonly medians: readonly [number | null, number | null];
  /** Arm ÷ baseline: of the geometric means, of the medians where nothing can be judged. */
  readonly ratio: number | null;
  /** 95 %, for this metric alone; null where nothing can be judged, as all that follows. */
  readonly interval: readonly [number, number] | null;
  readonly verdict: MetricVerdict;
  /** Why nothing can be told; '' otherwise. */
  readonly reason: string;
  /** Of "within the margin" and of "beyond the margin", two-sided, after Holm's correction. */
  readonly beyondP: number | null;
  readonly insideP: number | null;
  /** Exact, two-sided, of "no difference": a second opinion, never a verdict. */
  readonly mannWhitneyP: number | null;
}

/** One arm against the first. */
export interface Judgement {
  readonly baseline: string;
  readonly arm: string;
  readonly regression: 'proven' | 'ruled out' | 'open';
  readonly metrics: readonly JudgedMetric[];
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
  /** The least change that matters, as a share. */
  readonly margin: number;
  /** Each arm after the first against the first. */
  readonly judgements: readonly Judgement[];
  /** What a reader has to know before concluding anything. */
  readonly notes: readonly string[];
}
