// A shop with a planted loss: each start on old data forgets the oldest order that it confirmed, which
// was surely acknowledged. Only tests start it.

// @ts-check
import { existsSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { createSystemClock } from '../../dist/base/clock.js';
import { serveParent } from '../../dist/reference-system/processes/role.js';
import { ArmedCrashPoints } from '../../dist/selftest/crash/armed-crash-points.js';

/** @param {string} dataDir */
function forgetOldestOrder(dataDir) {
  const archived = 'DELETE FROM archived WHERE seq IN (SELECT min(seq) FROM archived)';
  const live = `DELETE FROM orders WHERE id IN
    (SELECT id FROM orders WHERE status = 'confirmed' ORDER BY confirmed_seq LIMIT 1)`;
  if (!forget(path.join(dataDir, 'archive.db'), archived)) {
    forget(path.join(dataDir, 'shop.db'), live);
  }
}

/**
 * @param {string} file
 * @param {string} statement
 */
function forget(file, statement) {
  if (!existsSync(file)) return false;
  const db = new Database(file);
  const { changes } = db.prepare(statement).run();
  db.close();
  return changes > 0;
}

const points = new ArmedCrashPoints(() => process.kill(process.pid, 'SIGKILL'));
process.on('message', (message) => {
  points.take(message);
  const { kind, start } = /** @type {{ kind: string, start: { dataDir: string } }} */ (message);
  if (kind === 'start') forgetOldestOrder(start.dataDir);
});
serveParent(createSystemClock(), { crashPoints: points });
