/** Entry of the shop's child processes; which of them this one is, the parent says over IPC. */
import { createSystemClock } from './base/clock.ts';
import { serveParent } from './reference-system/processes/role.ts';

serveParent(createSystemClock());
