/** Public routes of payments: a card for a token, and the messages of the payment gateway. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import { EcomsimError } from '../../base/errors.ts';
import { CALLBACK_TYPE, checkSignature, statedId } from '../payments/callback-signature.ts';
import {
  type CardVault,
  type OrdersService,
  type PaymentNotice,
  Refusal,
  type UserService,
} from '../services.ts';
import type { AccessCheck } from './access.ts';
import { sendProblem } from './problem.ts';
import * as schemas from './schemas.ts';

const { problem } = schemas;
const SHOWN_DIGITS = 4;
const NOTICE_KINDS = ['captured', 'declined', 'voided', 'refunded'] as const;
const MAX_ID_CHARS = 128;

export function paymentRoutes(
  server: FastifyInstance,
  shop: { readonly access: AccessCheck; readonly payments: CardVault; readonly users: UserService },
): void {
  server.post<{ Body: { cardNumber: string } }>('/api/payment-methods', {
    onRequest: shop.access,
    schema: {
      operationId: 'paymentMethod',
      summary: 'A token to pay with instead of a card number; test cards only',
      tags: ['payments'],
      token: true,
      body: schemas.paymentMethodRequest,
      response: {
        201: schemas.paymentMethod,
        400: problem,
        401: problem,
        422: problem,
        503: problem,
      },
    },
    handler: async (request, reply) => {
      const { cardNumber } = request.body;
      const card = { customer: request.customer, cardNumber };
      const [paymentToken] = await shop.payments.tokenise([card]).catch(unreachable);
      if (typeof paymentToken !== 'string') return sendProblem(reply, 422, 'card_refused');
      reply.code(201);
      return { paymentToken, lastDigits: cardNumber.slice(-SHOWN_DIGITS) };
    },
  });
}

export function callbackRoutes(
  server: FastifyInstance,
  shop: {
    readonly orders: OrdersService;
    readonly clock: Clock;
    readonly callbackSecret: string;
  },
): void {
  const { orders, clock, callbackSecret } = shop;
  // The signature is over the bytes as they came, so nobody may parse them first.
  server.addContentTypeParser(CALLBACK_TYPE, { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  server.post('/api/payments/callbacks', {
    // Many come from one address, and each is checked before anything is done.
    config: { unlimited: true },
    schema: {
      operationId: 'paymentCallback',
      summary: 'A signed message of the payment gateway; takes effect once',
      tags: ['payments'],
      response: { 200: schemas.callbackOutcome, 401: problem, 415: problem, 422: problem },
    },
    handler: async (request, reply) => {
      const { body, headers } = request;
      if (typeof body !== 'string') return sendProblem(reply, 415, 'bad_request');
      const id = statedId(headers);
      const notice =
        checkSignature(callbackSecret, headers, body, clock.wallMs()) === 'genuine'
          ? noticeOf(body, id)
          : undefined;
      if (notice === undefined) return refuse(reply, orders, id);
      const outcome = await orders.hearNotice(notice).catch(unreachable);
      if (outcome === 'refused') return sendProblem(reply, 422, 'bad_callback');
      return { outcome };
    },
  });
}

async function refuse(
  reply: FastifyReply,
  orders: OrdersService,
  id: string | undefined,
): Promise<FastifyReply> {
  if (id !== undefined) await orders.refuseNotice(id);
  return sendProblem(reply, 401, 'unauthorised');
}

/** Undefined when it is not what the gateway sends, or not under the id that was signed. */
function noticeOf(body: string, statedAs: string | undefined): PaymentNotice | undefined {
  const fields = parseObject(body);
  const { id, orderId, amountMinor, currency } = fields;
  const kind = NOTICE_KINDS.find((one) => one === fields['kind']);
  if (typeof id !== 'string' || id !== statedAs || kind === undefined) return undefined;
  if (typeof orderId !== 'string' || orderId.length > MAX_ID_CHARS) return undefined;
  if (!Number.isSafeInteger(amountMinor) || typeof currency !== 'string') return undefined;
  return { id, orderId, kind, amountMinor: amountMinor as number, currency };
}

function parseObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Not JSON: no field is there, and the message is refused for it.
    return {};
  }
}

/** The gateway that cannot be reached is no failure of the shop: ask again. */
function unreachable(error: unknown): never {
  if (error instanceof EcomsimError && error.code === 'TARGET_UNREACHABLE') {
    throw new Refusal(503, 'payments_unavailable');
  }
  throw error;
}
