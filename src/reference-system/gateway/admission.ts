/** Load shedding: a bound on requests in hand, so that a queue never grows without limit. */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem.ts';

export interface AdmissionLimits {
  /** Requests in hand, orders not counted. */
  readonly requests: number;
  /**
   * Orders in hand. Apart from the others, because an order waits for the payment: a slow gateway
   * must not take the product pages down.
   */
  readonly orders: number;
}

export const DEFAULT_LIMITS: AdmissionLimits = { requests: 2_048, orders: 4_096 };

export interface Admission {
  readonly inHand: number;
  readonly shed: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Counts against the bound for orders. */
    readonly waitsForPayment?: boolean;
    /** No limit per address counts its requests. */
    readonly unlimited?: boolean;
  }
}

/** What one connection has in hand. */
interface Connection {
  isOpen: boolean;
  inHand: number;
  orders: number;
}

/** To be installed before anything else that looks at a request. */
export function installAdmission(server: FastifyInstance, limits: AdmissionLimits): Admission {
  const admission = { inHand: 0, shed: 0 };
  let orders = 0;
  const connections = new WeakMap<Socket, Connection>();

  /** A connection that is cut takes along what nobody waits for any more: no answer tells of it. */
  function connectionOf(socket: Socket): Connection {
    const known = connections.get(socket);
    if (known !== undefined) return known;
    const connection: Connection = { isOpen: true, inHand: 0, orders: 0 };
    connections.set(socket, connection);
    socket.once('close', () => {
      connection.isOpen = false;
      admission.inHand -= connection.inHand;
      orders -= connection.orders;
    });
    return connection;
  }

  server.addHook('onRequest', (request, reply, done) => {
    const connection = connectionOf(request.raw.socket);
    const isOrder = request.routeOptions.config.waitsForPayment === true;
    if (isOrder) connection.orders++;
    else connection.inHand++;
    const inHand = isOrder ? ++orders : ++admission.inHand;
    if (inHand > (isOrder ? limits.orders : limits.requests)) {
      admission.shed++;
      sendProblem(reply, 503, 'overloaded');
      return;
    }
    done();
  });
  server.addHook('onResponse', (request, _reply, done) => {
    const connection = connections.get(request.raw.socket);
    if (connection?.isOpen === true) {
      if (request.routeOptions.config.waitsForPayment === true) {
        orders--;
        connection.orders--;
      } else {
        admission.inHand--;
        connection.inHand--;
      }
    }
    done();
  });
  return admission;
}
