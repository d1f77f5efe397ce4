// A shop with a planted loss: each start on old data forgets the orders that it had confirmed, of which
// some were surely acknowledged. Only tests start it.

// @ts-check
import { existsSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { createSystemClock } from '../../dist/base/clock.js';
import { serveParent } from '../../dist/reference-system/processes/role.js';
import { ArmedCrashPoints } from '../../dist/selftest/crash/armed-crash-points.js';

/** @param {string} dataDir */
function forgetOrders(dataDir) {
  forget(path.join(dataDir, 'archive.db'), 'DELETE FROM archived');
  forget(path.join(dataDir, 'shop.db'), "DELETE FROM orders WHERE status = 'confirmed'");
}

/**
 * @param {string} file
 * @param {string} statement
 */
function forget(file, statement) {
  if (!existsSync(file)) return;
  const db = new Database(file);
  db.exec(statement);
  db.close();
}

const points = new ArmedCrashPoints(() => process.kill(process.pid, 'SIGKILL'));
process.on('message', (message) => {
  points.take(message);
  const { kind, start } = /** @type {{ kind: string, start: { dataDir: string } }} */ (message);
  if (kind === 'start') forgetOrders(start.dataDir);
});
serveParent(createSystemClock(), { crashPoints: points });
