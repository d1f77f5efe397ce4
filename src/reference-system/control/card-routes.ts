/** Control route that gives many customers a card at once, by the way that a single one takes. */
import type { FastifyInstance } from 'fastify';
import { type CardVault, Refusal } from '../services.ts';

export interface CardSeeding {
  readonly payments: CardVault;
}

const MAX_CARDS_PER_CALL = 200_000;

const body = {
  type: 'object',
  properties: {
    from: { type: 'integer', minimum: 0, maximum: 1_000_000_000 },
    cardNumbers: {
      type: 'array',
      items: { type: 'string', maxLength: 32 },
      maxItems: MAX_CARDS_PER_CALL,
    },
  },
  required: ['from', 'cardNumbers'],
} as const;

export function cardRoutes(server: FastifyInstance, { payments }: CardSeeding): void {
  server.post<{ Body: { from: number; cardNumbers: readonly string[] } }>(
    '/control/payment-methods',
    {
      schema: { body },
      handler: async (request) => {
        const { from, cardNumbers } = request.body;
        const cards = cardNumbers.map((cardNumber, index) => {
          return { customer: `c-${from + index}`, cardNumber };
        });
        const tokens = await payments.tokenise(cards);
        if (tokens.includes(null)) throw new Refusal(422, 'card_refused');
        return { tokens };
      },
    },
  );
}
