/** Control route that puts the running shop out of order, and in order again. */
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { EventDelivery } from '../../contract/fault.ts';

/** What of a running shop can be put out of order. */
export interface FaultControls {
  skewClock(ms: number): void;
  /** Resolves when what must not be missing is there again. */
  wipeCaches(): Promise<void>;
  deliverEvents(delivery: EventDelivery | null): void;
}

const MAX_SKEW_MS = 3_600_000;
const MAX_STALL_MS = 60_000;
/** The answer is on its way before the event loop stands still. */
const ANSWER_FIRST_MS = 2;

const fault = {
  type: 'object',
  additionalProperties: false,
  properties: {
    clockSkewMs: { type: 'number', minimum: -MAX_SKEW_MS, maximum: MAX_SKEW_MS },
    stallMs: { type: 'number', minimum: 0, maximum: MAX_STALL_MS },
    cacheWipe: { type: 'boolean' },
    events: { type: ['string', 'null'], enum: ['duplicated', 'reordered', 'repeated', null] },
  },
} as const;

interface FaultBody {
  readonly clockSkewMs?: number;
  readonly stallMs?: number;
  readonly cacheWipe?: boolean;
  readonly events?: EventDelivery | null;
}

export function faultRoutes(
  server: FastifyInstance,
  shop: { readonly faults: FaultControls; readonly clock: Clock },
): void {
  const { faults, clock } = shop;
  server.post<{ Body: FaultBody }>('/control/faults', {
    schema: { body: fault },
    handler: async (request) => {
      const { clockSkewMs, stallMs, cacheWipe, events } = request.body;
      if (clockSkewMs !== undefined) faults.skewClock(clockSkewMs);
      if (cacheWipe === true) await faults.wipeCaches();
      if (events !== undefined) faults.deliverEvents(events);
      if (stallMs !== undefined) clock.after(ANSWER_FIRST_MS, () => clock.pause(stallMs * 1000));
      return { done: true };
    },
  });
}
