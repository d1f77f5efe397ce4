/** Every fault that a run can be put through, as data: its name, its arguments, what is injected. */
import type { Injection } from '../contract/fault.ts';
import type { PaymentOptions } from '../contract/profile.ts';

/** How an argument is written: `2s` · `+5s`, `-5s` · `20%` · `10x`. */
export type ArgumentKind = 'duration' | 'signed-duration' | 'share' | 'factor';

export interface FaultArgument {
  readonly kind: ArgumentKind;
  /** Milliseconds, a ratio or a factor. */
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

export type ArgumentValues = Readonly<Record<string, number>>;

export interface FaultKind {
  readonly name: string;
  /** One line for people. */
  readonly text: string;
  readonly arguments: Readonly<Record<string, FaultArgument>>;
  /** How long it lasts before it is healed, ms. */
  forMs(values: ArgumentValues): number;
  inject(values: ArgumentValues, payment: PaymentOptions): Injection;
}

const SECOND_MS = 1000;
const LONGEST_MS = 60 * SECOND_MS;
const LARGEST_FACTOR = 1000;

function lasting(fallbackMs: number, maxMs = LONGEST_MS): FaultArgument {
  return { kind: 'duration', fallback: fallbackMs, min: 1, max: maxMs };
}

function shareOf(fallback: number): FaultArgument {
  return { kind: 'share', fallback, min: 0, max: 1 };
}

function argument(values: ArgumentValues, name: string): number {
  return values[name] ?? 0;
}

const forGiven = (values: ArgumentValues): number => argument(values, 'for');

function eventFault(name: string, text: string, injection: Injection): FaultKind {
  return {
    name,
    text,
    arguments: { for: lasting(3 * SECOND_MS) },
    forMs: forGiven,
    inject: () => injection,
  };
}

export const FAULT_KINDS: readonly FaultKind[] = [
  {
    name: 'kill',
    text: 'kill -9 of the shop; it is started again on the same data and ports after `down`',
    arguments: { down: { kind: 'duration', fallback: 0, min: 0, max: LONGEST_MS } },
    forMs: (values) => argument(values, 'down'),
    inject: () => ({ kind: 'kill' }),
  },
  {
    name: 'pause',
    text: 'the shop is stopped (SIGSTOP) and goes on after `for`, knowing nothing of it',
    arguments: { for: lasting(2 * SECOND_MS) },
    forMs: forGiven,
    inject: () => ({ kind: 'pause', process: 'shop' }),
  },
  {
    name: 'stall',
    text: "the shop's event loop stands still for `for`, as in a long garbage collection",
    arguments: { for: lasting(SECOND_MS / 2, 10 * SECOND_MS) },
    forMs: forGiven,
    inject: (values) => ({ kind: 'stall', forMs: argument(values, 'for') }),
  },
  {
    name: 'clock-jump',
    text: "the shop's clocks jump by `by` (+5s or -5s), and back after `for`",
    arguments: {
      by: {
        kind: 'signed-duration',
        fallback: 5 * SECOND_MS,
        min: -LONGEST_MS,
        max: LONGEST_MS,
      },
      for: lasting(3 * SECOND_MS),
    },
    forMs: forGiven,
    inject: (values) => ({ kind: 'clock', skewMs: argument(values, 'by') }),
  },
  {
    name: 'cache-wipe',
    text: 'everything the shop has cached is gone at once: ready pages, counters beside the stock',
    arguments: {},
    forMs: () => 0,
    inject: () => ({ kind: 'cache-wipe' }),
  },
  eventFault(
    'event-duplicates',
    'every event reaches its consumers several times, within a batch and again, for `for`',
    { kind: 'events', delivery: 'duplicated' },
  ),
  eventFault('event-reorder', 'the events of a batch come in reverse order, for `for`', {
    kind: 'events',
    delivery: 'reordered',
  }),
  eventFault(
    'event-redelivery',
    'events that were dealt with long ago come once more, before and after new ones, for `for`',
    { kind: 'events', delivery: 'repeated' },
  ),
  {
    name: 'payment-brownout',
    text: 'payments are `slower` times slower, declined and unanswered more often, for `for`',
    arguments: {
      for: lasting(3 * SECOND_MS),
      slower: { kind: 'factor', fallback: 10, min: 1, max: LARGEST_FACTOR },
      declined: shareOf(0.2),
      lost: shareOf(0.1),
    },
    forMs: forGiven,
    inject: (values, payment) => ({ kind: 'payment', payment: brownout(values, payment) }),
  },
  {
    name: 'payment-pause',
    text: 'the payment gateway is stopped (SIGSTOP) and goes on after `for`',
    arguments: { for: lasting(2 * SECOND_MS) },
    forMs: forGiven,
    inject: () => ({ kind: 'pause', process: 'payment-gateway' }),
  },
];

/** At most as slow as half of what the shop waits for, or nothing would be paid at all. */
function brownout(
  values: ArgumentValues,
  payment: PaymentOptions,
): Extract<Injection, { kind: 'payment' }>['payment'] {
  const { latency, timeoutMs, declined, lostAnswers } = payment;
  const slower = argument(values, 'slower');
  const p50Ms = Math.max(latency.p50Ms, Math.min(latency.p50Ms * slower, timeoutMs / 2));
  return {
    latency: { p50Ms, p99Ms: Math.max(p50Ms, latency.p99Ms * slower) },
    declined: Math.max(declined, argument(values, 'declined')),
    lostAnswers: Math.max(lostAnswers, argument(values, 'lost')),
  };
}
