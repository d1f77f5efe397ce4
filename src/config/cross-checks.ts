/** What fields must be to each other: checked even when other fields are wrong. */
import { formatCount, formatDuration } from '../base/units.ts';
import type { WrittenProfile } from './profile-schema.ts';

export interface CrossProblem {
  /** The fields involved; the problem is shown at the first that was written. */
  readonly paths: readonly string[];
  readonly message: string;
}

type CrossCheck = {
  readonly paths: readonly string[];
  /** The message, or undefined when the fields agree. */
  readonly check: (profile: WrittenProfile) => string | undefined;
};

/** The shop pauses between two attempts to pay; this is more than it does. */
const PAUSE_BETWEEN_ATTEMPTS_MS = 100;
/** Each arrival may need a customer of its own, created before the run. */
const MAX_ARRIVALS = 10_000_000;

const CHECKS: readonly CrossCheck[] = [
  {
    paths: ['system.inventory.holdTtl', 'system.payment.timeout', 'system.payment.attempts'],
    check: ({ system: { inventory, payment } }) => {
      const payingMs =
        payment.attempts * payment.timeout + (payment.attempts - 1) * PAUSE_BETWEEN_ATTEMPTS_MS;
      if (inventory.holdTtl > payingMs) return undefined;
      return (
        `holds (${formatDuration(inventory.holdTtl)}) would expire during payment: ` +
        `${payment.attempts} attempts of ${formatDuration(payment.timeout)} take up to ` +
        `${formatDuration(payingMs)}; make holdTtl longer than that`
      );
    },
  },
  {
    paths: ['system.inventory.sweepEvery', 'system.inventory.holdTtl'],
    check: ({ system: { inventory } }) =>
      inventory.sweepEvery <= inventory.holdTtl
        ? undefined
        : `the sweep (${formatDuration(inventory.sweepEvery)}) must not be rarer than ` +
          `holds last (${formatDuration(inventory.holdTtl)})`,
  },
  {
    paths: ['system.inventory.leasePause', 'system.inventory.leaseTtl'],
    check: ({ system: { inventory } }) =>
      inventory.leasePause === 0 || inventory.leasePause > inventory.leaseTtl
        ? undefined
        : `a pause of ${formatDuration(inventory.leasePause)} does not outlast the lease ` +
          `(${formatDuration(inventory.leaseTtl)}), so it would show nothing`,
  },
  {
    paths: ['system.inventory.lockHold', 'system.inventory.leaseTtl', 'system.inventory.strategy'],
    check: ({ system: { inventory } }) =>
      inventory.strategy !== 'lease' || (inventory.lockHold ?? 0) < inventory.leaseTtl
        ? undefined
        : `every holder (${formatDuration(inventory.lockHold ?? 0)}) would outlast its lease ` +
          `(${formatDuration(inventory.leaseTtl)})`,
  },
  {
    paths: ['system.payment.latency.p99', 'system.payment.latency.p50'],
    check: ({ system: { payment } }) =>
      payment.latency.p99 >= payment.latency.p50
        ? undefined
        : `p99 (${formatDuration(payment.latency.p99)}) is below ` +
          `p50 (${formatDuration(payment.latency.p50)})`,
  },
  {
    paths: ['sale.hotSkus', 'sale.skus'],
    check: ({ sale }) =>
      sale.hotSkus <= sale.skus
        ? undefined
        : `${formatCount(sale.hotSkus)} hot SKUs, but the catalogue has only ` +
          `${formatCount(sale.skus)} (sale.skus)`,
  },
  {
    paths: ['load.duration', 'load.rate', 'load.warmup'],
    check: ({ load }) => {
      const arrivals = (load.rate * (load.duration + load.warmup)) / 1000;
      if (arrivals <= MAX_ARRIVALS) return undefined;
      return (
        `up to ${formatCount(Math.round(arrivals))} arrivals (rate × duration); ` +
        `at most ${formatCount(MAX_ARRIVALS)} are supported`
      );
    },
  },
];

/** `wrong` are fields that hold a default only because what was written is not usable. */
export function crossProblems(profile: WrittenProfile, wrong: ReadonlySet<string>): CrossProblem[] {
  const problems: CrossProblem[] = [];
  for (const { paths, check } of CHECKS) {
    if (paths.some((path) => wrong.has(path))) continue;
    const message = check(profile);
    if (message !== undefined) problems.push({ paths, message });
  }
  return problems;
}
