/**
 * The load client over HTTP: a pool of connections that grows on demand to a stated bound, a
 * bounded queue for calls that find all of them busy, and one timer that enforces all deadlines.
 */
import { BoundedQueue } from '../../base/bounded-queue.ts';
import type { Clock, TimerHandle } from '../../base/clock.ts';
import { EcomsimError } from '../../base/errors.ts';
import {
  type Call,
  CLIENT_DEFAULTS,
  type ClientSpec,
  type ClientStats,
  type LoadClient,
  NO_CLIENT_STATS,
  resetAnswer,
} from '../../contract/call.ts';
import {
  applyRuling,
  NO_CONNECTION,
  NOT_SENDABLE,
  type Ruling,
  rulingOfTransport,
} from '../outcome-table.ts';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES } from './answer-limits.ts';
import type { Connection, ConnectionOwner, Done } from './connection.ts';
import { createConnections } from './connection-kinds.ts';
import { type ConnectionPool, PerShopperPool, SharedPool } from './connection-pool.ts';
import { Connector, type Resolve } from './connector.ts';
import { acceptingCompression, type Protocol } from './protocol.ts';
import { unreachable } from './unreachable.ts';
import { warmUp, warmUpProtocol } from './warm-up.ts';

type Wire = 'http' | 'tls' | 'egress' | 'connectionPerShopper' | 'minBytesPerSec' | 'compression';

/** `timeoutMs` lasts from `execute` to the decoded answer, waiting for a connection included. */
export interface HttpClientOptions
  extends Pick<ClientSpec, 'origin' | 'maxConnections' | 'timeoutMs'>,
    Partial<Pick<ClientSpec, Wire>> {
  /** Calls that may wait for a connection; more fail at once. */
  readonly maxWaiting?: number;
  /** How names are resolved; the system's way by default. */
  readonly resolve?: Resolve;
}

const MAX_WAITING = 65_536;
/** Framing may cost as much as the content; what is neither head nor body is bounded by this. */
const MAX_ANSWER_BYTES = 2 * (MAX_HEADER_BYTES + MAX_BODY_BYTES);
/** An answer may be slow for so long before its rate counts. */
const SLOW_GRACE_US = 1_000_000;

/** Deadlines are kept to within a fiftieth, and within 5 to 100 ms. */
function sweepEveryMs(timeoutMs: number): number {
  return Math.min(100, Math.max(5, timeoutMs / 50));
}

interface Waiter {
  readonly call: Call;
  readonly done: Done;
  readonly deadlineUs: number;
  /** Its deadline has passed; it only still takes up its place in the queue. */
  isOver: boolean;
}

export class HttpClient implements LoadClient, ConnectionOwner {
  readonly clock: Clock;
  readonly compression: boolean;
  /** Another one only while the client warms up. */
  protocol: Protocol;
  readonly #options: HttpClientOptions;
  readonly #minBytesPerSec: number;
  readonly #connector: Connector;
  readonly #pool: ConnectionPool;
  readonly #waiting: BoundedQueue<Waiter>;
  /** Finished inside `execute`: told in the next turn, because `done` is never synchronous. */
  #early: { call: Call; done: Done }[] = [];
  #isStarting = false;
  #isClosed = false;
  #sweeper: TimerHandle | null = null;
  #sweptEveryMs = Number.POSITIVE_INFINITY;
  #connectError: Error | null = null;
  readonly #stats: ClientStats = { ...NO_CLIENT_STATS };
  /** What the warm-up cost. */
  #trafficBefore = { received: 0, sent: 0 };

  /** Throws INVALID_VALUE for an origin or a certificate authority that cannot be used. */
  constructor(options: HttpClientOptions, protocol: Protocol, clock: Clock) {
    const wire = { ...CLIENT_DEFAULTS, ...options };
    this.#options = options;
    this.compression = wire.compression;
    this.#minBytesPerSec = wire.minBytesPerSec;
    this.protocol = wire.compression ? acceptingCompression(protocol) : protocol;
    this.clock = clock;
    this.#waiting = new BoundedQueue(options.maxWaiting ?? MAX_WAITING);
    this.#connector = new Connector(options.origin, {
      tls: wire.tls,
      egress: wire.egress,
      ...(wire.http === '2' && { alpn: ['h2'] }),
      ...(options.resolve !== undefined && { resolve: options.resolve }),
    });
    const create = createConnections(wire, this.#connector, this);
    const pool = { bound: options.maxConnections, create };
    this.#pool = wire.connectionPerShopper ? new PerShopperPool(pool) : new SharedPool(pool);
  }

  /** Throws TARGET_UNREACHABLE or EGRESS_REFUSED. */
  async open(): Promise<void> {
    const { maxConnections, origin } = this.#options;
    const { protocol } = this;
    if (protocol.warmupPath === '') return;
    this.protocol = warmUpProtocol(protocol);
    const problem = await warmUp((call, done) => this.execute(call, done), {
      maxConnections,
      requests: protocol.warmupRequests,
    });
    this.protocol = protocol;
    this.#trafficBefore = this.#connector.traffic();
    if (problem === undefined) return;
    if (this.#connectError instanceof EcomsimError) throw this.#connectError;
    throw unreachable(origin, protocol.warmupPath, problem, this.#connectError);
  }

  execute(call: Call, done: Done): void {
    resetAnswer(call);
    const wasStarting = this.#isStarting;
    this.#isStarting = true;
    const timeoutMs = call.timeoutMs > 0 ? call.timeoutMs : this.#options.timeoutMs;
    const deadlineUs = this.clock.nowUs() + timeoutMs * 1000;
    if (this.#isClosed) {
      this.#settle(call, done, rulingOfTransport('cut_off', false));
    } else {
      this.#sweepFor(timeoutMs);
      const connection = this.#pool.take(call.slot);
      if (connection === undefined) this.#wait(call, done, deadlineUs);
      else this.#begin(connection, call, done, deadlineUs);
    }
    this.#isStarting = wasStarting;
  }

  release(slot: number): void {
    if (this.#isClosed) return;
    this.#pool.release(slot);
    this.#serveWaiting();
  }

  stats(): ClientStats {
    const { received, sent } = this.#connector.traffic();
    return {
      ...this.#stats,
      bytesReceived: received - this.#trafficBefore.received,
      bytesSent: sent - this.#trafficBefore.sent,
      egressRefused: this.#connector.refusals,
    };
  }

  /** How many calls failed because the queue for a connection was full. */
  get queueOverflows(): number {
    return this.#waiting.refused;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#sweeper !== null) this.clock.cancel(this.#sweeper);
    this.#sweeper = null;
    for (let waiter = this.#waiting.shift(); waiter !== undefined; waiter = this.#waiting.shift()) {
      if (waiter.isOver) continue;
      this.#settle(waiter.call, waiter.done, rulingOfTransport('cut_off', false));
    }
    await Promise.all([...this.#pool.connections].map((connection) => connection.close()));
    this.#connector.close();
    this.#tellEarly();
  }

  // --- told by connections ---

  onFinished(connection: Connection, call: Call, done: Done): void {
    if (!this.#isClosed) {
      this.#pool.giveBack(connection);
      this.#serveWaiting();
    }
    if (this.#isStarting) this.#tellLater(call, done);
    else done(call);
  }

  onConnected(connectMs: number): void {
    const stats = this.#stats;
    stats.connectionsOpened++;
    stats.connectionsOpen++;
    stats.connectTimeMsTotal += connectMs;
    stats.connectionsMax = Math.max(stats.connectionsMax, stats.connectionsOpen);
  }

  onConnectFailed(error: Error): void {
    this.#connectError = error;
  }

  onDisconnected(): void {
    this.#stats.connectionsOpen--;
  }

  /** undici swallows what handlers throw; thrown from a turn of its own it ends the process. */
  onDefect(error: unknown): void {
    this.clock.soon(() => {
      throw error;
    });
  }

  // --- queue ---

  #begin(connection: Connection, call: Call, done: Done, deadlineUs: number): void {
    if (connection.begin(call, done, deadlineUs)) return;
    this.#settle(call, done, NOT_SENDABLE);
    this.#pool.giveBack(connection);
    this.#serveWaiting();
  }

  #wait(call: Call, done: Done, deadlineUs: number): void {
    if (this.#waiting.push({ call, done, deadlineUs, isOver: false })) this.#stats.waits++;
    else this.#settle(call, done, NO_CONNECTION);
  }

  /** Gives what is free to those who have waited longest. */
  #serveWaiting(): void {
    for (let head = this.#waiting.peek(); head !== undefined; head = this.#waiting.peek()) {
      const connection = head.isOver ? undefined : this.#pool.take(head.call.slot);
      if (!head.isOver && connection === undefined) return;
      this.#waiting.shift();
      if (connection === undefined) continue;
      const wasStarting = this.#isStarting;
      this.#isStarting = true;
      this.#begin(connection, head.call, head.done, head.deadlineUs);
      this.#isStarting = wasStarting;
    }
  }

  /** Finishes a call that never got onto a connection. */
  #settle(call: Call, done: Done, ruling: Ruling): void {
    applyRuling(call, ruling);
    call.doneAtUs = this.clock.nowUs();
    this.#tellLater(call, done);
  }

  #tellLater(call: Call, done: Done): void {
    this.#early.push({ call, done });
    if (this.#early.length === 1) this.clock.soon(() => this.#tellEarly());
  }

  #tellEarly(): void {
    const early = this.#early;
    this.#early = [];
    for (const { call, done } of early) done(call);
  }

  // --- deadlines ---

  #sweepFor(timeoutMs: number): void {
    if (sweepEveryMs(timeoutMs) >= this.#sweptEveryMs) return;
    if (this.#sweeper !== null) this.clock.cancel(this.#sweeper);
    this.#sweptEveryMs = sweepEveryMs(timeoutMs);
    this.#sweeper = this.clock.every(this.#sweptEveryMs, () => this.#sweep());
  }

  #sweep(): void {
    const nowUs = this.clock.nowUs();
    // Who waits comes first: a connection that times out must not go to a call that is late too.
    for (const waiter of this.#waiting) {
      if (waiter.isOver || waiter.deadlineUs > nowUs) continue;
      waiter.isOver = true;
      this.#settle(waiter.call, waiter.done, rulingOfTransport('timeout', false));
    }
    while (this.#waiting.peek()?.isOver === true) this.#waiting.shift();
    // A copy: what times out is replaced while we look.
    for (const connection of [...this.#pool.connections]) {
      if (connection.deadlineUs <= nowUs) connection.end('timeout');
      else if (connection.busy && connection.answerBytes > MAX_ANSWER_BYTES) {
        connection.end('answer_too_large');
      } else if (this.#isTooSlow(connection, nowUs)) {
        this.#stats.slowAnswers++;
        connection.end('timeout');
      }
    }
  }

  #isTooSlow({ answerStartedAtUs, answerBytes }: Connection, nowUs: number): boolean {
    if (answerStartedAtUs === 0 || this.#minBytesPerSec === 0) return false;
    const countedUs = nowUs - answerStartedAtUs - SLOW_GRACE_US;
    return countedUs > 0 && answerBytes < (this.#minBytesPerSec * countedUs) / 1_000_000;
  }
}
