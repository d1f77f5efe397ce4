/**
 * Gathers calls into batches, so that one disk sync serves many: the calls of one tick, or all that
 * came while the batch before was being committed. A second batch under way would only make both
 * smaller, and each wakes a thread and pays for a sync.
 */
import type { Clock } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import { Refusal } from '../services.ts';
import type { BatchAnswer, StoreBackend } from './batch.ts';

/** Bounds how long one transaction can keep the file. */
const MAX_CALLS_PER_BATCH = 1000;

export interface CommitQueueOptions {
  readonly backend: StoreBackend;
  readonly clock: Clock;
  /** Waiting calls beyond which new work is refused. */
  readonly maxBacklog: number;
}

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class CommitQueue {
  commits = 0;
  calls = 0;
  refused = 0;
  commitUs = 0;
  busyUs = 0;
  readonly #options: CommitQueueOptions;
  #procedures: number[] = [];
  #args: unknown[] = [];
  #waiters: Waiter[] = [];
  #inFlight: Waiter[] = [];
  #ticking = false;
  #ended: Error | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
    options.backend.onAnswer((answer) => this.#settle(answer));
    options.backend.onFailure((error) => this.end(error));
  }

  get length(): number {
    return this.#waiters.length + this.#inFlight.length;
  }

  get ended(): Error | undefined {
    return this.#ended;
  }

  call(procedure: number, args: unknown, admitted: boolean): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (!admitted && this.#waiters.length >= this.#options.maxBacklog) {
      this.refused++;
      return Promise.reject(new Refusal(503, 'overloaded'));
    }
    return new Promise((resolve, reject) => {
      this.#procedures.push(procedure);
      this.#args.push(args);
      this.#waiters.push({ resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when everything called so far has been answered. */
  flush(): Promise<void> {
    if (this.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  /** Rejects everything that has no answer, and all later calls. */
  end(cause: Error): void {
    if (this.#ended !== undefined) return;
    const error = new EcomsimError('STORE_FAILED', `The store has ended: ${cause.message}`, {
      cause,
    });
    this.#ended = error;
    const waiting = [...this.#inFlight, ...this.#waiters];
    this.#inFlight = [];
    this.#procedures = [];
    this.#args = [];
    this.#waiters = [];
    for (const waiter of waiting) waiter.reject(error);
    this.#whenIdle?.();
  }

  #schedule(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    this.#options.clock.soon(() => {
      this.#ticking = false;
      this.#tick();
    });
  }

  #tick(): void {
    const isCommitting = this.#inFlight.length > 0;
    if (isCommitting || this.#waiters.length === 0 || this.#ended !== undefined) return;
    this.#post();
  }

  #post(): void {
    const procedures = this.#procedures;
    const args = this.#args;
    const waiters = this.#waiters;
    this.#procedures = procedures.splice(MAX_CALLS_PER_BATCH);
    this.#args = args.splice(MAX_CALLS_PER_BATCH);
    this.#waiters = waiters.splice(MAX_CALLS_PER_BATCH);
    this.#inFlight = waiters;
    try {
      this.#options.backend.post({ procedures, args });
    } catch (error) {
      // Arguments that cannot be sent to a thread: nothing of the batch has left, nobody may wait.
      this.#inFlight = [];
      settleFailed(waiters, messageOf(error));
      this.#goOn();
    }
  }

  #settle(answer: BatchAnswer): void {
    const waiters = this.#inFlight;
    this.#inFlight = [];
    this.commits++;
    this.calls += waiters.length;
    this.commitUs = answer.commitUs;
    this.busyUs = answer.busyUs;
    if (answer.failure === null) settleCommitted(waiters, answer);
    else settleFailed(waiters, answer.failure);
    this.#goOn();
  }

  #goOn(): void {
    if (this.#waiters.length > 0) this.#schedule();
    else this.#whenIdle?.();
  }
}

function settleCommitted(waiters: readonly Waiter[], answer: BatchAnswer): void {
  const { results, errors } = answer;
  for (let i = 0; i < errors.length; i += 2) {
    waiters[errors[i] as number]?.reject(new EcomsimError('STORE_FAILED', String(errors[i + 1])));
  }
  // Settling a promise a second time does nothing: the failed calls keep their rejection.
  for (let i = 0; i < waiters.length; i++) waiters[i]?.resolve(results[i]);
}

function settleFailed(waiters: readonly Waiter[], reason: string): void {
  const error = new EcomsimError('STORE_FAILED', `The commit failed: ${reason}`);
  for (const waiter of waiters) waiter.reject(error);
}
