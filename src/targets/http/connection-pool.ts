/** Who gets which connection: shared by all shoppers, or one of its own for each. */
import type { Connection } from './connection.ts';

export interface ConnectionPool {
  /** All that are open or may still be; changes while calls end. */
  readonly connections: Iterable<Connection>;
  /** Free for one exchange of session `slot` (-1: of none); undefined when all are busy. */
  take(slot: number): Connection | undefined;
  /** Its exchange is over. */
  giveBack(connection: Connection): void;
  /** The session has ended. */
  release(slot: number): void;
}

export interface PoolOptions {
  /** Upper bound on connections, at least 1. */
  readonly bound: number;
  readonly create: () => Connection;
}

/** Last in, first out: few connections stay warm, the others may go. */
export class SharedPool implements ConnectionPool {
  readonly connections = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #options: PoolOptions;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  take(_slot: number): Connection | undefined {
    for (let free = this.#idle.pop(); free !== undefined; free = this.#idle.pop()) {
      if (!free.retired) return free;
      this.connections.delete(free);
    }
    if (this.connections.size >= this.#options.bound) return undefined;
    const connection = this.#options.create();
    this.connections.add(connection);
    return connection;
  }

  giveBack(connection: Connection): void {
    if (connection.retired) this.connections.delete(connection);
    else this.#idle.push(connection);
  }

  release(): void {}
}

/**
 * A connection for every session, closed when it ends. Where the bound leaves no place, the shopper
 * that has been thinking for the longest loses its connection and makes a new one later, as behind
 * a server that ends idle connections.
 */
export class PerShopperPool implements ConnectionPool {
  readonly connections = new Set<Connection>();
  readonly #options: PoolOptions;
  readonly #ofSlot = new Map<number, Connection>();
  readonly #slotOf = new Map<Connection, number>();
  /** Idle ones of sessions, the longest idle first. */
  readonly #thinking = new Set<Connection>();
  /** Of no session: for second requests at the same time, and for probes. */
  readonly #spare: Connection[] = [];

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  take(slot: number): Connection | undefined {
    const own = this.#ofSlot.get(slot);
    if (own?.retired === true) this.#forget(own);
    else if (own !== undefined && this.#thinking.delete(own)) return own;
    const needsOwn = slot >= 0 && !this.#ofSlot.has(slot);
    if (!needsOwn) {
      const spare = this.#takeSpare();
      if (spare !== undefined) return spare;
    }
    if (this.connections.size >= this.#options.bound && !this.#makeRoom()) return undefined;
    const connection = this.#options.create();
    this.connections.add(connection);
    if (needsOwn) {
      this.#ofSlot.set(slot, connection);
      this.#slotOf.set(connection, slot);
    }
    return connection;
  }

  giveBack(connection: Connection): void {
    if (connection.retired) this.#forget(connection);
    else if (this.#slotOf.has(connection)) this.#thinking.add(connection);
    else this.#spare.push(connection);
  }

  release(slot: number): void {
    const own = this.#ofSlot.get(slot);
    if (own === undefined) return;
    if (own.busy) {
      // A second request of the session is still under way: it comes back as nobody's.
      this.#ofSlot.delete(slot);
      this.#slotOf.delete(own);
    } else this.#close(own);
  }

  #takeSpare(): Connection | undefined {
    for (let spare = this.#spare.pop(); spare !== undefined; spare = this.#spare.pop()) {
      if (!spare.retired) return spare;
      this.connections.delete(spare);
    }
    return undefined;
  }

  #makeRoom(): boolean {
    const [longest] = this.#thinking;
    const victim = this.#takeSpare() ?? longest;
    if (victim !== undefined) this.#close(victim);
    return this.connections.size < this.#options.bound;
  }

  #close(connection: Connection): void {
    this.#forget(connection);
    connection.retire('cut_off');
  }

  #forget(connection: Connection): void {
    this.connections.delete(connection);
    this.#thinking.delete(connection);
    const slot = this.#slotOf.get(connection);
    if (slot === undefined) return;
    this.#slotOf.delete(connection);
    this.#ofSlot.delete(slot);
  }
}
