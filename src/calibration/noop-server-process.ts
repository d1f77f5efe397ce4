/** Entry of the process that the generator is calibrated against. */
import { listenNoop } from './noop-server.ts';

/** A Ctrl-C goes to the whole process group; the parent ends this process when it is done. */
const IGNORED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

if (process.send === undefined) {
  process.stderr.write('ecomsim: this file is started by `ecomsim calibrate generator`\n');
  process.exitCode = 104;
} else {
  for (const signal of IGNORED_SIGNALS) process.on(signal, () => {});
  // The parent is gone, whatever killed it: there is nothing to keep.
  process.on('disconnect', () => process.exit(0));
  process.send({ port: await listenNoop() });
}
