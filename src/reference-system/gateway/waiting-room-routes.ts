/** Public routes of the waiting room: take a place, and ask how it stands. */
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import { formatIsoTime } from '../../base/units.ts';
import type { QueuePlace, WaitingRoomService } from '../services.ts';
import type { AccessCheck } from './access.ts';
import { sendProblem } from './problem.ts';
import * as schemas from './schemas.ts';

/** As Node gives it: lower case. */
export const ADMISSION_HEADER = 'x-admission-token';

/** Asking more often tells nothing new. */
const POLL_AFTER_MS = 1000;

export function waitingRoomRoutes(
  server: FastifyInstance,
  shop: {
    readonly access: AccessCheck;
    readonly clock: Clock;
    readonly waitingRoom: WaitingRoomService;
  },
): void {
  const { access, clock, waitingRoom } = shop;
  const { problem } = schemas;
  const common = { tags: ['admission'], token: true } as const;

  server.post('/api/admission', {
    onRequest: access,
    schema: {
      operationId: 'joinQueue',
      summary: "Takes the customer's place in the waiting room, or shows the one there is",
      ...common,
      response: { 200: schemas.queuePlace, 401: problem, 409: problem, 503: problem },
    },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return viewOf(await waitingRoom.join(request.customer), clock);
    },
  });

  server.get('/api/admission', {
    onRequest: access,
    schema: {
      operationId: 'queueStatus',
      summary: 'Position and estimated wait, or the admission token',
      ...common,
      response: { 200: schemas.queuePlace, 401: problem, 404: problem },
    },
    handler: (request, reply) => {
      const place = waitingRoom.look(request.customer);
      reply.header('cache-control', 'no-store');
      if (place === undefined) sendProblem(reply, 404, 'not_found');
      else reply.send(viewOf(place, clock));
    },
  });
}

function viewOf(place: QueuePlace, clock: Clock): object {
  if (place.status === 'waiting') return { ...place, pollAfterMs: POLL_AFTER_MS };
  const { expiresAtUs } = place;
  const expiresAtMs = clock.wallMs() + (expiresAtUs - clock.nowUs()) / 1000;
  return { ...place, expiresAt: formatIsoTime(expiresAtMs) };
}
