/**
 * Row locks as a database server has them, in the shop's memory: the embedded store has one writer
 * and no locks of its own. Whoever waits for a lock or holds one occupies a database connection.
 */
import type { Clock, TimerHandle } from '../../base/clock.ts';
import { type HoldRequest, Refusal } from '../services.ts';
import type { StrategyActions, StrategyContext } from './strategies/strategy.ts';
import { contention } from './two-phase.ts';

/** Waiting beyond this is refused at once, as by a full connection pool. */
const MAX_WAITING = 4096;

export interface RowLocking {
  /** How long the transaction lasts that takes the units; 0: no locks at all. */
  readonly holdMs: number;
  /** The rows that a hold locks, in the order in which everyone locks them. */
  readonly keysOf: (request: HoldRequest) => readonly string[];
}

/** `actions` with row locks around `hold`. */
export function rowLocked(
  context: StrategyContext,
  actions: StrategyActions,
  { holdMs, keysOf }: RowLocking,
  locks: RowLocks = new RowLocks(context),
): StrategyActions {
  if (holdMs === 0) return actions;
  return {
    ...actions,
    async hold(request) {
      const unlock = await locks.acquire(keysOf(request));
      if (unlock === undefined) return contention(request);
      try {
        const [outcome] = await Promise.all([actions.hold(request), context.clock.sleep(holdMs)]);
        return outcome;
      } finally {
        unlock();
      }
    },
  };
}

export class RowLocks {
  readonly #context: StrategyContext;
  readonly #connections: Turnstile;
  readonly #rows = new Map<string, Turnstile>();

  constructor(context: StrategyContext) {
    this.#context = context;
    this.#connections = new Turnstile(context.clock, context.options.connections);
  }

  /**
   * All of `keys`, one after the other, and a connection; returns what gives them back (once,
   * however often it is called). Undefined when it took too long: then nothing is locked. Throws
   * Refusal 503 `overloaded`, surely without effect, when too many wait already.
   */
  async acquire(keys: readonly string[]): Promise<(() => void) | undefined> {
    if (this.#connections.waiting >= MAX_WAITING) throw new Refusal(503, 'overloaded');
    const { clock, counting, options } = this.#context;
    const startUs = clock.nowUs();
    const leftMs = (): number => options.lockTimeoutMs - (clock.nowUs() - startUs) / 1000;
    const entered: string[] = [];
    let isOpen = false;
    const giveBack = (): void => {
      if (!isOpen) return;
      isOpen = false;
      for (const key of entered) this.#leave(key);
      this.#connections.leave();
    };
    isOpen = await this.#connections.enter(leftMs());
    let complete = isOpen;
    for (const key of isOpen ? keys : []) {
      complete = await this.#row(key).enter(leftMs());
      if (!complete) break;
      entered.push(key);
    }
    counting.lockWaitMs += (clock.nowUs() - startUs) / 1000;
    if (complete) return giveBack;
    counting.conflicts++;
    giveBack();
    return undefined;
  }

  #row(key: string): Turnstile {
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = new Turnstile(this.#context.clock, 1);
      this.#rows.set(key, row);
    }
    return row;
  }

  #leave(key: string): void {
    const row = this.#rows.get(key);
    row?.leave();
    if (row?.isIdle === true) this.#rows.delete(key);
  }
}

interface Waiter {
  readonly enter: (entered: boolean) => void;
  timer: TimerHandle;
}

/** Lets a number of callers in at a time, the others in the order in which they came. */
class Turnstile {
  readonly #clock: Clock;
  readonly #places: number;
  readonly #waiting: Waiter[] = [];
  #free: number;

  constructor(clock: Clock, places: number) {
    this.#clock = clock;
    this.#places = places;
    this.#free = places;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get isIdle(): boolean {
    return this.#free === this.#places && this.#waiting.length === 0;
  }

  /** False when no place became free within `limitMs`. */
  enter(limitMs: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve(true);
    }
    if (limitMs <= 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        enter: resolve,
        timer: this.#clock.after(limitMs, () => {
          this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
          resolve(false);
        }),
      };
      this.#waiting.push(waiter);
    });
  }

  /** The place goes to whoever has waited longest. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#clock.cancel(next.timer);
    next.enter(true);
  }
}
