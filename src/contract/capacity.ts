/** What passes between the search for a capacity, whoever measures its windows, and its report. */
import type { ExitCode } from '../base/exit-codes.ts';
import type { RunResult } from './run-result.ts';

/** Why a window was run: to find the region, to narrow it, or to try the claim for longer. */
export type WindowKind = 'ramp' | 'search' | 'soak';

/** `invalid` says nothing about the target: the generator or the machine was not up to it. */
export type WindowVerdict = 'pass' | 'fail' | 'invalid';

/**
 * What a window must satisfy: a threshold's expression, or one of `completed` (done ÷ offered),
 * `in-flight` (does not grow), `correct` (no unit oversold, nothing charged twice or lost) and
 * `generator` (on schedule).
 */
export interface ConstraintReading {
  readonly name: string;
  /** Null: could not be judged in this window, e.g. for want of samples. */
  readonly ok: boolean | null;
  /** In the unit of the constraint: ms for a latency, a share for a ratio; null: nothing was seen. */
  readonly observed: number | null;
}

/** The load held at one rate for a while, as the search sees it. */
export interface CapacityWindow {
  readonly kind: WindowKind;
  /** Journeys due per second. */
  readonly ratePerSec: number;
  readonly verdict: WindowVerdict;
  readonly constraints: readonly ConstraintReading[];
  /** Speed of the machine by the reference probe that belongs to it; 1: as at the start. */
  readonly machineSpeed: number;
}

/** What the windows say about one constraint, in journeys per second. */
export interface ConstraintCapacity {
  readonly name: string;
  /** The rate that passes half of all windows. */
  readonly q50PerSec: number;
  /** 90 % credible interval of it. */
  readonly intervalPerSec: readonly [number, number];
  /** Highest rate that passes ≥ 80 % of windows with 95 % posterior probability; null: none does. */
  readonly claimPerSec: number | null;
  /** Windows in which it was judged, and in which it failed. */
  readonly judged: number;
  readonly failed: number;
}

export type CapacityEnding =
  | 'found'
  /** The budget ended before the interval was as narrow as asked. */
  | 'budget'
  /** Nothing failed below what the generator can offer: the claim is a lower bound. */
  | 'generator-limited'
  /** Nothing failed up to the highest rate allowed: the claim is a lower bound. */
  | 'highest-allowed'
  /** Every rate failed, down to the lowest. */
  | 'fails-at-lowest'
  | 'machine-too-noisy'
  /** An invariant was violated. */
  | 'incorrect'
  /** No window said anything about the target. */
  | 'nothing-judged';

/** A window with what its run measured beside the verdict. */
export interface MeasuredWindow extends CapacityWindow {
  /** Of the load at the rate, without warm-up. */
  readonly lengthMs: number;
  /** What failed, or why it says nothing; '' when it passed. */
  readonly reason: string;
  readonly requestsPerSec: number;
  readonly ordersPerSec: number | null;
  /** Response time of all `ok` requests. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** What the run by itself took for the first resource to be used up. */
  readonly limitingResource: string | null;
  /** Folder of the run, and the command that repeats it. */
  readonly folder: string;
  readonly command: string;
}

/** What was searched, how and where; two searches alike in all of it may be joined. */
export interface CapacityRun {
  readonly id: string;
  readonly scenario: string;
  readonly profile: string;
  readonly seed: number;
  readonly startedAt: string;
  readonly command: string;
  readonly tool: RunResult['run']['tool'];
  readonly machine: RunResult['run']['machine'];
  /** SHA-256 (hex) of the whole profile and of what else decides how a window is measured. */
  readonly settingsDigest: string;
  readonly startPerSec: number;
  readonly highestPerSec: number;
  readonly targetWidth: number;
  readonly windowMs: number;
  readonly soakMs: number;
  readonly budgetMs: number;
  /** Of this search alone, without windows kept from an earlier one. */
  readonly durationMs: number;
}

/** capacity.json, schema version 1: rates are journeys per second of the scenario's mix. */
export interface CapacityReport {
  readonly schemaVersion: 1;
  readonly kind: 'capacity';
  readonly exitCode: ExitCode;
  /** One plain sentence. */
  readonly reason: string;
  readonly ending: CapacityEnding | 'interrupted';
  readonly run: CapacityRun;
  /** Passes ≥ 80 % of windows with 95 % probability, by what was measured; null: nothing does. */
  readonly claimPerSec: number | null;
  /** A longer window at the claim, not among those it was found by, passed. */
  readonly isSoaked: boolean;
  /** The figures are lower bounds: nothing of the target failed. */
  readonly isLowerBound: boolean;
  /** The rate that passes half of all windows, and its 90 % credible interval. */
  readonly q50PerSec: number | null;
  readonly intervalPerSec: readonly [number, number] | null;
  /** At the claim, in this mix. */
  readonly requestsPerSec: number | null;
  readonly ordersPerSec: number | null;
  readonly bindingConstraint: string | null;
  readonly limitingResource: string | null;
  readonly constraints: readonly ConstraintCapacity[];
  /** Thresholds that no window could judge, mostly for want of samples: the claim leaves them out. */
  readonly unjudged: readonly string[];
  /** Probability of verdicts as uneven as these if a higher rate never passed more often. */
  readonly monotoneP: number | null;
  readonly windows: readonly MeasuredWindow[];
}
