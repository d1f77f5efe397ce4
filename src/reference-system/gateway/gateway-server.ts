/** The public port: every route of the shop behind one entrance. */
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { SystemLimits } from '../../contract/profile.ts';
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
import { createHttpServer, requireHost } from './http-server.ts';
import { OpenApiDocument } from './openapi.ts';
import { cartRoutes, checkoutRoutes, orderKeyRoutes, orderRoutes } from './order-routes.ts';
import { sendProblem } from './problem.ts';
import type { PublicPages } from './public-pages.ts';
import { RateLimit } from './rate-limit.ts';
import * as schemas from './schemas.ts';
import { SHOPPER_ADDRESS_HEADER, ShopperAddresses } from './shopper-address.ts';
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
  readonly limits: SystemLimits;
  /** Signs the addresses that a load generator states; '' when nobody may. */
  readonly addressSecret: string;
}

export interface GatewayServer {
  readonly server: FastifyInstance;
  readonly admission: Admission;
}

export function createGatewayServer(parts: GatewayParts): GatewayServer {
  const server = createHttpServer(BODY_LIMIT_BYTES, parts.failures);
  const admission = installAdmission(server, DEFAULT_LIMITS);
  requireHost(server);
  const document = new OpenApiDocument();
  server.addHook('onRoute', document.add);
  const { perAddressPerSec = 0, perUserPerSec = 0 } = parts.limits;
  if (perAddressPerSec > 0) {
    limitPerAddress(server, new RateLimit(perAddressPerSec, parts.clock), parts.addressSecret);
  }
  const perUser = perUserPerSec > 0 ? new RateLimit(perUserPerSec, parts.clock) : undefined;
  const access = createAccessCheck(server, parts.users, perUser);
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

/** Health is asked by machines, and by a load generator before it has any shopper. */
function limitPerAddress(server: FastifyInstance, limit: RateLimit, secret: string): void {
  const addresses = new ShopperAddresses(secret);
  server.addHook('onRequest', (request, reply, done) => {
    const stated = request.headers[SHOPPER_ADDRESS_HEADER];
    const address = addresses.of(request.socket.remoteAddress ?? '', stated);
    if (request.routeOptions.config.unlimited === true || limit.take(address)) done();
    else sendProblem(reply, 429, 'rate_limited');
  });
}

function serviceRoutes(server: FastifyInstance, instance: string): void {
  const health = { status: 'ok', instance };
  server.get('/healthz', {
    config: { unlimited: true },
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
