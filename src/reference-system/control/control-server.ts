/** The control port: seeding, the sale, observation and the ledger; nothing a shopper may reach. */
import type { FastifyInstance } from 'fastify';
import type { FailureLog } from '../failure-log.ts';
import { createHttpServer, requireHost } from '../gateway/http-server.ts';
import { sendProblem } from '../gateway/problem.ts';
import type { InventoryService, OrdersService, Page } from '../services.ts';
import { type CardSeeding, cardRoutes } from './card-routes.ts';
import { type FaultControls, faultRoutes } from './fault-routes.ts';
import { type Observer, observeRoute } from './observe-route.ts';
import { pageQuery } from './page-query.ts';
import { secretMatcher } from './secret.ts';
import { type SeedingParts, seedingRoutes } from './seeding-routes.ts';

/** A catalogue of 100,000 products fits. */
const BODY_LIMIT_BYTES = 128 * 1024 * 1024;

export interface ControlParts extends SeedingParts, CardSeeding, Observer {
  readonly secret: string;
  readonly failures: FailureLog;
  readonly faults: FaultControls;
  readonly inventory: InventoryService;
  readonly orders: OrdersService;
}

const archiving = {
  type: 'object',
  properties: { moving: { type: 'boolean' } },
  required: ['moving'],
} as const;

type ListRows = (after: string | null, limit: number) => Promise<Page<unknown>>;

export function createControlServer(parts: ControlParts): FastifyInstance {
  const server = createHttpServer(BODY_LIMIT_BYTES, parts.failures);
  requireHost(server);
  const authorised = secretMatcher(parts.secret);
  // Also in front of unknown routes: without the secret the port tells nothing.
  server.addHook('onRequest', (request, reply, done) => {
    if (authorised(request.headers['x-control-secret'])) done();
    else sendProblem(reply, 401, 'unauthorised');
  });
  seedingRoutes(server, parts);
  cardRoutes(server, parts);
  observeRoute(server, parts);
  faultRoutes(server, parts);
  ledgerRoutes(server, parts);
  return server;
}

function ledgerRoutes(server: FastifyInstance, parts: ControlParts): void {
  const { inventory, orders, waitingRoom } = parts;
  server.get('/ledger/stock', async () => ({ items: await inventory.stockRows() }));
  const lists: Readonly<Record<string, ListRows>> = {
    holds: (after, limit) => inventory.holdRows(after, limit),
    orders: (after, limit) => orders.orderRows(after, limit),
    events: (after, limit) => orders.eventRows(after, limit),
    notifications: (after, limit) => orders.notificationRows(after, limit),
    ...(waitingRoom && {
      admissions: (after: string | null, limit: number) => waitingRoom.rows(after, limit),
    }),
    'callback-effects': (after, limit) => orders.callbackRows(after, limit),
  };
  // Beside the switch that makes it stand still, because both are the archive's.
  listRoute(server, '/control/archive', (after, limit) => orders.archivedRows(after, limit));
  server.post<{ Body: { moving: boolean } }>('/control/archive', {
    schema: { body: archiving },
    handler: async (request) => {
      await orders.setArchiving(request.body.moving);
      return { moving: request.body.moving };
    },
  });
  for (const [name, rows] of Object.entries(lists)) {
    listRoute(server, `/ledger/${name}`, rows);
  }
}

function listRoute(server: FastifyInstance, path: string, rows: ListRows): void {
  server.get<{ Querystring: Record<string, string> }>(path, (request, reply) => {
    const page = pageQuery(new URLSearchParams(request.query));
    if (page === undefined) return sendProblem(reply, 400, 'bad_request');
    return rows(page.after, page.limit);
  });
}
