/** The shop's side of payments: charges with retries under one key, asks, and takes back. */
import type { Clock } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import type { ChargeOutcome, ChargeRequest, PaymentService } from '../services.ts';
import {
  createGatewayClient,
  type GatewayAnswer,
  type GatewayClient,
  type GatewayRequest,
} from './gateway-client.ts';

/** Pause before a retry after a failure that came at once (a cut connection, a restart). */
const RETRY_PAUSE_MS = 25;

export interface PaymentServiceOptions {
  readonly gatewayOrigin: string;
  /** Per attempt. */
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly clock: Clock;
  /** The line to the gateway; HTTP when absent. */
  readonly client?: GatewayClient;
}

export interface ClosablePaymentService extends PaymentService {
  close(): Promise<void>;
}

const KNOWN_STATUS = ['captured', 'declined', 'voided', 'refunded'] as const;

export function createPaymentService(options: PaymentServiceOptions): ClosablePaymentService {
  const client = options.client ?? createGatewayClient(options.gatewayOrigin, options.clock);
  return {
    charge: (request) => charge(client, options, request),
    lookup: async (orderId) => {
      const answer = await ask(client, options, { method: 'GET', path: pathOf(orderId) });
      if (answer.status === 404) return 'none';
      const status = KNOWN_STATUS.find((known) => known === answer.body?.['status']);
      if (status === undefined) throw badAnswer(answer);
      return status;
    },
    cancel: async (orderId) => {
      const path = `${pathOf(orderId)}/cancel`;
      const answer = await ask(client, options, { method: 'POST', path });
      const status = answer.body?.['status'];
      if (status !== 'refunded' && status !== 'voided') throw badAnswer(answer);
      return status;
    },
    close: () => client.close(),
  };
}

/** Every attempt carries the same key, so at most one of them charges. */
async function charge(
  client: GatewayClient,
  options: PaymentServiceOptions,
  request: ChargeRequest,
): Promise<ChargeOutcome> {
  const message: GatewayRequest = {
    method: 'POST',
    path: '/charges',
    headers: { 'idempotency-key': `${request.orderId}:charge` },
    body: request,
  };
  for (let attempt = 1; attempt <= options.attempts; attempt++) {
    if (attempt > 1) await options.clock.sleep(RETRY_PAUSE_MS);
    const answer = await client.send(message, options.timeoutMs).catch(noAnswer);
    const outcome = answer === undefined ? undefined : chargeOutcomeOf(answer);
    if (outcome !== undefined) return outcome;
  }
  return { kind: 'unknown' };
}

/** No answer is a fact of its own here: the next attempt or the resolver finds out. */
function noAnswer(): undefined {
  return undefined;
}

function chargeOutcomeOf({ status, body }: GatewayAnswer): ChargeOutcome | undefined {
  // Barred: the order was cancelled at the gateway, so this charge never happens.
  if (status === 409) return { kind: 'declined' };
  if (status !== 200) return undefined;
  if (body?.['status'] === 'declined') return { kind: 'declined' };
  const chargeId = body?.['id'];
  if (body?.['status'] !== 'captured' || typeof chargeId !== 'string') return undefined;
  return { kind: 'captured', chargeId };
}

/** Both questions are idempotent. Throws TARGET_UNREACHABLE after the last attempt. */
async function ask(
  client: GatewayClient,
  options: PaymentServiceOptions,
  request: GatewayRequest,
): Promise<GatewayAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.send(request, options.timeoutMs);
    } catch (error) {
      if (attempt >= options.attempts) {
        throw new EcomsimError(
          'TARGET_UNREACHABLE',
          `The payment gateway does not answer: ${messageOf(error)}.`,
          { cause: error },
        );
      }
      await options.clock.sleep(RETRY_PAUSE_MS);
    }
  }
}

function pathOf(orderId: string): string {
  return `/charges/by-order/${encodeURIComponent(orderId)}`;
}

function badAnswer(answer: GatewayAnswer): EcomsimError {
  return new EcomsimError(
    'TARGET_BAD_ANSWER',
    `The payment gateway gave an answer (status ${answer.status}) that it must not give.`,
  );
}
