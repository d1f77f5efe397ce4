/** The public port: every route of the shop behind one entrance. */
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { FailureLog } from '../failure-log.ts';
import type {
  CartService,
  CatalogueService,
  InventoryService,
  OrdersService,
  SaleService,
  UserService,
} from '../services.ts';
import { createAccessCheck } from './access.ts';
import { type Admission, DEFAULT_LIMITS, installAdmission } from './admission.ts';
import { catalogueRoutes } from './catalogue-routes.ts';
import { createHttpServer } from './http-server.ts';
import { OpenApiDocument } from './openapi.ts';
import { cartRoutes, checkoutRoutes, orderKeyRoutes, orderRoutes } from './order-routes.ts';
import type { PublicPages } from './public-pages.ts';
import * as schemas from './schemas.ts';
import { userRoutes } from './user-routes.ts';

const BODY_LIMIT_BYTES = 64 * 1024;

export interface GatewayParts {
  readonly catalogue: CatalogueService;
  readonly sale: SaleService;
  readonly users: UserService;
  readonly inventory: InventoryService;
  readonly cart: CartService;
  readonly orders: OrdersService;
  readonly pages: PublicPages;
  readonly clock: Clock;
  readonly failures: FailureLog;
  /** Random id of this start. */
  readonly instance: string;
}

export interface GatewayServer {
  readonly server: FastifyInstance;
  readonly admission: Admission;
}

export function createGatewayServer(parts: GatewayParts): GatewayServer {
  const server = createHttpServer(BODY_LIMIT_BYTES, parts.failures);
  const admission = installAdmission(server, DEFAULT_LIMITS);
  const document = new OpenApiDocument();
  server.addHook('onRoute', document.add);
  const access = createAccessCheck(server, parts.users);
  serviceRoutes(server, parts.instance);
  catalogueRoutes(server, parts);
  userRoutes(server, parts.users);
  cartRoutes(server, { ...parts, access });
  checkoutRoutes(server, { ...parts, access });
  orderRoutes(server, { ...parts, access });
  orderKeyRoutes(server, { ...parts, access });
  const openApi = document.toJson();
  server.get('/openapi.json', (_request, reply) => {
    reply.header('content-type', 'application/json; charset=utf-8').send(openApi);
  });
  return { server, admission };
}

function serviceRoutes(server: FastifyInstance, instance: string): void {
  const health = { status: 'ok', instance };
  server.get('/healthz', {
    schema: {
      operationId: 'health',
      summary: 'Whether the shop is up, and which start of it this is',
      tags: ['service'],
      response: { 200: schemas.health },
    },
    handler: (_request, reply) => {
      reply.header('cache-control', 'no-store').send(health);
    },
  });
}
