/** Public routes of payments: a card for a token, and the messages of the payment gateway. */
import type { FastifyInstance } from 'fastify';
import { EcomsimError } from '../../base/errors.ts';
import { type CardVault, type PaymentMessages, Refusal } from '../services.ts';
import type { AccessCheck } from './access.ts';
import { sendProblem } from './problem.ts';
import * as schemas from './schemas.ts';

const { problem } = schemas;
const SHOWN_DIGITS = 4;

export function paymentRoutes(
  server: FastifyInstance,
  shop: { readonly access: AccessCheck; readonly payments: CardVault },
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

export function callbackRoutes(server: FastifyInstance, messages: PaymentMessages): void {
  // The signature is over the bytes as they came, so nobody may parse them first.
  const { contentType } = messages;
  server.addContentTypeParser(contentType, { parseAs: 'string' }, (_request, body, done) => {
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
    handler: async ({ body, headers }, reply) => {
      if (typeof body !== 'string') return sendProblem(reply, 415, 'bad_request');
      const outcome = await messages.take(headers, body).catch(unreachable);
      if (outcome === 'unauthorised') return sendProblem(reply, 401, 'unauthorised');
      if (outcome === 'refused') return sendProblem(reply, 422, 'bad_callback');
      return { outcome };
    },
  });
}

/** The gateway that cannot be reached is no failure of the shop: ask again. */
function unreachable(error: unknown): never {
  if (error instanceof EcomsimError && error.code === 'TARGET_UNREACHABLE') {
    throw new Refusal(503, 'payments_unavailable');
  }
  throw error;
}
