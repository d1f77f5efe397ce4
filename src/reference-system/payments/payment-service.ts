/** The shop's side of payments: charges with retries under one key, asks, and takes back. */
import type { Clock } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import type { CardVault, ChargeOutcome, ChargeRequest, PaymentService } from '../services.ts';
import { signMessage } from './callback-signature.ts';
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
  /** Signs where messages are to be sent; shared with the gateway. */
  readonly callbackSecret: string;
  /** The line to the gateway; HTTP when absent. */
  readonly client?: GatewayClient;
}

export interface ClosablePaymentService extends PaymentService, CardVault {
  /** Tells the gateway on which port of this machine its messages are taken. */
  announce(port: number): Promise<void>;
  close(): Promise<void>;
}

/** Of one request to the vault: it and its answer stay far below the limits of both sides. */
const CARDS_PER_REQUEST = 1_000;
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
    tokenise: (cards) => tokenise(client, options, cards),
    announce: async (port) => {
      const { callbackSecret, clock } = options;
      const body = JSON.stringify({ port });
      const { headers } = signMessage(callbackSecret, {
        id: 'address',
        body,
        wallMs: clock.wallMs(),
      });
      const path = '/callback-address';
      const answer = await ask(client, options, { method: 'POST', path, headers, text: body });
      if (answer.status !== 200) throw badAnswer(answer);
    },
    close: () => client.close(),
  };
}

/** No error may carry what was sent: card numbers are in it. */
async function tokenise(
  client: GatewayClient,
  options: PaymentServiceOptions,
  cards: Parameters<CardVault['tokenise']>[0],
): Promise<(string | null)[]> {
  const tokens: (string | null)[] = [];
  for (let from = 0; from < cards.length; from += CARDS_PER_REQUEST) {
    const part = cards.slice(from, from + CARDS_PER_REQUEST);
    const body = { cards: part.map(({ customer, cardNumber }) => [customer, cardNumber]) };
    const answer = await ask(client, options, { method: 'POST', path: '/vault/cards', body });
    const given = answer.body?.['tokens'];
    if (!Array.isArray(given) || given.length !== part.length || !given.every(isTokenOrNull)) {
      throw badAnswer(answer);
    }
    tokens.push(...given);
  }
  return tokens;
}

function isTokenOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
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
