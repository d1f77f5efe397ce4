/**
 * The load client over HTTP: a pool of connections that grows on demand to a stated bound, a
 * bounded queue for calls that find all of them busy, and one timer that enforces all deadlines.
 */
import { BoundedQueue } from '../../base/bounded-queue.ts';
import type { Clock, TimerHandle } from '../../base/clock.ts';
import { EcomsimError } from '../../base/errors.ts';
import { type Call, type ClientStats, type LoadClient, resetAnswer } from '../../contract/call.ts';
import {
  applyRuling,
  NO_CONNECTION,
  NOT_SENDABLE,
  type Ruling,
  rulingOfTransport,
} from '../outcome-table.ts';
import { Connection, type ConnectionOwner, type Done } from './connection.ts';
import type { Protocol } from './protocol.ts';
import { warmUp, warmUpProtocol } from './warm-up.ts';

export interface HttpClientOptions {
  /** `http://host:port`, nothing behind it. */
  readonly origin: string;
  readonly maxConnections: number;
  /** From `execute` to the decoded answer, waiting included; a call may bring its own. */
  readonly timeoutMs: number;
  /** Calls that may wait for a connection; more fail at once. */
  readonly maxWaiting?: number;
}

const MAX_WAITING = 65_536;

/** Deadlines are kept to within a fiftieth, and within 5 to 100 ms. */
function sweepEveryMs(timeoutMs: number): number {
  return Math.min(100, Math.max(5, timeoutMs / 50));
}

interface Waiter {
  readonly call: Call;
  readonly done: Done;
  readonly deadlineUs: number;
}

export class HttpClient implements LoadClient, ConnectionOwner {
  readonly clock: Clock;
  /** Another one only while the client warms up. */
  protocol: Protocol;
  readonly #options: HttpClientOptions;
  #connections: Connection[] = [];
  /** Last in, first out: few connections stay warm, the others may go. */
  readonly #idle: Connection[] = [];
  readonly #waiting: BoundedQueue<Waiter>;
  /** Finished inside `execute`: told in the next turn, because `done` is never synchronous. */
  #early: { call: Call; done: Done }[] = [];
  #isStarting = false;
  #isClosed = false;
  #sweeper: TimerHandle | null = null;
  /** The shortest time-out met so far: deadlines are looked at often enough for it. */
  #shortestMs: number;
  /** Some calls brought their own time-outs: who waits longest need not be due first. */
  #ownDeadlines = false;
  readonly #stats: ClientStats = {
    connectionsOpen: 0,
    connectionsMax: 0,
    connectionsOpened: 0,
    connectTimeMsTotal: 0,
    waits: 0,
  };

  constructor(options: HttpClientOptions, protocol: Protocol, clock: Clock) {
    this.#options = options;
    this.#shortestMs = options.timeoutMs;
    this.protocol = protocol;
    this.clock = clock;
    this.#waiting = new BoundedQueue(options.maxWaiting ?? MAX_WAITING);
  }

  /** Throws TARGET_UNREACHABLE. */
  async open(): Promise<void> {
    const { maxConnections, origin } = this.#options;
    const { protocol } = this;
    this.protocol = warmUpProtocol(protocol.warmupPath);
    const problem = await warmUp((call, done) => this.execute(call, done), maxConnections);
    this.protocol = protocol;
    if (problem === undefined) return;
    const { reason, status } = problem;
    throw new EcomsimError(
      'TARGET_UNREACHABLE',
      `the target at ${origin} did not answer GET ${protocol.warmupPath}: ${reason}` +
        `${status > 0 ? ` (HTTP ${status})` : ''}; is it running, and is the address right?`,
    );
  }

  execute(call: Call, done: Done): void {
    resetAnswer(call);
    const wasStarting = this.#isStarting;
    this.#isStarting = true;
    const timeoutMs = call.timeoutMs > 0 ? call.timeoutMs : this.#options.timeoutMs;
    if (timeoutMs !== this.#options.timeoutMs) this.#meetOwnDeadline(timeoutMs);
    const deadlineUs = this.clock.nowUs() + timeoutMs * 1000;
    if (this.#isClosed) {
      this.#settle(call, done, rulingOfTransport('cut_off', false));
    } else {
      const connection = this.#idle.pop() ?? this.#growIfAllowed();
      if (connection === undefined) this.#wait(call, done, deadlineUs);
      else this.#begin(connection, call, done, deadlineUs);
    }
    this.#isStarting = wasStarting;
  }

  stats(): ClientStats {
    return { ...this.#stats };
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
      this.#settle(waiter.call, waiter.done, rulingOfTransport('cut_off', false));
    }
    const connections = this.#connections;
    this.#connections = [];
    this.#idle.length = 0;
    await Promise.all(connections.map((connection) => connection.close()));
    this.#tellEarly();
  }

  // --- told by connections ---

  onFinished(connection: Connection, call: Call, done: Done): void {
    this.#release(connection);
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

  onDisconnected(): void {
    this.#stats.connectionsOpen--;
  }

  /** undici swallows what handlers throw; thrown from a turn of its own it ends the process. */
  onDefect(error: unknown): void {
    this.clock.soon(() => {
      throw error;
    });
  }

  // --- pool ---

  #growIfAllowed(): Connection | undefined {
    return this.#connections.length < this.#options.maxConnections ? this.#grow() : undefined;
  }

  #grow(): Connection {
    if (this.#sweeper === null) this.#sweepFor(this.#shortestMs);
    const connection = new Connection(this.#options.origin, this);
    this.#connections.push(connection);
    return connection;
  }

  #meetOwnDeadline(timeoutMs: number): void {
    this.#ownDeadlines = true;
    if (timeoutMs >= this.#shortestMs) return;
    this.#shortestMs = timeoutMs;
    if (this.#sweeper !== null) this.#sweepFor(timeoutMs);
  }

  #sweepFor(timeoutMs: number): void {
    if (this.#sweeper !== null) this.clock.cancel(this.#sweeper);
    this.#sweeper = this.clock.every(sweepEveryMs(timeoutMs), () => this.#sweep());
  }

  #begin(connection: Connection, call: Call, done: Done, deadlineUs: number): void {
    if (connection.begin(call, done, deadlineUs)) return;
    this.#settle(call, done, NOT_SENDABLE);
    this.#release(connection);
  }

  #wait(call: Call, done: Done, deadlineUs: number): void {
    if (this.#waiting.push({ call, done, deadlineUs })) this.#stats.waits++;
    else this.#settle(call, done, NO_CONNECTION);
  }

  /** Gives the connection (or, when it is retired, its place) to the longest waiter. */
  #release(connection: Connection): void {
    if (this.#isClosed) return;
    let free: Connection | undefined = connection;
    if (connection.retired) {
      this.#connections.splice(this.#connections.indexOf(connection), 1);
      free = undefined;
    }
    const waiter = this.#waiting.shift();
    if (waiter === undefined) {
      if (free !== undefined) this.#idle.push(free);
      return;
    }
    const wasStarting = this.#isStarting;
    this.#isStarting = true;
    this.#begin(free ?? this.#grow(), waiter.call, waiter.done, waiter.deadlineUs);
    this.#isStarting = wasStarting;
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

  #sweep(): void {
    const nowUs = this.clock.nowUs();
    // Who waits comes first: a connection that times out must not go to a call that is late too.
    if (this.#ownDeadlines) this.#sweepAllWaiting(nowUs);
    for (let head = this.#waiting.peek(); head !== undefined; head = this.#waiting.peek()) {
      if (head.deadlineUs > nowUs) break;
      this.#waiting.shift();
      this.#settle(head.call, head.done, rulingOfTransport('timeout', false));
    }
    // A copy: what times out is replaced while we look.
    for (const connection of [...this.#connections]) {
      if (connection.deadlineUs <= nowUs) connection.end('timeout');
    }
  }

  /** Takes out whoever is due, wherever it stands; the others keep their order. */
  #sweepAllWaiting(nowUs: number): void {
    for (let left = this.#waiting.size; left > 0; left--) {
      const waiter = this.#waiting.shift();
      if (waiter === undefined) return;
      if (waiter.deadlineUs > nowUs) this.#waiting.push(waiter);
      else this.#settle(waiter.call, waiter.done, rulingOfTransport('timeout', false));
    }
  }
}
