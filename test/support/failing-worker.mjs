// A load worker like the real one, but with a client that fails as its key prefix says.
import { parentPort, workerData } from 'node:worker_threads';
import { createSystemClock } from '../../dist/base/clock.js';
import { NO_CLIENT_STATS } from '../../dist/contract/call.js';
import { serveLoad } from '../../dist/engine/serve-load.js';

const CALLS_BEFORE = 40;

function failingClient(how, clock) {
  let calls = 0;
  return {
    open: async () => {
      if (how === 'exit-early') process.exit(3);
    },
    close: async () => {},
    stats: () => ({ ...NO_CLIENT_STATS }),
    execute: (call, done) => {
      if (++calls > CALLS_BEFORE && workerData.shard.index === 0) {
        if (how === 'throw') throw new Error('the client broke');
        if (how === 'exit') process.exit(7);
        if (how === 'hang') for (;;);
      }
      clock.after(1, () => {
        call.outcome = 'ok';
        call.sentAtUs = call.dispatchedAtUs;
        call.doneAtUs = clock.nowUs();
        done(call);
      });
    },
  };
}

await serveLoad(
  {
    post: (message, transfer) => parentPort.postMessage(message, transfer),
    onMessage: (listener) => parentPort.on('message', listener),
  },
  workerData,
  {
    clock: createSystemClock(),
    createClient: (_, clock) => failingClient(workerData.order.keyPrefix, clock),
    createWriter: () => {
      throw new Error('these runs keep no history');
    },
    idleMs: () => 0,
  },
);
