/**
 * Load shedding: bounds on requests in hand and on the delay of the event loop, beyond which a
 * request is refused before anything has been done for it, so that no queue grows without limit.
 */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { SheddingOptions } from '../../contract/profile.ts';
import { sendProblem } from './problem.ts';

export const DEFAULT_SHEDDING: SheddingOptions = {
  requests: 2_048,
  orders: 4_096,
  loopDelayMs: 1_000,
};

export interface LoadShedding {
  readonly inHand: number;
  /** Requests refused because too many were in hand, and because the event loop was late. */
  readonly shed: number;
  readonly shedByDelay: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Counts against the bound for orders. Apart from the others, because an order waits for the
     * payment: a slow gateway must not take the product pages down.
     */
    readonly waitsForPayment?: boolean;
    /** Neither a limit per address nor the event loop's delay keeps it out. */
    readonly unlimited?: boolean;
  }
}

/** How often the event loop is asked whether it is on time. */
const PULSE_MS = 50;

/** How late the event loop is: by its last pulse, or by one that should have come by now. */
class LoopDelay {
  readonly #clock: Clock;
  #dueUs = Number.POSITIVE_INFINITY;
  #lastMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(): void {
    const clock = this.#clock;
    this.#dueUs = clock.nowUs() + PULSE_MS * 1000;
    // Does not keep the process alive, and the server lives as long as the process.
    clock.every(PULSE_MS, () => {
      const nowUs = clock.nowUs();
      this.#lastMs = Math.max(0, (nowUs - this.#dueUs) / 1000);
      this.#dueUs = nowUs + PULSE_MS * 1000;
    });
  }

  get nowMs(): number {
    return Math.max(this.#lastMs, (this.#clock.nowUs() - this.#dueUs) / 1000);
  }
}

/** What one connection has in hand. */
interface Connection {
  isOpen: boolean;
  inHand: number;
  orders: number;
}

/** To be installed before anything else that looks at a request. */
export function installLoadShedding(
  server: FastifyInstance,
  limits: SheddingOptions,
  clock: Clock,
): LoadShedding {
  const shedding = { inHand: 0, shed: 0, shedByDelay: 0 };
  const delay = limits.loopDelayMs > 0 ? new LoopDelay(clock) : undefined;
  // Not before: whatever blocks the loop while the shop starts keeps nobody waiting.
  server.server.once('listening', () => delay?.start());
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
      shedding.inHand -= connection.inHand;
      orders -= connection.orders;
    });
    return connection;
  }

  server.addHook('onRequest', (request, reply, done) => {
    const connection = connectionOf(request.raw.socket);
    const { waitsForPayment, unlimited } = request.routeOptions.config;
    const isOrder = waitsForPayment === true;
    if (isOrder) connection.orders++;
    else connection.inHand++;
    const inHand = isOrder ? ++orders : ++shedding.inHand;
    if (inHand > (isOrder ? limits.orders : limits.requests)) {
      shedding.shed++;
      sendProblem(reply, 503, 'overloaded');
      return;
    }
    if (delay !== undefined && unlimited !== true && delay.nowMs > limits.loopDelayMs) {
      shedding.shedByDelay++;
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
        shedding.inHand--;
        connection.inHand--;
      }
    }
    done();
  });
  return shedding;
}
