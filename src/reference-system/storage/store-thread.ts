/** Entry of a store thread: owns one database file and answers batches in the order they come. */
import { parentPort, workerData } from 'node:worker_threads';
import { defined } from '../../base/assert.ts';
import { createSystemClock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Batch, StoreThreadData, StoreThreadMessage } from './batch.ts';
import { BatchRunner } from './batch-runner.ts';
import { modulesOf } from './procedure-registry.ts';

function main(): void {
  const port = defined(parentPort, 'store-thread must be started as a worker thread');
  const { services, ...options } = workerData as StoreThreadData;
  const send = (message: StoreThreadMessage): void => port.postMessage(message);
  let runner: BatchRunner;
  try {
    runner = new BatchRunner({
      ...options,
      modules: modulesOf(services),
      clock: createSystemClock(),
    });
  } catch (error) {
    send({ kind: 'failed', message: messageOf(error) });
    port.close();
    return;
  }
  port.on('message', (batch: Batch | null) => {
    if (batch !== null) {
      send({ kind: 'answer', answer: runner.run(batch) });
      return;
    }
    runner.close();
    send({ kind: 'closed' });
    port.close();
  });
  send({ kind: 'ready', procedures: runner.names });
}

main();
