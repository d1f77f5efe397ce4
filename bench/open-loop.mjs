// The open loop at 60 % of what the engine can carry here: is the planned rate delivered, and how
// late is a dispatch? The server has a core of its own, the worker may use them all. Usage:
//   node bench/open-loop.mjs [--seconds=30] [--share=0.6] [--server-core=1] [--dist=dist]
import { fork, spawnSync } from 'node:child_process';
import path from 'node:path';
import { flag, journeyOf, none, runOurs, scenarioOf } from './ours.mjs';

const seconds = Number(flag('seconds', 30));
const share = Number(flag('share', 0.6));
const CONNECTIONS = 64;
const STEPS = ['home', 'viewProduct', 'viewStock', 'addToCart', 'checkout', 'order'];
const RATE_TARGET = 0.001;
const LAG_TARGET_MS = 1;
const kind = 'null';

async function ceiling(origin) {
  const journey = journeyOf(STEPS, { repeats: true });
  const report = await runOurs({
    origin,
    kind,
    connections: CONNECTIONS,
    maxSessions: CONNECTIONS,
    scenario: scenarioOf({ journey, warmupPerSec: 20 * CONNECTIONS, perSec: 1, seconds: 5 }),
  });
  return (report.metrics.attempts({}) * 1000) / report.measuredMs;
}

async function openLoop(origin, requestsPerSec) {
  const thinkAfter = (index) => (index % 2 === 0 ? { kind: 'uniform', minMs: 1, maxMs: 20 } : none);
  const journey = journeyOf(STEPS, { thinkAfter });
  const perSec = requestsPerSec / STEPS.length;
  return runOurs({
    origin,
    kind,
    connections: 256,
    scenario: scenarioOf({ journey, perSec, seconds }),
  });
}

const server = fork(path.join(import.meta.dirname, 'engine-server.mjs'), [], { execArgv: [] });
const { port } = await new Promise((resolve) => server.once('message', resolve));
const { status } = spawnSync('taskset', ['-acp', flag('server-core', '1'), String(server.pid)]);
if (status !== 0) console.log('taskset is missing (Debian: util-linux): the server is not pinned');
const origin = `http://127.0.0.1:${port}`;
const most = await ceiling(origin);
console.log(`at saturation: ${most.toFixed(0)} requests/s; ${100 * share} % of it is asked for`);
const report = await openLoop(origin, most * share);
const { lagMs, verdict, reasons } = report.health;
const missing = 1 - report.journeysStarted / report.journeysDue;
const answered = report.metrics.counts({});
console.log(
  `journeys due ${report.journeysDue}, started ${report.journeysStarted}: ` +
    `${(100 * missing).toFixed(3)} % missing (target ≤ ${100 * RATE_TARGET} %)`,
);
console.log(
  `requests ${(report.metrics.attempts({}) / (report.measuredMs / 1000)).toFixed(0)}/s over ` +
    `${report.measuredMs / 1000} s; ok ${answered.ok}, failed ${answered.failed}, ` +
    `unknown ${answered.unknown}`,
);
console.log(
  `schedule lag P50 ${lagMs.p50.toFixed(3)} ms, P99 ${lagMs.p99.toFixed(3)} ms ` +
    `(target ≤ ${LAG_TARGET_MS} ms), highest ${lagMs.max.toFixed(1)} ms`,
);
console.log(`generator ${verdict}${reasons.map((reason) => `\n  ${reason}`).join('')}`);
server.disconnect();
