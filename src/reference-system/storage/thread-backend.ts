/** A store in a thread of its own, so that a slow disk sync never stops the shop's event loop. */
import { Worker } from 'node:worker_threads';
import { EcomsimError } from '../../base/errors.ts';
import type {
  Batch,
  BatchAnswer,
  StoreBackend,
  StoreThreadData,
  StoreThreadMessage,
} from './batch.ts';

/** Resolves when the file is open; throws EcomsimError STORE_FAILED when it cannot be opened. */
export async function startThreadBackend(data: StoreThreadData): Promise<StoreBackend> {
  const worker = new Worker(new URL('./store-thread.js', import.meta.url), { workerData: data });
  const procedures = await whenReady(worker, data.file);
  return new ThreadBackend(worker, procedures);
}

function whenReady(worker: Worker, file: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown): void => {
      const message = `The store ${file} could not be opened: ${reason}`;
      reject(new EcomsimError('STORE_FAILED', message, { cause }));
    };
    // A promise settles once: what these say after the first message is for ThreadBackend.
    worker.once('error', (error) => fail(error.message, error));
    worker.once('exit', (code) => fail(`its thread ended with code ${code}`));
    worker.once('message', (message: StoreThreadMessage) => {
      if (message.kind === 'ready') resolve(message.procedures);
      else fail(message.kind === 'failed' ? message.message : 'unexpected first message');
    });
  });
}

class ThreadBackend implements StoreBackend {
  readonly procedureIds: ReadonlyMap<string, number>;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #answer: (answer: BatchAnswer) => void = () => {};
  #failure: (error: Error) => void = () => {};
  #ending = false;

  constructor(worker: Worker, procedures: readonly string[]) {
    this.#worker = worker;
    this.procedureIds = new Map(procedures.map((name, id) => [name, id]));
    worker.on('message', (message: StoreThreadMessage) => {
      if (message.kind === 'answer') this.#answer(message.answer);
    });
    worker.on('error', (error) => this.#failure(error));
    this.#exited = new Promise((resolve) => {
      worker.on('exit', (code) => {
        if (!this.#ending) this.#failure(new Error(`the store thread ended with code ${code}`));
        resolve();
      });
    });
  }

  post(batch: Batch): void {
    this.#worker.postMessage(batch);
  }

  onAnswer(listener: (answer: BatchAnswer) => void): void {
    this.#answer = listener;
  }

  onFailure(listener: (error: Error) => void): void {
    this.#failure = listener;
  }

  async close(): Promise<void> {
    this.#ending = true;
    this.#worker.postMessage(null);
    await this.#exited;
  }

  async abandon(): Promise<void> {
    this.#ending = true;
    this.#answer = () => {};
    await this.#worker.terminate();
  }
}
