/** A system under load as the coordinator sees it; load workers see only its LoadClient. */
import type { ForeignProbe, ForeignQuestion } from './audit-probe.ts';
import type { ClientSpec } from './call.ts';
import type { EvidenceKind } from './evidence-kind.ts';
import type { Ledger } from './ledger.ts';
import type { PaymentBehaviour } from './profile.ts';
import type { CatalogueItem } from './scenario.ts';

export interface Seeding {
  readonly catalogue: readonly CatalogueItem[];
  readonly currency: string;
  readonly hotItems: readonly number[];
  readonly perCustomer: number;
  /** Number of customers to create; customer i gets token i. */
  readonly customers: number;
}

/** CPU and liveness of one process of the target. */
export interface ProcessUsage {
  readonly name: string;
  readonly pid: number;
  /** CPU time of all its threads since start. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Busy time of its main event loop since start; 0 when it has none. */
  readonly loopBusyMs: number;
  /** Busy time of its store thread since start; 0 when it has none. */
  readonly storeBusyMs: number;
}

/** Cheap reading, taken once a second during a run; an observer, never a witness. */
export interface TargetObservation {
  readonly atUs: number;
  readonly hotAvailable: number;
  /** -1: not known. */
  readonly hotHeld: number;
  readonly ordersConfirmed: number;
  /** Requests waiting inside the target. */
  readonly queueLength: number;
  readonly processes: readonly ProcessUsage[];
  /** Absent where nobody counts. */
  readonly inventory?: InventoryCounts;
}

/** How hard units were fought for, since the process started. */
export interface InventoryCounts {
  /** Holds that were asked for, whatever came of them. */
  readonly requests: number;
  /** Tries to take units: one for each request, and one more each time that another came first. */
  readonly attempts: number;
  /** Tries that another made in vain, and waits for a lock that were given up. */
  readonly conflicts: number;
  /** All waits for locks and for the connections they need. */
  readonly lockWaitMs: number;
  /** Units taken from another bucket than the shopper's own. */
  readonly steals: number;
  /** Units by which a reconciliation found the counter wrong. */
  readonly repairedUnits: number;
}

/** What the target promises; the audit judges by it. */
export interface TargetPromises {
  /** After this a request without an answer can no longer start to take effect. */
  readonly serverDeadlineMs: number;
  readonly holdTtlMs: number;
  /** How late the expiry sweep may be. */
  readonly sweepGraceMs: number;
  /** Invariants that the configured strategy declares it may breach. */
  readonly declaredBreaches: readonly string[];
  readonly drainProbe: boolean;
  /**
   * What the audit may rest on; absent: everything. An invariant that needs more is not judged. A
   * target with such a list is shared with others: rows of its ledger that are not ours are left out.
   */
  readonly evidence?: readonly EvidenceKind[];
  /** What became of an order can be asked by its key; absent: yes. */
  readonly lookUpByKey?: boolean;
  /** An unused key can be barred for good; absent: yes. */
  readonly tombstones?: boolean;
  /** Token buckets that hold a second's worth; absent or 0: no such limit. */
  readonly rateLimits?: { readonly perUserPerSec: number; readonly perAddressPerSec: number };
  /** Who joins the waiting room first is admitted first; absent: not promised. */
  readonly admitsInOrder?: boolean;
}

export interface Target {
  readonly kind: string;
  readonly name: string;
  readonly url: string;
  readonly promises: TargetPromises;
  /** Speaks HTTP/1.1 and nothing newer. */
  readonly onlyHttp1?: boolean;
  /** Starts or reaches the target; throws EcomsimError TARGET_*. */
  open(): Promise<void>;
  /**
   * What is on sale here, at most `limit` items, with the units at this moment; after `open`. Absent
   * where the scenario's own catalogue is loaded instead.
   */
  products?(limit: number): Promise<readonly CatalogueItem[]>;
  /** Loads catalogue, stock and customers; returns what clients need. */
  prepare(seeding: Seeding): Promise<ClientSpec>;
  /** Tokens of `count` further customers, for probes. */
  addCustomers(count: number): Promise<readonly string[]>;
  /** Announces the sale window in host-wide microseconds. */
  openSale(opensAtUs: number, closesAtUs: number | null): Promise<void>;
  /** Puts more units of an item on sale; absent where nobody but the target's owner can. */
  restock?(item: number, units: number): Promise<void>;
  /** Changes how payments go, `null`: as configured; absent where the gateway is not ours. */
  setPayment?(behaviour: PaymentBehaviour | null): Promise<void>;
  /** Undefined where nothing can be known while the load runs. */
  observe(): Promise<TargetObservation | undefined>;
  /**
   * Asks for what belongs to another customer; absent where that is not ours to try. Never throws for
   * operating errors.
   */
  askAsStranger?(question: ForeignQuestion): Promise<ForeignProbe>;
  /** Folders with everything that it stores; absent where they cannot be looked into. */
  storedIn?(): readonly string[];
  /** Card numbers that the load pays with; absent: none. */
  cardNumbers?(): readonly string[];
  /** Waits until nothing is pending (holds resolved, outbox empty); false on time-out. */
  settle(timeoutMs: number): Promise<boolean>;
  ledger(): Promise<Ledger>;
  /** Called at most once, when the target ends without having been asked to. */
  onDeath(listener: (reason: string) => void): void;
  /** Stops everything and removes temporary data; safe to call twice. */
  close(): Promise<void>;
  /** Synchronous last resort for exit handlers. */
  kill(): void;
}
