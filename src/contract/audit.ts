/** What the audit is given and what it answers. */
import type { CardScan, ForeignProbe } from './audit-probe.ts';
import type { FaultSpan } from './fault.ts';
import type { History } from './history.ts';
import type { LedgerRows } from './ledger.ts';
import type { CatalogueItem, Sale } from './scenario.ts';
import type { TargetPromises } from './target.ts';
import type { Verdict } from './verdict.ts';

/** What became of an operation that had no clear answer. */
export interface Resolution {
  readonly key: string;
  readonly journey: number;
  readonly customer: number;
  readonly result: 'applied' | 'absent' | 'unknown';
  /** Set when applied. */
  readonly orderId: string;
  readonly orderStatus: string;
  readonly units: number;
  readonly item: number;
}

/** One SKU sold out on purpose after the run, one unit at a time. */
export interface DrainProbe {
  readonly item: number;
  /** Units the ledger reported available just before. */
  readonly reported: number;
  readonly bought: number;
  /** True when it ended with a clear sold-out refusal. */
  readonly refusedAtEnd: boolean;
  /** Why it could not be carried through; '' when it could. */
  readonly problem: string;
}

/** A restock as the coordinator commanded it; instants in µs of history time. */
export interface RestockCommand {
  readonly item: number;
  readonly units: number;
  /** From here on the units may have been for sale … */
  readonly sentUs: number;
  /** … and from here on they surely were; null when the target never said so. */
  readonly doneUs: number | null;
}

/** A price as the coordinator changed it; instants in µs of history time. */
export interface PriceCommand {
  readonly item: number;
  readonly priceMinor: number;
  /** From here on it may have been the price … */
  readonly sentUs: number;
  /** … and from here on it surely was; null when the target never said so. */
  readonly doneUs: number | null;
}

/** Everything the verdict rests on; stored beside the result so that it can be judged again. */
export interface AuditInput {
  readonly runId: string;
  readonly seed: number;
  readonly replayCommand: string;
  readonly catalogue: readonly CatalogueItem[];
  readonly sale: Sale;
  readonly currency: string;
  readonly promises: TargetPromises;
  /** False when the history was switched off. */
  readonly historyKept: boolean;
  readonly history: History;
  /** Two equal readings after the drain, then one after the drain probe; fewer = not readable. */
  readonly ledgers: readonly LedgerRows[];
  /** Host-wide µs at which each of `ledgers` began to be read, where the coordinator knows it. */
  readonly ledgerReadAtUs?: readonly number[];
  /** Both readings before the drain probe agreed. */
  readonly ledgerStable: boolean;
  readonly settled: boolean;
  readonly resolutions: readonly Resolution[];
  readonly drainProbes: readonly DrainProbe[];
  /** Absent: nobody asked for what belongs to another. */
  readonly foreignProbes?: readonly ForeignProbe[];
  /** Absent: nothing was searched for card numbers. */
  readonly cardScan?: CardScan;
  /** `all`: every operation is in the history, not only those that invariants need. */
  readonly historyScope?: 'writes' | 'all';
  /** Units added per SKU by the coordinator's own restock commands. */
  readonly restocked: Readonly<Record<string, number>>;
  /** When those were; absent: at any time. */
  readonly restocks?: readonly RestockCommand[];
  /** Changes of prices after the start, in order of time; absent: none. */
  readonly priceChanges?: readonly PriceCommand[];
  /** Faults the run was put through, in ms of the load; absent: none. */
  readonly faults?: readonly FaultSpan[];
  readonly requiredGoals: readonly string[];
  /** Offset of history time 0 on the host-wide clock, to compare with ledger instants. */
  readonly startUs: number;
}

export interface Violation {
  readonly summary: string;
  /** At most ten operations in plain words. */
  readonly witness: readonly string[];
}

export interface InvariantResult {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  /** How many things were checked; 0 means nothing was proven. */
  readonly checked: number;
  readonly violations: readonly Violation[];
  /** Number found, which may exceed the violations listed. */
  readonly violationCount: number;
  /** Why it is unknown; '' otherwise. */
  readonly reason: string;
  /**
   * False when the target offers no evidence for it: then it is `unknown` and has no part in the
   * verdict of the audit. Absent: true.
   */
  readonly judged?: boolean;
  /**
   * False when the run has nothing that it is about (no faults, no waiting room …) or was too short
   * for it: then it is not judged either, and nothing is missing. Absent: true.
   */
  readonly applies?: boolean;
}

export interface AuditReport {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly oversoldUnits: number;
  readonly undersoldUnits: number;
  readonly strandedHolds: number;
  readonly doubleCharges: number;
  readonly chargesWithoutOrder: number;
  readonly ordersWithoutCharge: number;
  readonly lostOrders: number;
  readonly inDoubt: {
    readonly total: number;
    readonly resolvedApplied: number;
    readonly resolvedAbsent: number;
    readonly stillUnknown: number;
  };
  /** Hit count per goal. */
  readonly goals: Readonly<Record<string, number>>;
  readonly invariants: readonly InvariantResult[];
}
