// A shop with a planted loss: each start on old data forgets the last order that it confirmed, as if
// its commit had never reached the disk. Only tests start it.

// @ts-check
import { existsSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { createSystemClock } from '../../dist/base/clock.js';
import { serveParent } from '../../dist/reference-system/processes/role.js';
import { ArmedCrashPoints } from '../../dist/selftest/crash/armed-crash-points.js';

/** @param {string} file */
function forgetLastOrder(file) {
  if (!existsSync(file)) return;
  const db = new Database(file);
  db.exec(`DELETE FROM orders WHERE id IN
    (SELECT id FROM orders WHERE status = 'confirmed' ORDER BY confirmed_seq DESC LIMIT 1)`);
  db.close();
}

const points = new ArmedCrashPoints(() => process.kill(process.pid, 'SIGKILL'));
process.on('message', (message) => {
  points.take(message);
  const { kind, start } = /** @type {{ kind: string, start: { dataDir: string } }} */ (message);
  if (kind === 'start') forgetLastOrder(path.join(start.dataDir, 'shop.db'));
});
serveParent(createSystemClock(), { crashPoints: points });
