/** Gathers the calls of a short tick into one batch, so that one disk sync serves them all. */
import type { Clock, TimerHandle } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import { Refusal } from '../services.ts';
import type { BatchAnswer, StoreBackend } from './batch.ts';

/** One being committed and one waiting at the thread: more would only make batches smaller. */
const MAX_BATCHES_IN_FLIGHT = 2;
/** Bounds how long one transaction can keep the file. */
const MAX_CALLS_PER_BATCH = 1000;

export interface CommitQueueOptions {
  readonly backend: StoreBackend;
  readonly clock: Clock;
  /** Longest wait of a call behind a batch that is being committed, before it is sent too. */
  readonly commitWindowMs: number;
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
  readonly #inFlight: Waiter[][] = [];
  #inFlightCalls = 0;
  #ticking = false;
  #oldestUs = 0;
  #timer: TimerHandle | undefined;
  #ended: Error | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
    options.backend.onAnswer((answer) => this.#settle(answer));
    options.backend.onFailure((error) => this.end(error));
  }

  get length(): number {
    return this.#waiters.length + this.#inFlightCalls;
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
      if (this.#waiters.length === 0) this.#oldestUs = this.#options.clock.nowUs();
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
    const waiting = [...this.#inFlight.flat(), ...this.#waiters];
    this.#inFlight.length = 0;
    this.#inFlightCalls = 0;
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
    if (this.#waiters.length === 0 || this.#ended !== undefined) return;
    if (this.#inFlight.length === 0) {
      this.#post();
      return;
    }
    if (this.#inFlight.length >= MAX_BATCHES_IN_FLIGHT) return;
    const waitedMs = (this.#options.clock.nowUs() - this.#oldestUs) / 1000;
    const leftMs = this.#options.commitWindowMs - waitedMs;
    if (leftMs <= 0 || this.#waiters.length >= MAX_CALLS_PER_BATCH) this.#post();
    else this.#tickAfter(leftMs);
  }

  #tickAfter(delayMs: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#tick();
    });
  }

  #post(): void {
    if (this.#timer !== undefined) this.#options.clock.cancel(this.#timer);
    this.#timer = undefined;
    const procedures = this.#procedures;
    const args = this.#args;
    const waiters = this.#waiters;
    this.#procedures = procedures.splice(MAX_CALLS_PER_BATCH);
    this.#args = args.splice(MAX_CALLS_PER_BATCH);
    this.#waiters = waiters.splice(MAX_CALLS_PER_BATCH);
    if (this.#waiters.length > 0) this.#oldestUs = this.#options.clock.nowUs();
    this.#inFlight.push(waiters);
    this.#inFlightCalls += waiters.length;
    try {
      this.#options.backend.post({ procedures, args });
    } catch (error) {
      // Arguments that cannot be sent to a thread: nothing of the batch has left, nobody may wait.
      this.#inFlight.pop();
      this.#inFlightCalls -= waiters.length;
      settleFailed(waiters, messageOf(error));
    }
  }

  #settle(answer: BatchAnswer): void {
    const waiters = this.#inFlight.shift();
    if (waiters === undefined) return;
    this.#inFlightCalls -= waiters.length;
    this.commits++;
    this.calls += waiters.length;
    this.commitUs = answer.commitUs;
    this.busyUs = answer.busyUs;
    if (answer.failure === null) settleCommitted(waiters, answer);
    else settleFailed(waiters, answer.failure);
    if (this.#waiters.length > 0) this.#schedule();
    else if (this.length === 0) this.#whenIdle?.();
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
