// The reference shop alone: its process on one core, the load and the payment gateway on another.
//
//   node bench/shop.mjs            both mixes, on the disk as it is and with a sync of 3 ms more
//   node bench/shop.mjs --quick    a third of the time
//
// Targets: flash-sale mix ≥ 10,000 requests/s, P99 < 40 ms for everything but orders, and orders
// within 50 ms of the payment's own P99; many-SKU mix ≥ 2,000 confirmed orders/s.

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

const clock = createSystemClock();
const SCALE = process.argv.includes('--quick') ? 1 / 3 : 1;
const DURATION_MS = 9_000 * SCALE;
const WARMUP_MS = 3_000 * SCALE;
const CUSTOMERS = 20_000;
const PRODUCTS = 200;
const PAYMENT = { p50Ms: 60, p99Ms: 300 };

const SYSTEM = /** @type {const} */ ({
  storage: 'embedded',
  layout: 'shared',
  inventory: { strategy: 'guarded-update', holdTtlMs: 8_000, sweepEveryMs: 1_000 },
  payment: { latency: PAYMENT, timeoutMs: 2_000, attempts: 2, declined: 0, lostAnswers: 0 },
  limits: { perCustomer: 2 },
});

/** @typedef {Awaited<ReturnType<typeof startReferenceSystem>>} Shop */

/** @param {number} pid @param {number} core */
function pin(pid, core) {
  const options = /** @type {const} */ ({ stdio: 'ignore' });
  return spawnSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], options).status === 0;
}

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

/** @param {Shop} shop @param {number} hotUnits @returns {Promise<string[]>} the tokens */
async function prepare(shop, hotUnits) {
  const catalogue = Array.from({ length: PRODUCTS }, (_, i) => ({
    sku: `sku-${i}`,
    title: `Product number ${i}`,
    description: 'A product that is described at the length that products are. '.repeat(6),
    category: `Category ${i % 12}`,
    attributes: { colour: 'red', size: 'M' },
    priceMinor: 1_000 + i,
    units: i === 0 ? hotUnits : 10_000_000,
  }));
  const seed = { catalogue, currency: 'EUR', hotItems: [0], perCustomer: 2 };
  await control(shop, 'POST', '/control/seed', seed);
  const sale = { opensAtUs: clock.nowUs(), closesAtUs: null };
  await control(shop, 'POST', '/control/sale', sale);
  const made = await control(shop, 'POST', '/control/customers', { from: 0, count: CUSTOMERS });
  return made.tokens;
}

/** A generator of its own, so that two runs send the same: mulberry32. */
function chanceFrom(/** @type {number} */ seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The journeys of the flash-sale scenario without their think times: of ten sessions four are bots
 * that try to check out again and again, six are people who buy only what they see in stock.
 * @param {string[]} tokens
 */
function flashSale(tokens) {
  const chance = chanceFrom(1);
  let ordinal = 0;
  return async (/** @type {any} */ send) => {
    const number = ordinal++;
    const token = tokens[number % tokens.length];
    const sku = chance() < 0.8 ? 'sku-0' : `sku-${1 + Math.floor(chance() * (PRODUCTS - 1))}`;
    const look = () => send('viewStock', { method: 'GET', path: `/api/inventory/${sku}` });
    const line = { sku, quantity: 1 };
    if (chance() < 0.4) {
      await look();
      const body = { lines: [line] };
      do {
        const ask = { method: 'POST', path: '/api/checkouts', token, body };
        const held = await send('checkout', ask);
        if (held.status === 201) return pay(send, token, held.body.id, number);
      } while (chance() < 0.75);
      return;
    }
    await send('home', { method: 'GET', path: '/api/home' });
    if (chance() < 0.5) {
      await send('search', { method: 'GET', path: '/api/search?q=product&limit=20' });
    }
    await send('viewProduct', { method: 'GET', path: `/api/products/${sku}` });
    let stock = await look();
    while (stock.body.available === 0 && chance() < 0.3) stock = await look();
    if (stock.body.available === 0) return;
    await send('addToCart', { method: 'POST', path: '/api/cart/items', token, body: line });
    const held = await send('checkout', {
      method: 'POST',
      path: '/api/checkouts',
      token,
      body: {},
    });
    if (held.status === 201) await pay(send, token, held.body.id, number);
  };
}

/** Straight to the order, each on another product. */
function manySkus(/** @type {string[]} */ tokens) {
  let ordinal = 0;
  return async (/** @type {any} */ send) => {
    const number = ordinal++;
    const token = tokens[number % tokens.length];
    const body = { lines: [{ sku: `sku-${1 + (number % (PRODUCTS - 1))}`, quantity: 1 }] };
    const held = await send('checkout', { method: 'POST', path: '/api/checkouts', token, body });
    if (held.status === 201) await pay(send, token, held.body.id, number);
  };
}

/** @param {any} send @param {string|undefined} token @param {string} checkoutId @param {number} number */
async function pay(send, token, checkoutId, number) {
  const body = { checkoutId, paymentToken: 'tok_card' };
  const key = `k-${number}`;
  await send('order', { method: 'POST', path: '/api/orders', token, key, body });
}

/** @param {any} before @param {any} after @param {number} seconds */
function usageLine(before, after, seconds) {
  const [a, b] = [before.processes[0], after.processes[0]];
  const percent = (/** @type {string} */ name) =>
    `${Math.round(((b[name] - a[name]) / 10 / seconds) * 1)}%`;
  return (
    `shop: CPU ${percent('cpuMs')} of a core, event loop busy ${percent('loopBusyMs')}, ` +
    `store thread busy ${percent('storeBusyMs')}, RSS ${Math.round(b.rssBytes / 2 ** 20)} MiB`
  );
}

/** CPU time in ms that this benchmark and all programs together have used. @param {Shop} shop */
async function cpuTimes(shop) {
  const own = process.cpuUsage();
  const headers = { 'x-control-secret': shop.secret };
  const gateway = await fetch(`${shop.gatewayControlOrigin}/control/observe`, { headers });
  const { process: gatewayUsage } = /** @type {any} */ (await gateway.json());
  const observed = await control(shop, 'GET', '/control/observe');
  const times = os.cpus().map((core) => core.times);
  return {
    observed,
    ours: (own.user + own.system) / 1000 + gatewayUsage.cpuMs + observed.processes[0].cpuMs,
    busy: times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0),
  };
}

/** @param {string} title @param {{ extraSyncMs: number, hotUnits: number, shoppers: number,
 *   mix: (tokens: string[]) => any }} plan */
async function measure(title, plan) {
  const { extraSyncMs } = plan;
  const shop = await startReferenceSystem({ system: SYSTEM, seed: 1, clock, extraSyncMs });
  try {
    const tokens = await prepare(shop, plan.hotUnits);
    const pinned = pinAll(shop);
    let before = await cpuTimes(shop);
    const { latencies, seconds } = await drive({
      origin: shop.origin,
      shoppers: plan.shoppers,
      warmupMs: WARMUP_MS,
      durationMs: DURATION_MS,
      journey: plan.mix(tokens),
      onMeasure: async () => {
        before = await cpuTimes(shop);
      },
    });
    const after = await cpuTimes(shop);
    const others = (after.busy - before.busy - (after.ours - before.ours)) / 10 / seconds;
    const confirmed = latencies.count('order', 201) / seconds;
    console.log(`\n${title} (${plan.shoppers} connections${pinned ? '' : ', NOT PINNED'})`);
    console.log(
      `  ${Math.round(latencies.total / seconds)} requests/s, ` +
        `${Math.round(confirmed)} confirmed orders/s`,
    );
    console.log(`  ${usageLine(before.observed, after.observed, seconds)}`);
    if (others > 10) {
      console.log(
        `  ! other programs used ${Math.round(others)}% of a core: these figures are too low`,
      );
    }
    for (const row of latencies.rows()) {
      const { name, count, p50, p99, max } = row;
      const figures = [p50, p99, max].map((ms) => ms.toFixed(1).padStart(7)).join(' ');
      console.log(`  ${name.padEnd(12)} ${String(count).padStart(7)}  P50 P99 max ${figures} ms`);
    }
    console.log(`  ${[...latencies.statuses].map(([name, n]) => `${name}: ${n}`).join(' · ')}`);
    return { perSec: latencies.total / seconds, confirmed, rows: latencies.rows() };
  } finally {
    await shop.stop();
  }
}

/** The shop alone on core 0; everything else on core 1. @param {Shop} shop */
function pinAll(shop) {
  if (os.cpus().length < 2) return false;
  const done = shop.processes.map(({ name, pid }) => pin(pid, name === 'shop' ? 0 : 1));
  return done.every(Boolean) && pin(process.pid, 1);
}

/** @param {boolean} ok @param {string} text */
function judge(ok, text) {
  console.log(`  ${ok ? '✓' : '✗'} ${text}`);
}

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
  const disk = extraSyncMs === 0 ? 'this disk' : `every sync ${extraSyncMs} ms longer`;
  const mix = await measure(`flash-sale mix, ${disk}`, {
    extraSyncMs,
    hotUnits: 1_500,
    shoppers: 96,
    mix: flashSale,
  });
  const others = mix.rows.filter((row) => row.name !== 'order');
  const order = mix.rows.find((row) => row.name === 'order');
  judge(mix.perSec >= 10_000, 'at least 10,000 requests/s');
  judge(
    others.every((row) => row.p99 < 40),
    'P99 below 40 ms for everything but orders',
  );
  judge(
    (order?.p99 ?? Number.POSITIVE_INFINITY) < PAYMENT.p99Ms + 50,
    `orders within 50 ms of the payment's own P99 (${PAYMENT.p99Ms} ms)`,
  );
  const orders = await measure(`orders over many SKUs, ${disk}`, {
    extraSyncMs,
    hotUnits: 0,
    shoppers: 384,
    mix: manySkus,
  });
  judge(orders.confirmed >= 2_000, 'at least 2,000 confirmed orders/s');
}
