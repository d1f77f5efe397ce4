/** What a finished run hands over to be put together into one RunResult. */

import type { AuditReport } from '../contract/audit.ts';
import type { FaultSpan } from '../contract/fault.ts';
import type { LoadReport } from '../contract/load.ts';
import type { CapacityResult, RunResult, ThresholdResult } from '../contract/run-result.ts';
import type { TargetObservation } from '../contract/target.ts';

/** Counted by the coordinator from what clients were told, never from the shop's own ledger. */
export interface BusinessFacts {
  /** Units of the items in the sale when it opened, and those that came in during the run. */
  readonly unitsForSale: number;
  /**
   * Orders that a client was told are confirmed, in-doubt ones that turned out so included; null,
   * like all that only the history can tell, when none was read.
   */
  readonly ordersConfirmed: number | null;
  readonly revenueMinor: number | null;
  readonly currency: string;
  /** Offset of T0 from the start of the load. */
  readonly saleOpensAtMs: number;
  /** Offset of the first sold-out answer for an item of the sale; null when there was none. */
  readonly soldOutAtMs: number | null;
}

/** A plan that asks for more than the generator was seen to carry on this machine. */
export interface AboveCalibration {
  /** Requests per second at the planned peak. */
  readonly plannedPerSec: number;
  /** What all load workers together kept on schedule when they were calibrated. */
  readonly validPerSec: number;
}

export interface ResultParts {
  readonly run: RunResult['run'];
  readonly load: LoadReport;
  readonly audit: AuditReport;
  readonly thresholds: readonly ThresholdResult[];
  readonly capacity: CapacityResult;
  readonly business: BusinessFacts;
  /** Once a second, in order; `atUs` on the host-wide clock. */
  readonly observations: readonly TargetObservation[];
  /** The host-wide instant of load offset 0 (LoadOrder.startUs). */
  readonly startUs: number;
  readonly artefacts: RunResult['artefacts'];
  /** Why the target ended without having been asked to; '' when it did not. */
  readonly targetDeath: string;
  /** Ctrl-C. */
  readonly interrupted: boolean;
  /** A bug that was met on the way and did not keep the result from being made; '' for none. */
  readonly internalError: string;
  /** What kept a step after the load from being carried out, one plain sentence each. */
  readonly auditProblems: readonly string[];
  readonly faults: readonly FaultSpan[];
  /** What the scenario wanted done to the target during the load and could not be done. */
  readonly leftUndone: readonly string[];
  /** Tightest latency threshold in ms, by which the limit of the schedule lag is set; or null. */
  readonly tightestLatencyMs: number | null;
  /** Connections one load client may open (ClientSpec.maxConnections). */
  readonly maxConnections: number;
  /** Null when the plan is within it, or nobody has calibrated this machine. */
  readonly aboveCalibration: AboveCalibration | null;
  /** The target runs on the machine that generates the load. */
  readonly sharesMachine: boolean;
  /** What of the inventory strategy stands in for a mechanism its store lacks; '' for nothing. */
  readonly emulatedStrategy: string;
}
