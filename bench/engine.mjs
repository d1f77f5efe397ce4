// The load engine alone: journeys, body decoding, recording and history against a server that does
// nothing. Usage: node bench/engine.mjs [requests/s …] [--dist=dist] [--workers=1] [--seconds=5]
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import autocannon from 'autocannon';

const ROOT = path.dirname(import.meta.dirname);
const flag = (name, fallback) =>
  process.argv.find((text) => text.startsWith(`--${name}=`))?.split('=')[1] ?? fallback;
const rates = process.argv.slice(2).map(Number).filter(Number.isFinite);
const dist = path.resolve(ROOT, flag('dist', 'dist'));
const workers = Number(flag('workers', 1));
const seconds = Number(flag('seconds', 5));
const connections = Number(flag('connections', 64));
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { startLoad } = await load('engine/load-run.js');
const { createSystemClock } = await load('base/clock.js');
const { CLIENT_DEFAULTS } = await load('contract/call.js');

const STEPS = ['home', 'viewProduct', 'viewStock', 'addToCart', 'checkout', 'order'];
const none = { kind: 'constant', ms: 0 };
const think = { kind: 'uniform', minMs: 1, maxMs: 20 };
/** Enough to keep every connection busy, so few that nothing piles up. */
const SATURATING_SESSIONS = 128;
const PAIRS = 3;

function scenarioAt(requestsPerSec, saturate) {
  const perSec = requestsPerSec / STEPS.length;
  const shape = { kind: 'constant', perSec };
  const mix = { shopper: 1 };
  const steps = STEPS.map((operation, index) => {
    const to = STEPS[index + 1] ?? 'end';
    const next = [{ outcomes: ['ok'], to, think: index % 2 === 0 && !saturate ? think : none }];
    return [operation, { operation, item: 'wanted', quantity: 1, next }];
  });
  return {
    name: 'bench',
    title: 'bench',
    seed: 1,
    currency: 'EUR',
    catalogue: Array.from({ length: 200 }, (_, i) => ({ sku: `sku-${i}` })),
    zipfExponent: 0.99,
    phases: [
      { name: 'warmup', durationMs: 2000, shape, measured: false, mix },
      { name: 'steady', durationMs: seconds * 1000, shape, measured: true, mix },
    ],
    populations: [
      {
        name: 'shopper',
        journey: 'buy',
        hotShare: 0.5,
        accounts: { kind: 'pool', size: 5000 },
      },
    ],
    journeys: [{ name: 'buy', start: 'home', maxSteps: 20, steps: Object.fromEntries(steps) }],
    sale: { opensAtMs: 0, closesAtMs: null, hotItems: [0], demandToStock: 1, perCustomer: 2 },
    probes: { duplicate: 0, replay: 0, changed: 0 },
    requiredGoals: [],
  };
}

const fixed = (value, digits = 2) => value.toFixed(digits).padStart(9);

/** `saturate`: as fast as it goes, with few sessions at a time; what exceeds them is dropped. */
async function measure(origin, requestsPerSec, saturate) {
  const clock = createSystemClock();
  const historyDir = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-bench-'));
  const scenario = scenarioAt(requestsPerSec, saturate);
  const client = {
    ...CLIENT_DEFAULTS,
    kind: flag('kind', 'null'),
    origin,
    skus: scenario.catalogue.map(({ sku }) => sku),
    tokens: Array.from({ length: 5000 }, (_, i) => `token-${i}-${'x'.repeat(100)}`),
    maxConnections: connections,
    timeoutMs: 10_000,
  };
  const order = {
    scenario,
    client,
    drainMs: 5000,
    history: 'writes',
    historyDir,
    keyPrefix: 'bench',
  };
  const run = await startLoad({
    order,
    clock,
    workers,
    tightestThresholdMs: null,
    ...(saturate && { maxSessions: SATURATING_SESSIONS * workers }),
  });
  run.begin(clock.nowUs() + 300_000);
  const report = await run.finished;
  rmSync(historyDir, { recursive: true });
  const all = report.metrics.latency({ outcome: 'ok' }, 'response');
  const perSec = (report.metrics.attempts({}) * 1000) / report.measuredMs;
  const { health } = report;
  console.log(
    [
      saturate ? 'as many'.padStart(9) : fixed(requestsPerSec, 0),
      fixed(perSec, 0),
      fixed(perSec / workers / Math.max(0.01, health.busyRatio), 0),
      fixed(perSec / health.cpuUtilisation, 0),
      fixed(health.busyRatio),
      fixed(health.cpuUtilisation),
      fixed(health.lagMs.p99, 3),
      fixed(all.p50, 3),
      fixed(all.p99, 3),
      fixed(process.memoryUsage().rss / 2 ** 20, 0),
      health.verdict.padStart(9),
    ].join(''),
  );
  return perSec;
}

/** The same server, one path, answers unread: what a generator without journeys reaches. */
async function autocannonPerSec(origin) {
  const result = await autocannon({ url: `${origin}/api/home`, connections, duration: seconds });
  return result.requests.average;
}

/** Paired and interleaved: both see the same mood of the machine. */
async function compare(origin, ceiling) {
  const ratios = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const ours = await measure(origin, ceiling, true);
    const theirs = await autocannonPerSec(origin);
    ratios.push(ours / theirs);
    console.log(
      `autocannon, GET without decoding: ${theirs.toFixed(0)}/s; ratio ${(ours / theirs).toFixed(2)}`,
    );
  }
  const median = ratios.sort((a, b) => a - b)[Math.floor(PAIRS / 2)];
  console.log(`ours ÷ autocannon: ${median.toFixed(2)} (median of ${PAIRS} pairs)`);
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
for (const rate of rates.length > 0 ? rates : [5000, 20_000]) await measure(origin, rate, false);
await compare(origin, Number(flag('ceiling', 80_000)));
server.disconnect();
