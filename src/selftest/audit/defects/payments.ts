/** Defects of payments, on the shop's side: the gateway itself stays the independent witness. */
import type { PaymentService } from '../../../reference-system/services.ts';
import type { Defect, Replacements } from '../defect.ts';

function payments(replace: (real: PaymentService) => Partial<PaymentService>): Replacements {
  return { payments: (real) => ({ ...real, ...replace(real) }) };
}

export const PAYMENT_DEFECTS: readonly Defect[] = [
  {
    id: 'no-answer-is-success',
    text: 'a payment without an answer is taken for paid',
    invariant: 'P3',
    traffic: { gatewayLossShare: 0.4 },
    plant: () =>
      payments((real) => ({
        charge: async (request) => {
          const outcome = await real.charge(request);
          return outcome.kind === 'unknown' ? { kind: 'captured', chargeId: '' } : outcome;
        },
      })),
  },
  {
    id: 'decline-is-success',
    text: 'a declined payment confirms the order',
    invariant: 'P3',
    traffic: { declinedShare: 0.3 },
    plant: () =>
      payments((real) => ({
        charge: async (request) => {
          const outcome = await real.charge(request);
          return outcome.kind === 'declined' ? { kind: 'captured', chargeId: '' } : outcome;
        },
      })),
  },
  {
    id: 'order-not-charged',
    text: 'some orders are never sent to the payment gateway',
    invariant: 'P3',
    plant: ({ prng }) =>
      payments((real) => ({
        charge: async (request) =>
          prng.chance(0.2) ? { kind: 'captured', chargeId: '' } : real.charge(request),
      })),
  },
  {
    id: 'refund-skipped',
    text: 'a cancelled order is not paid back',
    invariant: 'P2',
    traffic: { cancelShare: 0.5 },
    plant: () => payments(() => ({ cancel: async () => 'refunded' })),
  },
  {
    id: 'late-capture-kept',
    text: 'an order given up for want of an answer keeps the money that was captured after all',
    invariant: 'P2',
    traffic: { lostAnswers: 0.5 },
    plant: () =>
      payments((real) => ({
        lookup: async (orderId) => {
          const status = await real.lookup(orderId);
          return status === 'captured' ? 'voided' : status;
        },
        cancel: async () => 'voided',
      })),
  },
  {
    id: 'charged-in-whole-units',
    text: 'an amount of a currency without decimals is sent as if it had two',
    invariant: 'O4',
    traffic: { currency: 'JPY', pricesMinor: [2000, 3500] },
    plant: () =>
      payments((real) => ({
        charge: (request) => real.charge({ ...request, amountMinor: request.amountMinor * 100 }),
      })),
  },
  {
    id: 'charged-in-another-currency',
    text: 'charges are made in a currency that is not the one of the order',
    invariant: 'O4',
    traffic: { currency: 'GBP' },
    plant: () =>
      payments((real) => ({ charge: (request) => real.charge({ ...request, currency: 'EUR' }) })),
  },
  {
    id: 'charged-one-cent-less',
    text: 'the charge is a cent below the total',
    invariant: 'P5',
    plant: () =>
      payments((real) => ({
        charge: (request) => real.charge({ ...request, amountMinor: request.amountMinor - 1 }),
      })),
  },
  {
    id: 'charge-for-no-order',
    text: 'every attempt at a payment is made for an order of its own',
    invariant: 'P2',
    plant: () => {
      let attempts = 0;
      return {
        gatewayLine: (real) => ({
          ...real,
          send: (request, timeoutMs) => {
            if (request.path !== '/charges') return real.send(request, timeoutMs);
            const body = request.body as { orderId: string };
            const orderId = `${body.orderId}-try${++attempts}`;
            const headers = { ...request.headers, 'idempotency-key': orderId };
            return real.send({ ...request, headers, body: { ...body, orderId } }, timeoutMs);
          },
        }),
      };
    },
  },
];
