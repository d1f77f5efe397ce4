/** A store on the caller's own thread: for simulations, where order must not depend on threads. */
import type { Clock } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import type { Batch, BatchAnswer, StoreBackend, StoreThreadData } from './batch.ts';

/** Throws EcomsimError STORE_FAILED when the file cannot be opened. */
export async function startInlineBackend(
  data: StoreThreadData,
  clock: Clock,
): Promise<StoreBackend> {
  const { BatchRunner } = await import('./batch-runner.ts');
  const { modulesOf } = await import('./procedure-registry.ts');
  try {
    const { services, ...options } = data;
    const runner = new BatchRunner({ ...options, modules: modulesOf(services), clock });
    return new InlineBackend(runner);
  } catch (error) {
    throw new EcomsimError(
      'STORE_FAILED',
      `The store ${data.file} could not be opened: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

interface Runner {
  readonly names: readonly string[];
  run(batch: Batch): BatchAnswer;
  close(): void;
}

class InlineBackend implements StoreBackend {
  readonly procedureIds: ReadonlyMap<string, number>;
  readonly #runner: Runner;
  #answer: (answer: BatchAnswer) => void = () => {};

  constructor(runner: Runner) {
    this.#runner = runner;
    this.procedureIds = new Map(runner.names.map((name, id) => [name, id]));
  }

  post(batch: Batch): void {
    this.#answer(this.#runner.run(batch));
  }

  onAnswer(listener: (answer: BatchAnswer) => void): void {
    this.#answer = listener;
  }

  /** A store without a thread has nothing that could end by itself. */
  onFailure(): void {}

  async close(): Promise<void> {
    this.#runner.close();
  }

  async abandon(): Promise<void> {
    this.#runner.close();
  }
}
