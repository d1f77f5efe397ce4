// A shop with a planted loss: each start on old data forgets the last order that it confirmed, as if
// its commit had never reached the disk. Only tests start it.

// @ts-check
import { existsSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { createSystemClock } from '../../dist/base/clock.js';
import { serveParent } from '../../dist/reference-system/processes/role.js';
import { ArmedCrashPoints } from '../../dist/selftest/crash/armed-crash-points.js';

/** @param {string} dataDir */
function forgetLastOrder(dataDir) {
  const live = `DELETE FROM orders WHERE id IN
    (SELECT id FROM orders WHERE status = 'confirmed' ORDER BY confirmed_seq DESC LIMIT 1)`;
  const archived = 'DELETE FROM archived WHERE seq IN (SELECT max(seq) FROM archived)';
  if (!forget(path.join(dataDir, 'shop.db'), live)) {
    forget(path.join(dataDir, 'archive.db'), archived);
  }
}

/**
 * @param {string} file
 * @param {string} statement
 */
function forget(file, statement) {
  if (!existsSync(file)) return true;
  const db = new Database(file);
  const { changes } = db.prepare(statement).run();
  db.close();
  return changes > 0;
}

const points = new ArmedCrashPoints(() => process.kill(process.pid, 'SIGKILL'));
process.on('message', (message) => {
  points.take(message);
  const { kind, start } = /** @type {{ kind: string, start: { dataDir: string } }} */ (message);
  if (kind === 'start') forgetLastOrder(start.dataDir);
});
serveParent(createSystemClock(), { crashPoints: points });
