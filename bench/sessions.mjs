// Many sessions thinking at once: memory of the whole process and the pauses of the garbage
// collector in the load worker. Usage:
//   node bench/sessions.mjs [--sessions=100000] [--dist=dist]
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { flag, journeyOf, runOurs, scenarioOf } from './ours.mjs';

const sessions = Number(flag('sessions', 100_000));
const dist = path.resolve(import.meta.dirname, '..', flag('dist', 'dist'));
/** Slowly enough that nearly all of them think and hardly any waits for an answer. */
const ARRIVE_S = 40;
const STAY_S = 15;
const RSS_TARGET_MIB = 200;
const SESSION_TARGET_BYTES = 512;
const PAUSE_TARGET_MS = 20;

/** The load worker as it is, with a watch on its garbage collector beside it. */
function watchedWorker(folder) {
  const file = path.join(folder, 'watched-worker.mjs');
  writeFileSync(
    file,
    `import { PerformanceObserver, constants } from 'node:perf_hooks';
import { BroadcastChannel } from 'node:worker_threads';
const channel = new BroadcastChannel('bench-gc');
channel.unref();
new PerformanceObserver((list) => {
  for (const { duration, detail } of list.getEntries()) {
    channel.postMessage({ ms: duration, full: detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR });
  }
}).observe({ entryTypes: ['gc'] });
await import(${JSON.stringify(pathToFileURL(path.join(dist, 'load-worker.js')).href)});
`,
  );
  return pathToFileURL(file);
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-bench-worker-'));
const pauses = [];
const channel = new BroadcastChannel('bench-gc');
channel.onmessage = ({ data }) => pauses.push(data);
channel.unref();

const server = fork(path.join(import.meta.dirname, 'engine-server.mjs'), [], { execArgv: [] });
const { port } = await new Promise((resolve) => server.once('message', resolve));
const journey = journeyOf(['home', 'viewProduct'], {
  thinkAfter: () => ({ kind: 'constant', ms: (ARRIVE_S + STAY_S) * 2000 }),
});
const scenario = scenarioOf({
  journey,
  warmupPerSec: 10,
  warmupMs: 5000,
  perSec: sessions / ARRIVE_S,
  seconds: ARRIVE_S,
});
// Nobody comes any more, and nobody has left.
scenario.phases.push({
  ...scenario.phases[1],
  name: 'thinking',
  durationMs: STAY_S * 1000,
  shape: { kind: 'constant', perSec: 1 },
});

const mib = (bytes) => (bytes / 2 ** 20).toFixed(0);
let before = 0;
let highest = 0;
let inFlight = 0;
const started = performance.now();
const timer = setInterval(() => {
  const rss = process.memoryUsage().rss;
  const atS = (performance.now() - started) / 1000;
  highest = Math.max(highest, rss);
  if (Math.round(atS) % 5 === 0) console.log(`  ${atS.toFixed(0).padStart(3)} s: ${mib(rss)} MiB`);
}, 1000);
const report = await runOurs({
  origin: `http://127.0.0.1:${port}`,
  kind: 'null',
  scenario,
  history: 'off',
  onSample: (sample) => {
    inFlight = Math.max(inFlight, sample.inFlight);
  },
  maxSessions: sessions * 2,
  workerUrl: watchedWorker(folder),
  onMeasured: (begins) => {
    if (!begins) return;
    before = process.memoryUsage().rss;
    pauses.length = 0;
  },
});
clearInterval(timer);
server.disconnect();
rmSync(folder, { recursive: true });
const longest = (full) =>
  Math.max(0, ...pauses.filter((pause) => pause.full === full).map(({ ms }) => ms)).toFixed(1);
console.log(
  `${report.journeysStarted} sessions, ${report.journeysCompleted} of them ended; at most ` +
    `${inFlight} requests in flight (each costs about 1.5 kB for good: far more than the ` +
    'connections means that the server or the machine was the limit, and says nothing of sessions)',
);
console.log(`process: ${mib(highest)} MiB at its highest (target ≤ ${RSS_TARGET_MIB} MiB)`);
console.log(
  `a session: ${((highest - before) / report.journeysStarted).toFixed(0)} bytes above the ` +
    `${mib(before)} MiB before they came (target ≤ ${SESSION_TARGET_BYTES})`,
);
console.log(
  `garbage collector of the worker: ${pauses.length} pauses, longest full ${longest(true)} ms, ` +
    `longest other ${longest(false)} ms (target ≤ ${PAUSE_TARGET_MS} ms)`,
);
