/** The operation history: one record per recorded attempt, as the audit reads it. */
import type { Call } from './call.ts';
import type { OperationName } from './operation.ts';
import type { Outcome, Reason } from './outcome.ts';

/** Where the ids of a record stand as the history packs them; −1: it has none. */
export interface PackedIds {
  /** Valid until the visit returns. */
  readonly bytes: Uint8Array;
  readonly key: number;
  readonly checkoutId: number;
  readonly orderId: number;
}

/** Decoded record. Instants are microseconds since the start of the run. */
export interface OperationRecord {
  operation: OperationName;
  outcome: Outcome;
  reason: Reason;
  /** Which try of its operation this was: 1, 2, … ; 255 stands for all beyond. */
  attempt: number;
  status: number;
  /** Journey ordinal; probes of the coordinator use 0xffffffff. */
  journey: number;
  customer: number;
  population: number;
  /** Catalogue index, -1 when the operation has none. */
  item: number;
  units: number;
  /** dispatchedAt: from here on the operation may take effect. */
  invokedUs: number;
  doneUs: number;
  key: string;
  checkoutId: string;
  orderId: string;
  totalMinor: number;
  /** viewStock: units available, -1 otherwise. */
  stock: number;
  /** checkout: expiry of the hold, -1 otherwise. */
  expiresUs: number;
  orderStatus: string;
  replayed: boolean;
  /** checkout: the hold's place in the order of holds of its item; absent or -1: none was told. */
  ticket?: number;
  /** Only for a visitor that asks for it: the ids, which then are '' above. */
  packed?: PackedIds;
}

/** What a visitor is after. A history may leave out everything else, and need not. */
export interface HistoryInterest {
  readonly operations: readonly OperationName[];
  /** False: key, ids and order status may be ''; they cost most of a visit. */
  readonly texts: boolean;
  /** True: ids and tickets may be left as they are stored, in `packed`. Absent: false. */
  readonly packedIds?: boolean;
}

/** Stored in reading order: not necessarily sorted by time. */
export interface History {
  readonly records: number;
  /** Visits the records, all of them without an `interest`; the object is reused between visits. */
  forEach(
    visit: (record: OperationRecord, index: number) => void,
    interest?: HistoryInterest,
  ): void;
  /** A copy of one record, for witnesses. */
  at(index: number): OperationRecord;
  /** Records known to be missing (a worker died, the disk was full). */
  readonly lost: number;
}

/** Appends recorded attempts on the hot path; spills to disk by itself. */
export interface HistoryWriter {
  /** Copies what it needs before it returns. `startUs` is subtracted from the call's instants. */
  append(call: Call, journey: number, population: number): void;
  /** Everything appended so far is on its way to disk when this resolves. */
  flush(): Promise<void>;
  /** `lost` counts records that could not be written. */
  close(): Promise<{ readonly records: number; readonly lost: number }>;
}

/** The journey number of operations that the coordinator's own probes send. */
export const PROBE_JOURNEY = 0xffffffff;

/** An order whose effect the history alone does not tell. */
export interface InDoubtOrder {
  readonly key: string;
  readonly journey: number;
  readonly customer: number;
  readonly item: number;
  readonly units: number;
}
