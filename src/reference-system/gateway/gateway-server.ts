/** The public port: every route of the shop behind one entrance. */
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { SheddingOptions, SystemLimits } from '../../contract/profile.ts';
import type { FailureLog } from '../failure-log.ts';
import type {
  CardVault,
  CartService,
  CatalogueService,
  InventoryService,
  OrdersService,
  PaymentMessages,
  SaleService,
  UserService,
  WaitingRoomService,
} from '../services.ts';
import { createAccessCheck } from './access.ts';
import { catalogueRoutes } from './catalogue-routes.ts';
import { createHttpServer, requireHost } from './http-server.ts';
import { DEFAULT_SHEDDING, installLoadShedding, type LoadShedding } from './load-shedding.ts';
import { OpenApiDocument } from './openapi.ts';
import { cartRoutes, checkoutRoutes, orderKeyRoutes, orderRoutes } from './order-routes.ts';
import { callbackRoutes, paymentRoutes } from './payment-routes.ts';
import { sendProblem } from './problem.ts';
import type { PublicPages } from './public-pages.ts';
import { RateLimit } from './rate-limit.ts';
import * as schemas from './schemas.ts';
import { SHOPPER_ADDRESS_HEADER, ShopperAddresses } from './shopper-address.ts';
import { userRoutes } from './user-routes.ts';
import { waitingRoomRoutes } from './waiting-room-routes.ts';

const BODY_LIMIT_BYTES = 64 * 1024;

export interface GatewayParts {
  readonly catalogue: CatalogueService;
  readonly sale: SaleService;
  readonly users: UserService;
  readonly inventory: InventoryService;
  readonly cart: CartService;
  readonly orders: OrdersService;
  readonly payments: CardVault;
  readonly messages: PaymentMessages;
  readonly pages: PublicPages;
  readonly clock: Clock;
  /** The machine's own, for what is measured: the shop's may be moved by a fault. */
  readonly trueClock: Clock;
  readonly failures: FailureLog;
  /** Random id of this start. */
  readonly instance: string;
  readonly limits: SystemLimits;
  readonly shedding?: SheddingOptions;
  /** Undefined: everybody may check out. */
  readonly waitingRoom: WaitingRoomService | undefined;
  /** Signs the addresses that a load generator states; '' when nobody may. */
  readonly addressSecret: string;
}

/** What the gateway turned away, and what it has in hand. */
export interface GatewayLoad extends LoadShedding {
  readonly refusedPerAddress: number;
  readonly refusedPerUser: number;
}

export interface GatewayServer {
  readonly server: FastifyInstance;
  load(): GatewayLoad;
}

export function createGatewayServer(parts: GatewayParts): GatewayServer {
  const server = createHttpServer(BODY_LIMIT_BYTES, parts.failures);
  const { clock, shedding: limits = DEFAULT_SHEDDING } = parts;
  const shedding = installLoadShedding(server, limits, parts.trueClock);
  requireHost(server);
  const document = new OpenApiDocument();
  server.addHook('onRoute', document.add);
  const { perAddressPerSec = 0, perUserPerSec = 0 } = parts.limits;
  const perAddress = perAddressPerSec > 0 ? new RateLimit(perAddressPerSec, clock) : undefined;
  if (perAddress !== undefined) limitPerAddress(server, perAddress, parts.addressSecret);
  const perUser = perUserPerSec > 0 ? new RateLimit(perUserPerSec, clock) : undefined;
  const access = createAccessCheck(server, parts.users, perUser);
  serviceRoutes(server, parts.instance);
  catalogueRoutes(server, parts);
  userRoutes(server, parts.users);
  cartRoutes(server, { ...parts, access });
  checkoutRoutes(server, { ...parts, access });
  orderRoutes(server, { ...parts, access });
  orderKeyRoutes(server, { ...parts, access });
  const { waitingRoom } = parts;
  if (waitingRoom !== undefined) waitingRoomRoutes(server, { access, clock, waitingRoom });
  paymentRoutes(server, { ...parts, access });
  callbackRoutes(server, parts.messages);
  const openApi = document.toJson();
  server.get('/openapi.json', (_request, reply) => {
    reply.header('content-type', 'application/json; charset=utf-8').send(openApi);
  });
  const load = (): GatewayLoad => ({
    ...shedding,
    refusedPerAddress: perAddress?.refused ?? 0,
    refusedPerUser: perUser?.refused ?? 0,
  });
  return { server, load };
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
