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

/** What is in hand, of which everything is given back that a cut connection takes along. */
class InHand {
  requests = 0;
  orders = 0;
  readonly #connections = new WeakMap<Socket, Connection>();

  /** How many of its kind there are now. */
  take(socket: Socket, kind: Kind): number {
    this.#connectionOf(socket)[kind]++;
    return ++this[kind];
  }

  giveBack(socket: Socket, kind: Kind): void {
    const connection = this.#connections.get(socket);
    if (connection?.isOpen !== true) return;
    connection[kind]--;
    this[kind]--;
  }

  /** Nobody waits any more for what a cut connection had asked for: no answer tells of it. */
  #connectionOf(socket: Socket): Connection {
    const known = this.#connections.get(socket);
    if (known !== undefined) return known;
    const connection: Connection = { isOpen: true, requests: 0, orders: 0 };
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      connection.isOpen = false;
      this.requests -= connection.requests;
      this.orders -= connection.orders;
    });
    return connection;
  }
}

type Kind = 'requests' | 'orders';

interface Connection extends Record<Kind, number> {
  isOpen: boolean;
}

/** To be installed before anything else that looks at a request. */
export function installLoadShedding(
  server: FastifyInstance,
  limits: SheddingOptions,
  clock: Clock,
): LoadShedding {
  const inHand = new InHand();
  const shed = { tooMany: 0, byDelay: 0 };
  const delay = limits.loopDelayMs > 0 ? new LoopDelay(clock) : undefined;
  // Not before: whatever blocks the loop while the shop starts keeps nobody waiting.
  server.server.once('listening', () => delay?.start());
  server.addHook('onRequest', (request, reply, done) => {
    const { waitsForPayment, unlimited } = request.routeOptions.config;
    const kind = waitsForPayment === true ? 'orders' : 'requests';
    if (inHand.take(request.raw.socket, kind) > limits[kind]) {
      shed.tooMany++;
      sendProblem(reply, 503, 'overloaded');
      return;
    }
    if (delay !== undefined && unlimited !== true && delay.nowMs > limits.loopDelayMs) {
      shed.byDelay++;
      sendProblem(reply, 503, 'overloaded');
      return;
    }
    done();
  });
  server.addHook('onResponse', (request, _reply, done) => {
    const isOrder = request.routeOptions.config.waitsForPayment === true;
    inHand.giveBack(request.raw.socket, isOrder ? 'orders' : 'requests');
    done();
  });
  return {
    get inHand() {
      return inHand.requests;
    },
    get shed() {
      return shed.tooMany;
    },
    get shedByDelay() {
      return shed.byDelay;
    },
  };
}
