// Artillery as an arm of the comparison: installed from npm into a folder of its own, never a
// dependency of the project. The same five steps: token, cart, checkout and order id carried.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Virtual users that start each second; each makes five requests. */
const USERS_PER_SEC = 400;
const STEPS = 5;
const TOKEN = `token-0-${'x'.repeat(100)}`;

function scriptOf(origin, seconds, folder) {
  const headers = { authorization: 'Bearer {{ token }}' };
  const line = { sku: 'sku-0', quantity: 1 };
  return {
    config: {
      target: origin,
      phases: [{ duration: seconds, arrivalRate: USERS_PER_SEC }],
      payload: { path: path.join(folder, 'tokens.csv'), fields: ['token', 'key'] },
      http: { pool: 64 },
    },
    scenarios: [
      {
        flow: [
          { get: { url: '/api/products/sku-0', capture: { json: '$.sku', as: 'sku' } } },
          { post: { url: '/api/cart/items', headers, json: line } },
          {
            post: {
              url: '/api/checkouts',
              headers,
              json: { lines: [line] },
              capture: { json: '$.id', as: 'checkoutId' },
            },
          },
          {
            post: {
              url: '/api/orders',
              headers: { ...headers, 'idempotency-key': '{{ key }}' },
              json: { checkoutId: '{{ checkoutId }}', paymentToken: 'tok_c0' },
              capture: { json: '$.id', as: 'orderId' },
            },
          },
          { post: { url: '/api/orders/{{ orderId }}/cancel', headers } },
        ],
      },
    ],
  };
}

/** Without the scripts of its packages: they would fetch browsers. */
function install(folder) {
  console.log(`installing artillery from npm into ${folder}`);
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', '--prefix', folder, ...flags, 'artillery'], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('artillery could not be installed');
}

/**
 * `folder` is where artillery is installed, or '' to install it into a temporary one. `node` runs
 * it: it may want a newer one than this. The rate is what it carried, not what it was asked for.
 */
export function artilleryArm({ folder, origin, seconds, pin, node = process.execPath }) {
  const home = folder === '' ? mkdtempSync(path.join(os.tmpdir(), 'ecomsim-artillery-')) : folder;
  if (!existsSync(path.join(home, 'node_modules/artillery'))) install(home);
  const work = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-artillery-run-'));
  const rows = Array.from({ length: 1000 }, (_, i) => `${TOKEN},key-${i}`);
  writeFileSync(path.join(work, 'tokens.csv'), rows.join('\n'));
  const script = path.join(work, 'journey.json');
  const output = path.join(work, 'report.json');
  writeFileSync(script, JSON.stringify(scriptOf(origin, seconds, work)));
  const entry = path.join(home, 'node_modules/artillery/bin/run');

  async function run() {
    const command = [...pin, node, entry, 'run', '--quiet', '--output', output, script];
    const line = `${command.map((word) => `'${word}'`).join(' ')} >&2; times`;
    const child = spawn('sh', ['-c', line], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ARTILLERY_DISABLE_TELEMETRY: 'true' },
    });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    await new Promise((resolve) => child.once('close', resolve));
    const [, user, system] = /(\S+) (\S+)\s*$/.exec(text) ?? [];
    return report(secondsOf(user) + secondsOf(system));
  }

  function report(cpuSeconds) {
    const { counters, firstMetricAt, lastMetricAt } = JSON.parse(
      readFileSync(output, 'utf8'),
    ).aggregate;
    const requests = counters['http.responses'] ?? 0;
    const wallSeconds = Math.max(seconds, (lastMetricAt - firstMetricAt) / 1000);
    const completed = counters['vusers.completed'] ?? 0;
    return {
      perSec: requests / wallSeconds,
      cpuUs: (cpuSeconds * 1e6) / requests,
      bad: (counters['vusers.created'] ?? 0) - completed,
      steps: completed * STEPS,
    };
  }

  const remove = () => {
    rmSync(work, { recursive: true, force: true });
    if (folder === '') rmSync(home, { recursive: true, force: true });
  };
  return { run, remove };
}

/** `1m2.5s` as seconds. */
function secondsOf(text) {
  const [, minutes, rest] = /(\d+)m([\d.]+)s/.exec(text ?? '') ?? [];
  return Number(minutes) * 60 + Number(rest);
}
