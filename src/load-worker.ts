/** Entry of a load worker thread: puts client, history and engine together, and nothing else. */
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { defined } from './base/assert.ts';
import { createSystemClock } from './base/clock.ts';
import type { FromWorker, ToWorker, WorkerAssignment } from './engine/protocol.ts';
import { serveLoad } from './engine/serve-load.ts';
import { createHistoryWriter } from './history/history-writer.ts';
import { createLoadClient } from './targets/client-registry.ts';

const port = defined(parentPort, 'a load worker runs in a worker thread');

await serveLoad(
  {
    post: (message: FromWorker, transfer: ArrayBuffer[]) => port.postMessage(message, transfer),
    onMessage: (listener) => port.on('message', (message: ToWorker) => listener(message)),
  },
  workerData as WorkerAssignment,
  {
    clock: createSystemClock(),
    createClient: createLoadClient,
    createWriter: createHistoryWriter,
    idleMs: () => performance.eventLoopUtilization().idle,
  },
);
