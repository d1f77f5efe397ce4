/** Entry of the truth server's own process, which shares no event loop with the engine. */
import { createSystemClock } from '../base/clock.ts';
import { TruthServer } from './truth-server.ts';
import type { FromTruthServer, ToTruthServer } from './truth-server-messages.ts';

/** A Ctrl-C goes to the whole process group; the parent ends this process when it is done. */
const IGNORED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const tell = (message: FromTruthServer): void => {
  process.send?.(message);
};

if (process.send === undefined) {
  process.stderr.write('ecomsim: this file is started by `ecomsim selftest latency`\n');
  process.exitCode = 104;
} else {
  for (const signal of IGNORED_SIGNALS) process.on(signal, () => {});
  // The parent is gone, whatever killed it: there is nothing to keep.
  process.on('disconnect', () => process.exit(0));
  const server = new TruthServer(createSystemClock());
  process.on('message', (received) => {
    const message = received as ToTruthServer;
    switch (message.kind) {
      case 'play':
        server.play(message.script);
        tell({ kind: 'playing' });
        return;
      case 'freeze':
        server.freeze(message.fromUs, message.untilUs);
        return;
      case 'collect':
        tell({ kind: 'log', rows: server.log.take() });
    }
  });
  tell({ kind: 'listening', port: await server.listen() });
}
