/**
 * Faults of the payment gateway: slow, declining, silent, and what befalls the messages that it sends by
 * itself. Each makes things worse than they are configured, never better.
 */
import type { Injection } from '../contract/fault.ts';
import type {
  CallbackOptions,
  CallbackTwist,
  PaymentBehaviour,
  PaymentOptions,
} from '../contract/profile.ts';
import {
  type ArgumentValues,
  argument,
  type FaultArgument,
  type FaultKind,
  forGiven,
  lasting,
  SECOND_MS,
  shareOf,
} from './fault-kind.ts';

const LARGEST_FACTOR = 1000;
/** Where none are configured, messages are sent for the time of the fault. */
const PLAIN_CALLBACKS: CallbackOptions = {
  delay: { p50Ms: 100, p99Ms: 1000 },
  ...{ lost: 0, late: 0, lateMs: 0, duplicated: 0, early: 0, replayed: 0, forged: 0 },
};

export const PAYMENT_FAULTS: readonly FaultKind[] = [
  {
    name: 'payment-brownout',
    text: 'payments are "slower" times slower, declined and unanswered more often, for "for"',
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
    text: 'the payment gateway is stopped (SIGSTOP) and goes on after "for"',
    arguments: { for: lasting(2 * SECOND_MS) },
    forMs: forGiven,
    inject: () => ({ kind: 'pause', process: 'payment-gateway' }),
  },
  paymentFault('payment-declined', 'a "share" of payments is declined, for "for"', {
    fallback: 0.8,
    change: (share, { declined }) => ({ declined: Math.max(declined, share) }),
  }),
  paymentFault(
    'payment-lost-answers',
    'a "share" of payments is captured and not answered, for "for"',
    {
      fallback: 0.5,
      change: (share, { lostAnswers }) => ({ lostAnswers: Math.max(lostAnswers, share) }),
    },
  ),
  callbackFault('lost', 'a "share" of the messages of the gateway is never sent, for "for"'),
  callbackFault('late', 'a "share" of its messages comes only "by" after the decision, for "for"', {
    by: lasting(10 * SECOND_MS),
  }),
  callbackFault('duplicated', 'a "share" of its messages comes twice or more at once, for "for"'),
  callbackFault('early', 'a "share" of its messages overtakes the answer to the charge, for "for"'),
  callbackFault('forged', 'beside a "share" of its messages comes one that lies, for "for"'),
  callbackFault('replayed', 'a "share" of its messages comes once more a second later, for "for"'),
];

function paymentFault(
  name: string,
  text: string,
  parts: {
    readonly fallback: number;
    change(share: number, payment: PaymentOptions): Partial<PaymentBehaviour>;
  },
): FaultKind {
  return {
    name,
    text,
    arguments: { for: lasting(3 * SECOND_MS), share: shareOf(parts.fallback) },
    forMs: forGiven,
    inject: (values, payment) => ({
      kind: 'payment',
      payment: { ...usual(payment), ...parts.change(argument(values, 'share'), payment) },
    }),
  };
}

function callbackFault(
  twist: CallbackTwist,
  text: string,
  more: Readonly<Record<string, FaultArgument>> = {},
): FaultKind {
  return {
    name: `callbacks-${twist}`,
    text,
    arguments: { for: lasting(3 * SECOND_MS), share: shareOf(0.5), ...more },
    forMs: forGiven,
    inject: (values, payment) => {
      const { callbacks = PLAIN_CALLBACKS } = payment;
      const share = Math.max(callbacks[twist], argument(values, 'share'));
      const lateMs = argument(values, 'by');
      const twisted = { ...callbacks, [twist]: share, ...(twist === 'late' && { lateMs }) };
      return { kind: 'payment', payment: { ...usual(payment), callbacks: twisted } };
    },
  };
}

function usual({ latency, declined, lostAnswers }: PaymentOptions): PaymentBehaviour {
  return { latency, declined, lostAnswers };
}

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
