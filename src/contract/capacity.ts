/** What `ecomsim capacity` found: capacity.json, schema version 1. Names are never renamed. */
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

/** How busy something that can run out was, over the measured time of a window or a run. */
export interface ResourceReading {
  /** e.g. `event loop of the shop process`. */
  readonly name: string;
  readonly kind: 'cpu' | 'event-loop' | 'store' | 'hot-row' | 'pool' | 'payment' | 'generator';
  /** Mean busy share, 1 is all there is of it. */
  readonly utilisation: number;
  /** Of the busiest second. */
  readonly peak: number;
}

/** The load held at one rate for a while, and what came of it. */
export interface CapacityWindow {
  /** From 0, in the order of their runs. */
  readonly index: number;
  readonly kind: WindowKind;
  readonly startedAt: string;
  /** Journeys due per second. */
  readonly ratePerSec: number;
  /** Measured time; less than planned where it was stopped early. */
  readonly lengthMs: number;
  readonly verdict: WindowVerdict;
  /** Why it failed or is invalid, a sentence each. */
  readonly reasons: readonly string[];
  readonly stoppedEarly: boolean;
  readonly constraints: readonly ConstraintReading[];
  /** Speed of the machine by the reference probe that belongs to it; 1: as at the start. */
  readonly machineSpeed: number;
  readonly requestsPerSec: number;
  /** Confirmed orders; null where not known. */
  readonly ordersPerSec: number | null;
  /** Of all operations, outcome `ok`; null without samples. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly orderP90Ms: number | null;
  /** Operations in flight: change per second over the window, fitted; null where not known. */
  readonly inFlightSlopePerSec: number | null;
  readonly oversoldUnits: number | null;
  readonly resources: readonly ResourceReading[];
  /** Of its run, relative to capacity.json; '' where nothing was kept. */
  readonly folder: string;
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

/** What stands between the claim and what one should plan for; each is printed, none is hidden. */
export interface SizingFactor {
  readonly name: string;
  /** The claim is divided by it. */
  readonly factor: number;
  readonly why: string;
}

export type CapacityEnding =
  | 'found'
  /** The budget ended before the interval was as narrow as asked. */
  | 'budget'
  /** Nothing failed below what the generator can offer: the claim is a lower bound. */
  | 'generator-limited'
  /** The lowest rate tried failed. */
  | 'fails-at-lowest'
  | 'machine-too-noisy'
  | 'interrupted'
  /** An invariant was violated. */
  | 'incorrect'
  | 'nothing-judged';

export interface CapacityReport {
  readonly schemaVersion: 1;
  readonly kind: 'capacity';
  readonly ending: CapacityEnding;
  readonly exitCode: ExitCode;
  /** One plain sentence. */
  readonly reason: string;
  readonly run: RunResult['run'];
  readonly unit: 'journeys/s';
  readonly thresholds: readonly string[];
  readonly warmupMs: number;
  /** Measured time of a search window. */
  readonly windowMs: number;
  readonly budgetMs: number;
  readonly spentMs: number;
  readonly q50PerSec: number | null;
  readonly intervalPerSec: readonly [number, number] | null;
  readonly claimPerSec: number | null;
  /** True: the generator gave out first, the figures above are lower bounds. */
  readonly isLowerBound: boolean;
  /** At the claim, for the measured mix. */
  readonly requestsPerSec: number | null;
  readonly ordersPerSec: number | null;
  readonly bindingConstraint: string | null;
  readonly limitingResource: ResourceReading | null;
  readonly constraints: readonly ConstraintCapacity[];
  /** Probability of a verdict sequence as uneven as this under a monotone curve; null: too few. */
  readonly monotoneP: number | null;
  /** By the utilisation law from the two lowest rates that passed; null where it cannot be had. */
  readonly estimatePerSec: number | null;
  readonly sizing: readonly SizingFactor[];
  /** The claim divided by all factors; null without a claim or factors. */
  readonly plannedPerSec: number | null;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  readonly windows: readonly CapacityWindow[];
}
