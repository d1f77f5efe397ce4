/** Public routes of cart, checkout and orders: the two-call order flow. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import { formatIsoTime } from '../../base/units.ts';
import type {
  Cart,
  CartService,
  CatalogueService,
  Checkout,
  Line,
  OrdersService,
  OrderView,
  WaitingRoomService,
} from '../services.ts';
import type { AccessCheck } from './access.ts';
import { sendProblem } from './problem.ts';
import * as schemas from './schemas.ts';
import { ADMISSION_HEADER } from './waiting-room-routes.ts';

interface OrderingParts {
  readonly access: AccessCheck;
  readonly catalogue: CatalogueService;
  readonly cart: CartService;
  readonly orders: OrdersService;
  readonly clock: Clock;
}

const { problem } = schemas;
/** Orders in a page of a customer's list, unless more or fewer are asked for. */
const DEFAULT_LISTED = 20;

export function cartRoutes(server: FastifyInstance, shop: OrderingParts): void {
  const tags = ['cart'] as const;
  const view = (cart: Cart): object => ({
    lines: cart.lines,
    totalMinor: cart.totalMinor,
    currency: shop.catalogue.currency(),
  });

  server.get('/api/cart', {
    onRequest: shop.access,
    schema: {
      operationId: 'cart',
      summary: 'The cart of the customer',
      tags,
      token: true,
      response: { 200: schemas.cart, 401: problem },
    },
    handler: async (request) => view(await shop.cart.view(request.customer)),
  });

  server.post<{ Body: Line }>('/api/cart/items', {
    onRequest: shop.access,
    schema: {
      operationId: 'addToCart',
      summary: 'Adds units to the cart; quantity 0 takes the line out',
      tags,
      token: true,
      body: schemas.cartLine,
      response: { 200: schemas.cart, 400: problem, 401: problem, 404: problem },
    },
    handler: async (request) => view(await shop.cart.put(request.customer, request.body)),
  });
}

export function checkoutRoutes(
  server: FastifyInstance,
  shop: OrderingParts & { readonly waitingRoom: WaitingRoomService | undefined },
): void {
  const { orders, waitingRoom } = shop;
  server.post<{ Body: { lines?: Line[]; partial?: boolean } }>('/api/checkouts', {
    onRequest: shop.access,
    schema: {
      operationId: 'checkout',
      summary: 'Holds the lines given, or the cart, until `expiresAt`',
      tags: ['orders'],
      token: true,
      ...(waitingRoom !== undefined && { headers: schemas.admissionHeaders }),
      body: schemas.checkoutRequest,
      response: { 201: schemas.checkout, ...problems(400, 401, 403, 409, 503) },
    },
    handler: async (request, reply) => {
      const { customer } = request;
      const { lines = null, partial = false } = request.body;
      const token = request.headers[ADMISSION_HEADER];
      const checkout =
        waitingRoom === undefined
          ? await orders.checkout(customer, lines, { partial })
          : await waitingRoom.checkOut(customer, typeof token === 'string' ? token : '', (gate) =>
              orders.checkout(customer, lines, { partial, gate }),
            );
      reply.code(201);
      return checkoutView(checkout, shop.clock);
    },
  });
}

export function orderRoutes(server: FastifyInstance, shop: OrderingParts): void {
  const { orders, access } = shop;
  const tags = ['orders'] as const;
  const token = true;

  server.post<{
    Body: { checkoutId: string; paymentToken: string };
    Headers: { 'idempotency-key': string };
  }>('/api/orders', {
    onRequest: access,
    config: { waitsForPayment: true },
    schema: {
      operationId: 'order',
      summary: 'Pays for a checkout; idempotent by key',
      tags,
      token,
      headers: schemas.idempotencyHeaders,
      body: schemas.orderRequest,
      response: {
        201: schemas.order,
        202: schemas.order,
        ...problems(400, 401, 402, 404, 409, 410, 422, 503),
      },
    },
    handler: async (request, reply) => {
      const key = request.headers['idempotency-key'];
      const answer = await orders.order(request.customer, key, request.body);
      if (answer.replayed) reply.header('idempotent-replayed', 'true');
      reply.code(answer.accepted ? 202 : 201);
      return orderView(answer.order);
    },
  });

  server.get<{ Querystring: { before?: string; limit?: string } }>('/api/orders', {
    onRequest: access,
    schema: {
      operationId: 'orders',
      summary: 'Orders of the customer, newest first; `next` is the `before` of the next page',
      tags,
      token,
      querystring: schemas.ordersQuery,
      response: { 200: schemas.orders, ...problems(400, 401) },
    },
    handler: async (request) => {
      const { before = null, limit = DEFAULT_LISTED } = request.query;
      const page = await orders.ofCustomer(request.customer, before, Number(limit));
      return { items: page.items.map(orderView), next: page.next };
    },
  });

  server.get<{ Params: { id: string } }>('/api/orders/:id', {
    onRequest: access,
    schema: {
      operationId: 'orderById',
      summary: 'One order of the customer',
      tags,
      token,
      params: schemas.orderIdParams,
      response: { 200: schemas.order, ...problems(401, 404) },
    },
    handler: async (request, reply) =>
      sendOrder(reply, await orders.byId(request.customer, request.params.id)),
  });

  server.post<{ Params: { id: string } }>('/api/orders/:id/cancel', {
    onRequest: access,
    config: { waitsForPayment: true },
    schema: {
      operationId: 'cancelOrder',
      summary: 'Cancels a confirmed order: refund and units back',
      tags,
      token,
      params: schemas.orderIdParams,
      response: { 200: schemas.order, ...problems(401, 404, 409) },
    },
    handler: async (request) => orderView(await orders.cancel(request.customer, request.params.id)),
  });
}

export function orderKeyRoutes(server: FastifyInstance, shop: OrderingParts): void {
  const { orders, access } = shop;
  const tags = ['orders'] as const;
  const token = true;

  server.get<{ Params: { key: string } }>('/api/orders/by-key/:key', {
    onRequest: access,
    schema: {
      operationId: 'orderByKey',
      summary: 'What became of a request',
      tags,
      token,
      params: schemas.keyParams,
      response: { 200: schemas.order, ...problems(401, 404, 410) },
    },
    handler: async (request, reply) => {
      const found = await orders.byKey(request.customer, request.params.key);
      if (found === 'tombstoned') return sendProblem(reply, 410, 'tombstoned');
      return sendOrder(reply, found);
    },
  });

  server.put<{ Params: { key: string } }>('/api/orders/by-key/:key/tombstone', {
    onRequest: access,
    schema: {
      operationId: 'tombstone',
      summary: 'Makes a late use of an unused key impossible',
      tags,
      token,
      params: schemas.keyParams,
      response: { 200: schemas.tombstone, ...problems(401, 409) },
    },
    handler: async (request, reply) => {
      const outcome = await orders.tombstone(request.customer, request.params.key);
      if (outcome === 'tombstoned') return { status: 'tombstoned' };
      return sendProblem(reply, 409, 'key_used', { order: orderView(outcome) });
    },
  });
}

function problems(...statuses: number[]): Record<number, object> {
  return Object.fromEntries(statuses.map((status) => [status, problem]));
}

function sendOrder(reply: FastifyReply, found: OrderView | undefined): FastifyReply {
  if (found === undefined) return sendProblem(reply, 404, 'not_found');
  return reply.send(orderView(found));
}

/** Orders keep units; shoppers see quantities. */
function quantities(lines: Checkout['lines']): object[] {
  return lines.map(({ sku, units, priceMinor }) => ({ sku, quantity: units, priceMinor }));
}

function orderView(order: OrderView): object {
  const { id, key, status, totalMinor, currency } = order;
  return { id, key, status, lines: quantities(order.lines), totalMinor, currency };
}

function checkoutView(checkout: Checkout, clock: Clock): object {
  const { id, expiresAtUs, totalMinor, currency } = checkout;
  const expiresAtMs = clock.wallMs() + (expiresAtUs - clock.nowUs()) / 1000;
  const expiresAt = formatIsoTime(expiresAtMs);
  const lines = quantities(checkout.lines);
  const { missing } = checkout;
  return { id, expiresAt, expiresAtUs, lines, missing, totalMinor, currency };
}
