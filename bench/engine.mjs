// The load engine alone: journeys, body decoding, recording and history against a server that does
// nothing. Usage: node bench/engine.mjs [requests/s …] [--dist=dist] [--workers=1] [--seconds=5]
//                 [--connections=64] [--kind=null]
import { fork } from 'node:child_process';
import path from 'node:path';
import { flag, journeyOf, none, runOurs, scenarioOf } from './ours.mjs';

const rates = process.argv.slice(2).map(Number).filter(Number.isFinite);
const workers = Number(flag('workers', 1));
const seconds = Number(flag('seconds', 5));
const connections = Number(flag('connections', 64));
const kind = flag('kind', 'null');

const STEPS = ['home', 'viewProduct', 'viewStock', 'addToCart', 'checkout', 'order'];
const thinkAfter = (index) => (index % 2 === 0 ? { kind: 'uniform', minMs: 1, maxMs: 20 } : none);
/** Enough to keep every connection busy, so few that nothing piles up. */
const SATURATING_SESSIONS = 128 * workers;
const SATURATIONS = 3;

const fixed = (value, digits = 2) => value.toFixed(digits).padStart(9);

/** At a rate, or with sessions that never end and never think: as fast as it goes. */
async function measure(origin, requestsPerSec) {
  const saturates = requestsPerSec === undefined;
  const journey = journeyOf(STEPS, saturates ? { repeats: true } : { thinkAfter });
  const perSec = saturates ? 1 : requestsPerSec / STEPS.length;
  const report = await runOurs({
    origin,
    kind,
    connections,
    workers,
    ...(saturates && { maxSessions: SATURATING_SESSIONS }),
    scenario: scenarioOf({
      journey,
      perSec,
      warmupPerSec: saturates ? 20 * SATURATING_SESSIONS : perSec,
      seconds,
    }),
  });
  const all = report.metrics.latency({ outcome: 'ok' }, 'response');
  const donePerSec = (report.metrics.attempts({}) * 1000) / report.measuredMs;
  const { health } = report;
  console.log(
    [
      saturates ? 'as many'.padStart(9) : fixed(requestsPerSec, 0),
      fixed(donePerSec, 0),
      fixed(donePerSec / workers / Math.max(0.01, health.busyRatio), 0),
      fixed(donePerSec / health.cpuUtilisation, 0),
      fixed(health.busyRatio),
      fixed(health.cpuUtilisation),
      fixed(health.lagMs.p99, 3),
      fixed(all.p50, 3),
      fixed(all.p99, 3),
      fixed(process.memoryUsage().rss / 2 ** 20, 0),
      health.verdict.padStart(9),
    ].join(''),
  );
}

const server = fork(path.join(import.meta.dirname, 'engine-server.mjs'), [], { execArgv: [] });
const { port } = await new Promise((resolve) => server.once('message', resolve));
console.log(
  [
    ...['offered/s', 'done/s', '/s·busy', '/s·cpu', 'busy', 'cpu', 'lag p99', 'p50 ms', 'p99 ms'],
    ...['rss MiB', ''],
  ]
    .map((text) => text.padStart(9))
    .join(''),
);
const origin = `http://127.0.0.1:${port}`;
for (const rate of rates.length > 0 ? rates : [5000, 20_000]) await measure(origin, rate);
for (let i = 0; i < SATURATIONS; i++) await measure(origin);
console.log('beside other tools: npm run bench -- peers');
server.disconnect();
