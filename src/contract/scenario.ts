/** A scenario: one serialisable value that says what happens, never how it is carried out. */
import type { Distribution } from '../base/distributions.ts';
import type { OperationName } from './operation.ts';
import type { Outcome, Reason } from './outcome.ts';
import type { PaymentBehaviour } from './profile.ts';
import type { RetryPolicy } from './retry.ts';

/**
 * How journeys come. `open`: they arrive whatever the target does, at the rate of the phase's shape.
 * `closed`: the shape says how many virtual users there are (read every `perSec` of it as users);
 * user number v is there while the curve is above v. Each begins its first journey when the curve
 * first exceeds its number and the next one `pauseBetween` after the last one ended, so a slow
 * target gets fewer. A user that the curve has fallen below finishes its journey and begins no
 * other until the curve is above its number again.
 */
export type LoadModel =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'closed';
      readonly pauseBetween: Distribution;
      /**
       * Accounts that a user of an `own` population takes turns with, one a journey; 1 when absent.
       * With one, what a journey left in the cart is there for the next, and purchase limits add up.
       */
      readonly accountsPerUser?: number;
    };

/** A jump of the rate at `atMs` that decays: + surplusPerSec · exp(−(t − atMs) / decayMs). */
export interface Surge {
  readonly atMs: number;
  readonly surplusPerSec: number;
  readonly decayMs: number;
}

/** One point of a replayed curve. Two points at one instant are a jump. */
export interface RatePoint {
  readonly atMs: number;
  readonly perSec: number;
}

/**
 * Rate curve of one phase (in the closed model: its number of users); `atMs` runs from the start of
 * the phase. Arrivals are Poisson. What each
 * kind means as a function of time is in `rate-curve/`. A curve that ends before its phase (steps,
 * replay) keeps its last rate.
 */
export type RateShape =
  | { readonly kind: 'constant'; readonly perSec: number }
  | { readonly kind: 'ramp'; readonly fromPerSec: number; readonly toPerSec: number }
  /** One constant rate after the other, without transition. */
  | {
      readonly kind: 'steps';
      readonly steps: readonly { readonly durationMs: number; readonly perSec: number }[];
    }
  /** rate(t) = basePerSec + (peakPerSec − basePerSec) · exp(−t / decayMs) */
  | {
      readonly kind: 'drop';
      readonly basePerSec: number;
      readonly peakPerSec: number;
      readonly decayMs: number;
    }
  /** rate(t) = basePerSec + (peakPerSec − basePerSec) · x · exp(1 − x), x = t / modeMs */
  | {
      readonly kind: 'peak-after-start';
      readonly basePerSec: number;
      readonly peakPerSec: number;
      /** When the peak is reached; 26 s when absent. */
      readonly modeMs?: number;
    }
  /** From the base up to the peak, along it, down again; then the base. 0 ms is a jump. */
  | {
      readonly kind: 'plateau';
      readonly basePerSec: number;
      readonly peakPerSec: number;
      readonly surgeMs: number;
      readonly sustainMs: number;
      readonly fallMs: number;
    }
  /** Two drops over one base: a restock, or the wave when unpaid holds are released. */
  | {
      readonly kind: 'double-hump';
      readonly basePerSec: number;
      readonly humps: readonly [Surge, Surge];
    }
  /** A sine between low and high, high at `highAtMs` and every period later, and spikes on it. */
  | {
      readonly kind: 'diurnal';
      readonly lowPerSec: number;
      readonly highPerSec: number;
      readonly periodMs: number;
      readonly highAtMs: number;
      readonly spikes: readonly Surge[];
    }
  /** A recorded curve: straight lines between the points, the first of which is at 0. */
  | { readonly kind: 'replay'; readonly points: readonly RatePoint[] };

export interface Phase {
  /** `warmup`, `presale`, `drop`, `tail`, … : thresholds select by it (`#drop`). */
  readonly name: string;
  readonly durationMs: number;
  readonly shape: RateShape;
  /** False for warm-up: left out of latency figures, never out of the audit. */
  readonly measured: boolean;
  /** Weights of the populations among this phase's journeys; need not sum to 1. */
  readonly mix: Readonly<Record<string, number>>;
}

export interface Population {
  readonly name: string;
  readonly journey: string;
  /** Probability that the item a session is after is one of the hot ones. */
  readonly hotShare: number;
  /**
   * `own`: every session is another customer (of virtual users: see `accountsPerUser`). A pool
   * is shared at random by all sessions.
   */
  readonly accounts: { readonly kind: 'own' } | { readonly kind: 'pool'; readonly size: number };
  /** What its shoppers do when an operation fails; absent: the journey alone decides. */
  readonly retry?: RetryPolicy;
  /** Orders that are sent twice by an impatient hand; absent: none. */
  readonly doubleClick?: DoubleClick;
  /** Counted as bots when the report says what bots won. */
  readonly bot?: boolean;
}

/** The second click is an order of its own, sent `gapMs` after the first without waiting for it. */
export interface DoubleClick {
  /** Share of orders, 0 to 1. */
  readonly share: number;
  readonly gapMs: number;
  /** `same`: the page made one key for both clicks. `new`: one for each. */
  readonly key: 'same' | 'new';
}

/** A rule of a step. Rules are tried in order; the first that matches and passes its chance wins. */
export interface Transition {
  /** Matches when absent or when the outcome is listed. */
  readonly outcomes?: readonly Outcome[];
  /** Matches when absent or when the reason is listed. */
  readonly reasons?: readonly Reason[];
  /** Chance that a matching rule is taken; 1 when absent. */
  readonly probability?: number;
  /** The next step, or `end`. */
  readonly to: string;
  /** Waiting between the end of this operation and the intended start of the next. */
  readonly think: Distribution;
}

export interface JourneyStep {
  readonly operation: OperationName;
  /**
   * `wanted`: what the session came for. `browsed`: another draw from the catalogue. `walked`: item
   * by item in the order of the catalogue, from the wanted one on, and from its end to its start.
   */
  readonly item: 'wanted' | 'browsed' | 'walked';
  readonly quantity: number;
  /** For `checkout`: buy these lines directly instead of the cart. */
  readonly direct?: boolean;
  readonly next: readonly Transition[];
}

/** Steps by name. A session ends on `end`, when no rule matches, or after `maxSteps`. */
export interface Journey {
  readonly name: string;
  readonly start: string;
  readonly maxSteps: number;
  readonly steps: Readonly<Record<string, JourneyStep>>;
}

export interface CatalogueItem {
  readonly sku: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly priceMinor: number;
  /** Units on hand when the run starts. */
  readonly units: number;
}

export interface Sale {
  /** Offset of T0 from the start of the load; Infinity is not allowed. */
  readonly opensAtMs: number;
  /** End of the sale window, or null for none. */
  readonly closesAtMs: number | null;
  /** Indexes into the catalogue of the items in the sale. */
  readonly hotItems: readonly number[];
  /** Planned demand for hot units ÷ hot units. */
  readonly demandToStock: number;
  /** Units per customer and SKU. */
  readonly perCustomer: number;
  /** Units that come in during the run, in order of time; absent: none. */
  readonly restocks?: readonly Restock[];
  /** Prices that change during the run, in order of time; absent: none. */
  readonly priceChanges?: readonly PriceChange[];
}

/** The coordinator puts `units` of a catalogue item on sale, `atMs` after the start of the load. */
export interface Restock {
  readonly atMs: number;
  /** Index into the catalogue. */
  readonly item: number;
  readonly units: number;
}

/** From `atMs` after the start of the load a catalogue item costs `factor` times its first price. */
export interface PriceChange {
  readonly atMs: number;
  /** Index into the catalogue. */
  readonly item: number;
  readonly factor: number;
}

/** From `atMs` until `untilMs` of the load the payment gateway behaves like this. */
export interface Disturbance {
  /** As the timeline shows it. */
  readonly name: string;
  readonly atMs: number;
  readonly untilMs: number;
  readonly payment: PaymentBehaviour;
}

/** Contract probes: share of orders that are also sent as … */
export interface ProbeShares {
  readonly duplicate: number;
  readonly replay: number;
  readonly changed: number;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Open when absent. */
  readonly model?: LoadModel;
  /** Safe integer; reproduces arrivals, populations, items, think times and keys. */
  readonly seed: number;
  readonly currency: string;
  /** In order of rank: item 0 is the most popular. */
  readonly catalogue: readonly CatalogueItem[];
  readonly zipfExponent: number;
  readonly phases: readonly Phase[];
  readonly populations: readonly Population[];
  readonly journeys: readonly Journey[];
  readonly sale: Sale;
  /** In order of time, one at a time; absent: the target is left alone. */
  readonly disturbances?: readonly Disturbance[];
  readonly probes: ProbeShares;
  /** Audit goals that must be hit at least once for the audit to be conclusive. */
  readonly requiredGoals: readonly string[];
}
