/** A queue per key: what comes while a batch is being decided goes out together in the next. */
import type { Clock } from '../../base/clock.ts';
import { Refusal } from '../services.ts';

const MAX_WAITING = 4096;
/** Bounds how long one call can keep the store. */
const MAX_BATCH = 512;

interface Waiter<R> {
  readonly resolve: (reply: R) => void;
  readonly reject: (error: Error) => void;
}

interface Queue<A, R> {
  args: A[];
  waiters: Waiter<R>[];
}

export class WriterQueues<A, R> {
  readonly #clock: Clock;
  readonly #decide: (batch: readonly A[]) => Promise<readonly R[]>;
  /** Of the keys that somebody waits for. */
  readonly #queues = new Map<string, Queue<A, R>>();

  /** `decide` answers one reply per item, in order. */
  constructor(clock: Clock, decide: (batch: readonly A[]) => Promise<readonly R[]>) {
    this.#clock = clock;
    this.#decide = decide;
  }

  /** Throws Refusal 503 `overloaded`, surely without effect, when too many wait for the key. */
  call(key: string, args: A): Promise<R> {
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = { args: [], waiters: [] };
      this.#queues.set(key, queue);
      const own = queue;
      this.#clock.soon(() => void this.#work(key, own));
    }
    if (queue.waiters.length >= MAX_WAITING) {
      return Promise.reject(new Refusal(503, 'overloaded'));
    }
    const { args: waitingArgs, waiters } = queue;
    return new Promise((resolve, reject) => {
      waitingArgs.push(args);
      waiters.push({ resolve, reject });
    });
  }

  /** One batch after the other until nobody waits; never rejects. */
  async #work(key: string, queue: Queue<A, R>): Promise<void> {
    while (queue.args.length > 0) {
      const batch = queue.args.splice(0, MAX_BATCH);
      const waiters = queue.waiters.splice(0, MAX_BATCH);
      try {
        const replies = await this.#decide(batch);
        waiters.forEach((waiter, i) => {
          waiter.resolve(replies[i] as R);
        });
      } catch (error) {
        for (const waiter of waiters) waiter.reject(error as Error);
      }
    }
    this.#queues.delete(key);
  }
}
