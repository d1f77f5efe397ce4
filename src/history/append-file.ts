/**
 * A file that is only appended to, from the event loop, without ever blocking it: a bounded queue
 * of buffers, one write in flight. After the first failure nothing more is written.
 */
import { close, openSync, write } from 'node:fs';
import { BoundedQueue } from '../base/bounded-queue.ts';
import { EcomsimError, messageOf } from '../base/errors.ts';

export interface AppendJob {
  readonly bytes: Uint8Array;
  /** Called once, when the bytes are with the operating system or will never be. */
  readonly done: (written: boolean) => void;
}

const QUEUE_LIMIT = 64;

export class AppendFile {
  readonly #fd: number;
  readonly #queue = new BoundedQueue<AppendJob>(QUEUE_LIMIT);
  #writing = false;
  #idleWaiters: (() => void)[] = [];
  /** Why writing stopped; '' while it works. */
  problem = '';

  /** Throws OUTPUT_NOT_WRITABLE when the file cannot be created. */
  constructor(path: string) {
    try {
      this.#fd = openSync(path, 'w', 0o600);
    } catch (error) {
      throw new EcomsimError(
        'OUTPUT_NOT_WRITABLE',
        `cannot create the history file ${path}: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  /** False when the job was not taken (failed before, or the queue is full). */
  append(job: AppendJob): boolean {
    if (this.problem !== '') return false;
    if (!this.#queue.push(job)) return false;
    if (!this.#writing) this.#next();
    return true;
  }

  /** Resolves when nothing is queued or in flight. */
  idle(): Promise<void> {
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  async close(): Promise<void> {
    await this.idle();
    await new Promise<void>((resolve) => {
      close(this.#fd, (error) => {
        if (error !== null && error !== undefined && this.problem === '') {
          this.problem = messageOf(error);
        }
        resolve();
      });
    });
  }

  #next(): void {
    const job = this.#queue.shift();
    if (job === undefined) {
      this.#writing = false;
      const waiters = this.#idleWaiters;
      this.#idleWaiters = [];
      for (const resolve of waiters) resolve();
      return;
    }
    this.#writing = true;
    this.#write(job, 0);
  }

  #write(job: AppendJob, from: number): void {
    if (this.problem !== '' && from === 0) {
      job.done(false);
      this.#next();
      return;
    }
    write(this.#fd, job.bytes, from, job.bytes.length - from, null, (error, written) => {
      if (error !== null || written === 0) {
        this.problem = error === null ? 'the disk takes nothing more' : messageOf(error);
        job.done(false);
        this.#next();
        return;
      }
      const upTo = from + written;
      if (upTo < job.bytes.length) {
        this.#write(job, upTo);
        return;
      }
      job.done(true);
      this.#next();
    });
  }
}
