/** The shop that is killed again and again: its size, its goods, and how its payments can go. */
import type { Clock } from '../../base/clock.ts';
import type {
  CallbackOptions,
  PaymentBehaviour,
  StoreLayout,
  SystemOptions,
} from '../../contract/profile.ts';
import type { CatalogueItem } from '../../contract/scenario.ts';
import { ReferenceTarget } from '../../targets/reference/reference-target.ts';

/** Short, so that a cycle is; longer than a payment usually takes. */
export const HOLD_TTL_MS = 900;
const SWEEP_EVERY_MS = 100;
const PAYMENT_TIMEOUT_MS = 1500;
const ARCHIVE_AFTER_MS = 300;
export const PER_CUSTOMER = 3;
export const CUSTOMERS = 600;
export const CURRENCY = 'EUR';

/** Contested in every cycle and restocked before the next. */
export const HOT_ITEM = 0;
/** Never sold out. */
export const PLAIN_ITEMS = [1, 2, 3] as const;
const AMPLE_UNITS = 1_000_000;
/** For orders whose units are gone when their payment comes; each is used once. */
export const SCARCE_UNITS = 2;
export const FIRST_SCARCE_ITEM = 4;
const SCARCE_ITEMS = 60;

export const CALM: PaymentBehaviour = {
  latency: { p50Ms: 3, p99Ms: 12 },
  declined: 0,
  lostAnswers: 0,
};
const PROMPT_CALLBACKS: CallbackOptions = {
  delay: { p50Ms: 5, p99Ms: 40 },
  ...{ lost: 0, late: 0, lateMs: 1000, duplicated: 0, early: 0, replayed: 0, forged: 0 },
};
/** The gateway tells of every payment; elsewhere it does not, or its word would come first. */
export const TELLING: PaymentBehaviour = { ...CALM, callbacks: PROMPT_CALLBACKS };
/** Some of everything. */
export const MIXED: PaymentBehaviour = {
  latency: { p50Ms: 10, p99Ms: 120 },
  declined: 0.15,
  lostAnswers: 0.1,
  callbacks: {
    ...PROMPT_CALLBACKS,
    ...{ lost: 0.2, late: 0.1, duplicated: 0.2, early: 0.1, replayed: 0.1, forged: 0.1 },
  },
};
export const DECLINING: PaymentBehaviour = { ...CALM, declined: 1 };
export const LOSING: PaymentBehaviour = { ...CALM, lostAnswers: 1 };
/** The answer comes after the hold has ended, and before the shop stops waiting for it. */
const LATE_MS = 1250;
export const LATE: PaymentBehaviour = { ...CALM, latency: { p50Ms: LATE_MS, p99Ms: LATE_MS } };
/** The shop stops waiting long before anything is charged. */
const NEVER_MS = 60_000;
export const NEVER: PaymentBehaviour = { ...CALM, latency: { p50Ms: NEVER_MS, p99Ms: NEVER_MS } };

export function crashCatalogue(): CatalogueItem[] {
  const texts = { description: '', category: 'Lamps', attributes: {} };
  const item = (sku: string, priceMinor: number, units: number): CatalogueItem => {
    return { sku, title: sku, ...texts, priceMinor, units };
  };
  return [
    item('hot', 1999, 0),
    ...PLAIN_ITEMS.map((n) => item(`plain-${n}`, 500 + 250 * n, AMPLE_UNITS)),
    ...Array.from({ length: SCARCE_ITEMS }, (_, n) => item(`scarce-${n}`, 3333, SCARCE_UNITS)),
  ];
}

export function createCrashTarget(parts: {
  readonly layout: StoreLayout;
  readonly strategy: string;
  readonly seed: number;
  readonly clock: Clock;
  readonly shopEntry?: URL;
}): ReferenceTarget {
  const system: SystemOptions = {
    storage: 'embedded',
    layout: parts.layout,
    inventory: {
      strategy: parts.strategy,
      holdTtlMs: HOLD_TTL_MS,
      sweepEveryMs: SWEEP_EVERY_MS,
    },
    payment: { ...CALM, timeoutMs: PAYMENT_TIMEOUT_MS, attempts: 1 },
    limits: { perCustomer: PER_CUSTOMER },
    archive: { afterMs: ARCHIVE_AFTER_MS },
  };
  return new ReferenceTarget({
    system,
    seed: parts.seed,
    clock: parts.clock,
    shopEntry: parts.shopEntry ?? new URL('./armed-shop-process.js', import.meta.url),
  });
}
