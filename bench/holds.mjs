// Holds per second on one hot SKU over HTTP, durable before they are answered: guarded-update against
// single-writer in interleaved pairs, on the disk as it is and with a sync of 3 ms more.
//
//   node bench/holds.mjs                     four pairs each
//   node bench/holds.mjs --quick             two short ones
//   node bench/holds.mjs --strategies a,b    others than these two
//
// The shop runs on one core, this driver and the payment gateway on another. Target: ≥ 15,000 holds/s
// on a fast disk. Where other programs take processor time away, holds per second of the shop's own
// processor time are the figure to look at.

// @ts-check
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { setUp } from '../scripts/setup.mjs';
import { drive } from './shop-driver.mjs';

await setUp();
const { createSystemClock } = await import('../dist/base/clock.js');
const { startReferenceSystem } = await import('../dist/reference-system/index.js');
const { isMemoryFileSystem, measureSyncMs } = await import(
  '../dist/reference-system/storage/disk.js'
);

const QUICK = process.argv.includes('--quick');
const PAIRS = QUICK ? 2 : 4;
const WARMUP_MS = QUICK ? 1_000 : 3_000;
const DURATION_MS = QUICK ? 2_000 : 6_000;
const SHOPPERS = 128;
const CUSTOMERS = 5_000;
const TARGET_PER_SEC = 15_000;

const clock = createSystemClock();

/** @param {string} name */
function flag(name) {
  const index = process.argv.indexOf(name);
  return index < 0 ? undefined : process.argv[index + 1];
}

const STRATEGIES = (flag('--strategies') ?? 'guarded-update,single-writer').split(',');

/** @param {string} strategy */
function systemWith(strategy) {
  return /** @type {const} */ ({
    storage: 'embedded',
    layout: 'shared',
    // Longer than the run: what is measured is holding, not expiring.
    inventory: { strategy, holdTtlMs: 600_000, sweepEveryMs: 1_000 },
    payment: {
      latency: { p50Ms: 60, p99Ms: 300 },
      ...{ timeoutMs: 2_000, attempts: 2, declined: 0, lostAnswers: 0 },
    },
    limits: { perCustomer: 1_000_000 },
  });
}

/** @typedef {Awaited<ReturnType<typeof startReferenceSystem>>} Shop */

/**
 * @param {Shop} shop @param {string} method @param {string} path @param {object} [body]
 * @returns {Promise<any>}
 */
async function control(shop, method, path, body) {
  const response = await fetch(shop.controlOrigin + path, {
    method,
    headers: { 'x-control-secret': shop.secret, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return response.json();
}

/** @param {Shop} shop @returns {Promise<string[]>} the tokens */
async function prepare(shop) {
  const hot = { sku: 'hot', title: 'Hot lamp', description: '', category: 'Lamps' };
  const catalogue = [{ ...hot, attributes: {}, priceMinor: 1_999, units: 100_000_000 }];
  const seed = { catalogue, currency: 'EUR', hotItems: [0], perCustomer: 1_000_000 };
  await control(shop, 'POST', '/control/seed', seed);
  await control(shop, 'POST', '/control/sale', { opensAtUs: clock.nowUs(), closesAtUs: null });
  return (await control(shop, 'POST', '/control/customers', { from: 0, count: CUSTOMERS })).tokens;
}

/** The shop alone on core 0, everything else on core 1. @param {Shop} shop */
function pinAll(shop) {
  if (os.cpus().length < 2) return false;
  const options = /** @type {const} */ ({ stdio: 'ignore' });
  const pin = (/** @type {number} */ pid, /** @type {number} */ core) =>
    spawnSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], options).status === 0;
  const done = shop.processes.map(({ name, pid }) => pin(pid, name === 'shop' ? 0 : 1));
  return done.every(Boolean) && pin(process.pid, 1);
}

/** @param {string} strategy @param {number} extraSyncMs */
async function measure(strategy, extraSyncMs) {
  const system = systemWith(strategy);
  const shop = await startReferenceSystem({ system, seed: 1, clock, extraSyncMs });
  try {
    const tokens = await prepare(shop);
    const isPinned = pinAll(shop);
    let ordinal = 0;
    const body = { lines: [{ sku: 'hot', quantity: 1 }] };
    /** @type {any} */
    let before;
    const { latencies, seconds } = await drive({
      ...{ origin: shop.origin, shoppers: SHOPPERS, warmupMs: WARMUP_MS, durationMs: DURATION_MS },
      journey: async (send) => {
        const token = /** @type {string} */ (tokens[ordinal++ % tokens.length]);
        await send('hold', { method: 'POST', path: '/api/checkouts', token, body });
      },
      onMeasure: async () => {
        before = await control(shop, 'GET', '/control/observe');
      },
    });
    const after = await control(shop, 'GET', '/control/observe');
    const [first, last] = [before.processes[0], after.processes[0]];
    const held = latencies.count('hold', 201);
    const row = latencies.rows()[0];
    return {
      perSec: held / seconds,
      perCpuSec: (held * 1000) / (last.cpuMs - first.cpuMs),
      cores: (last.cpuMs - first.cpuMs) / 1000 / seconds,
      loopBusy: (last.loopBusyMs - first.loopBusyMs) / 1000 / seconds,
      storeBusy: (last.storeBusyMs - first.storeBusyMs) / 1000 / seconds,
      p50: row?.p50 ?? Number.NaN,
      p99: row?.p99 ?? Number.NaN,
      failed: latencies.total - held,
      isPinned,
    };
  } finally {
    await shop.stop();
  }
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

if (isMemoryFileSystem(os.tmpdir())) {
  console.error(
    `${os.tmpdir()} is a file system in memory, where a sync costs nothing: ` +
      'set TMPDIR to a folder on a disk.',
  );
  process.exit(1);
}
console.log(
  `disk sync of 4 KiB in ${os.tmpdir()}: ${measureSyncMs(os.tmpdir(), clock).toFixed(2)} ms (median)`,
);

for (const extraSyncMs of [0, 3]) {
  console.log(`\n${extraSyncMs === 0 ? 'this disk' : `every sync ${extraSyncMs} ms longer`}`);
  /** @type {Map<string, Awaited<ReturnType<typeof measure>>[]>} */
  const rounds = new Map(STRATEGIES.map((name) => [name, []]));
  for (let pair = 0; pair < PAIRS; pair++) {
    // Whatever drifts on the machine must not always meet the same one first.
    const order = pair % 2 === 0 ? STRATEGIES : [...STRATEGIES].reverse();
    for (const name of order) rounds.get(name)?.push(await measure(name, extraSyncMs));
  }
  for (const [name, list] of rounds) {
    const of = (/** @type {(round: (typeof list)[number]) => number} */ pick) =>
      median(list.map(pick));
    console.log(
      `  ${name.padEnd(16)} ${whole.format(of((r) => r.perSec))} holds/s, ` +
        `${whole.format(of((r) => r.perCpuSec))} per second of its processor time; ` +
        `P50 ${of((r) => r.p50).toFixed(1)} P99 ${of((r) => r.p99).toFixed(1)} ms`,
    );
    console.log(
      `  ${''.padEnd(16)} shop: ${of((r) => r.cores).toFixed(2)} cores, event loop busy ` +
        `${(of((r) => r.loopBusy) * 100).toFixed(0)} %, store thread busy ` +
        `${(of((r) => r.storeBusy) * 100).toFixed(0)} %${list[0]?.isPinned ? '' : ', NOT PINNED'}` +
        `${list.some((r) => r.failed > 0) ? `, ${list.reduce((sum, r) => sum + r.failed, 0)} not held` : ''}`,
    );
    if (extraSyncMs > 0) continue;
    const ok = of((r) => r.perCpuSec) >= TARGET_PER_SEC;
    console.log(
      `  ${ok ? '✓' : '✗'} at least ${whole.format(TARGET_PER_SEC)} holds per second of one core`,
    );
  }
  const [first, second] = STRATEGIES.map((name) => rounds.get(name) ?? []);
  if (first === undefined || second === undefined) continue;
  for (const figure of /** @type {const} */ (['perSec', 'perCpuSec'])) {
    const ratios = first.map((round, i) => (second[i]?.[figure] ?? Number.NaN) / round[figure]);
    console.log(
      `  ${STRATEGIES[1]} ÷ ${STRATEGIES[0]}, ${figure === 'perSec' ? 'holds/s' : 'per processor second'}: ` +
        `${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`,
    );
  }
}
