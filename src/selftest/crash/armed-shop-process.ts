/** Entry of a shop that dies where the crash selftest says; nobody else starts it. */
import { createSystemClock } from '../../base/clock.ts';
import { serveParent } from '../../reference-system/processes/role.ts';
import { ArmedCrashPoints } from './armed-crash-points.ts';

const points = new ArmedCrashPoints(() => process.kill(process.pid, 'SIGKILL'));
process.on('message', (message) => points.take(message));
serveParent(createSystemClock(), { crashPoints: points });
