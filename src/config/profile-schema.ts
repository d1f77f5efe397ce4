/** The profile as it is written: every field with its default, its limits and its unit. */
import { z } from 'zod';
import type { InventoryOptions, Profile } from '../contract/profile.ts';
import {
  decimal,
  durationMs,
  durationMsOrNever,
  nameOf,
  ratePerSec,
  share,
  text,
  trueOrFalse,
  wholeNumber,
  wholeNumberOrAuto,
} from './fields.ts';
import { thresholdExpression } from './threshold-field.ts';

export interface KnownNames {
  readonly strategies: readonly string[];
  readonly targets: readonly string[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const DEFAULT_STRATEGY = 'guarded-update';
export const DEFAULT_TARGET = 'reference';
export const DEFAULT_THRESHOLDS: readonly string[] = [
  'p(99)<250ms',
  'order:p(90)<600ms',
  'failed_rate<0.1%',
  'oversold_units==0',
];
/** Short, so that also a run of seconds puts the archive to the test. */
const DEFAULT_ARCHIVE_AFTER_MS = 5 * SECOND;
const MAX_THRESHOLDS = 100;

/** Each is read by the strategies that have a use for it. */
const strategyFields = {
  buckets: wholeNumber({ min: 1, max: 1000 }).default(8),
  stealing: trueOrFalse().default(true),
  retries: wholeNumber({ min: 0, max: 1000 }).default(8),
  retryBackoff: durationMs({ min: 0, max: 10 * SECOND }).default(1),
  // No default: how long a lock is held, and whether at all, is for the strategy to say.
  lockHold: durationMs({ min: 0, max: MINUTE }).optional(),
  lockTimeout: durationMs({ min: 1, max: MINUTE }).default(2 * SECOND),
  connections: wholeNumber({ min: 1, max: 10_000 }).default(32),
  poolRows: wholeNumber({ min: 1, max: 100_000 }).default(1000),
  reconcileEvery: durationMs({ min: 0, max: HOUR }).default(5 * SECOND),
  leaseTtl: durationMs({ min: 10, max: MINUTE }).default(500),
  fencing: trueOrFalse().default(true),
  leasePause: durationMs({ min: 0, max: MINUTE }).default(0),
  leasePauseEvery: wholeNumber({ min: 1, max: 1_000_000 }).default(50),
};

function systemSchema(known: KnownNames) {
  const inventory = z.strictObject({
    strategy: nameOf('a strategy', known.strategies).default(DEFAULT_STRATEGY),
    holdTtl: durationMs({ min: 100, max: 24 * HOUR }).default(8 * SECOND),
    sweepEvery: durationMs({ min: 50, max: HOUR }).default(SECOND),
    ...strategyFields,
  });
  const latency = z.strictObject({
    p50: durationMs({ min: 0.1, max: HOUR }).default(60),
    p99: durationMs({ min: 0.1, max: HOUR }).default(300),
  });
  const payment = z.strictObject({
    latency: latency.prefault({}),
    timeout: durationMs({ min: 10, max: HOUR }).default(2 * SECOND),
    attempts: wholeNumber({ min: 1, max: 20 }).default(3),
    declined: share({ min: 0, max: 1 }).default(0.04),
    lostAnswers: share({ min: 0, max: 1 }).default(0.005),
  });
  return z.strictObject({
    storage: nameOf('a kind of storage', ['embedded'] as const).default('embedded'),
    layout: nameOf('a layout', ['shared', 'per-service'] as const).default('shared'),
    inventory: inventory.prefault({}),
    payment: payment.prefault({}),
    archive: z
      .strictObject({
        after: durationMsOrNever({ min: 100, max: 24 * HOUR }).default(DEFAULT_ARCHIVE_AFTER_MS),
      })
      .prefault({}),
    limits: z
      .strictObject({
        perCustomer: wholeNumber({ min: 1, max: 1_000_000 }).default(2),
        perAddress: ratePerSec({ min: 0, max: 1_000_000 }).default(0),
        perUser: ratePerSec({ min: 0, max: 1_000_000 }).default(0),
      })
      .prefault({}),
  });
}

const loadSchema = z.strictObject({
  rate: ratePerSec({ min: 0.1, max: 1_000_000 }).default(250),
  warmup: durationMs({ min: 0, max: 10 * MINUTE }).default(3 * SECOND),
  duration: durationMs({ min: SECOND, max: 24 * HOUR }).default(20 * SECOND),
  drain: durationMs({ min: 100, max: 10 * MINUTE }).default(10 * SECOND),
  workers: wholeNumberOrAuto({ min: 1, max: 256 }).default('auto'),
  maxConnections: wholeNumber({ min: 1, max: 50_000 }).default(256),
  timeout: durationMs({ min: 10, max: 10 * MINUTE }).default(10 * SECOND),
});

const saleSchema = z.strictObject({
  skus: wholeNumber({ min: 1, max: 100_000 }).default(200),
  hotSkus: wholeNumber({ min: 1, max: 1000 }).default(1),
  demandToStock: decimal({ min: 0.01, max: 1_000_000 }).default(25),
  botShare: share({ min: 0, max: 1 }).default(0.4),
});

/** Fields as people write them; the output holds milliseconds, rates per second and ratios. */
export function profileSchema(known: KnownNames) {
  return z.strictObject({
    description: text(200).default(''),
    target: nameOf('a target', known.targets).default(DEFAULT_TARGET),
    system: systemSchema(known).prefault({}),
    load: loadSchema.prefault({}),
    sale: saleSchema.prefault({}),
    thresholds: z
      .array(thresholdExpression(), 'must be a list of expressions: [ "p(99)<250ms" ]')
      .max(MAX_THRESHOLDS, `lists more than ${MAX_THRESHOLDS} thresholds`)
      .default([...DEFAULT_THRESHOLDS]),
  });
}

export type WrittenProfile = z.output<ReturnType<typeof profileSchema>>;

/** From the words of the file to the names of the contract, units last. */
export function profileOf(name: string, written: WrittenProfile): Profile {
  const { system, load, sale } = written;
  const { inventory, payment } = system;
  return {
    name,
    description: written.description,
    target: written.target,
    system: {
      storage: system.storage,
      layout: system.layout,
      inventory: inventoryOf(inventory),
      payment: {
        latency: { p50Ms: payment.latency.p50, p99Ms: payment.latency.p99 },
        timeoutMs: payment.timeout,
        attempts: payment.attempts,
        declined: payment.declined,
        lostAnswers: payment.lostAnswers,
      },
      archive: { afterMs: system.archive.after },
      limits: {
        perCustomer: system.limits.perCustomer,
        perAddressPerSec: system.limits.perAddress,
        perUserPerSec: system.limits.perUser,
      },
    },
    load: {
      ratePerSec: load.rate,
      warmupMs: load.warmup,
      durationMs: load.duration,
      drainMs: load.drain,
      workers: load.workers,
      maxConnections: load.maxConnections,
      timeoutMs: load.timeout,
    },
    sale,
    thresholds: written.thresholds,
  };
}

function inventoryOf(written: WrittenProfile['system']['inventory']): InventoryOptions {
  const { strategy, buckets, stealing, retries, connections, poolRows, fencing } = written;
  const { lockHold, leasePauseEvery } = written;
  return {
    strategy,
    holdTtlMs: written.holdTtl,
    sweepEveryMs: written.sweepEvery,
    ...{ buckets, stealing, retries, connections, poolRows, fencing, leasePauseEvery },
    retryBackoffMs: written.retryBackoff,
    ...(lockHold !== undefined && { lockHoldMs: lockHold }),
    lockTimeoutMs: written.lockTimeout,
    reconcileEveryMs: written.reconcileEvery,
    leaseTtlMs: written.leaseTtl,
    leasePauseMs: written.leasePause,
  };
}
