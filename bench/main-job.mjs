// `ecomsim run flash-sale` with no flag: verdict, duration, and memory of generator and shop.

// @ts-check
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setUp } from '../scripts/setup.mjs';

const MAX_SECONDS = 60;
const MAX_RSS_MIB = 220;
const SAMPLE_EVERY_MS = 250;

await setUp();
const cli = path.join(path.dirname(import.meta.dirname), 'dist', 'cli.js');
const cwd = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-bench-'));

/** @typedef {{ pid: number, ppid: number, rssMiB: number }} ProcessRow */

/** Linux only: resident memory of every process, from /proc. @returns {ProcessRow[]} */
function processTable() {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const field = (/** @type {string} */ key) =>
        Number(status.match(new RegExp(`^${key}:\\s+(\\d+)`, 'm'))?.[1] ?? 0);
      return [{ pid: Number(name), ppid: field('PPid'), rssMiB: field('VmRSS') / 1024 }];
    } catch {
      // The process ended between the listing and the reading.
      return [];
    }
  });
}

const startedMs = performance.now();
const child = spawn(process.execPath, [cli, 'run', 'flash-sale', '-q'], {
  cwd,
  stdio: ['ignore', 'pipe', 'inherit'],
});
let page = '';
child.stdout.on('data', (chunk) => {
  page += chunk;
});
let generator = 0;
/** @type {Map<number, number>} */
const children = new Map();
const sampler = setInterval(() => {
  const table = processTable();
  generator = Math.max(generator, table.find(({ pid }) => pid === child.pid)?.rssMiB ?? 0);
  for (const { pid, ppid, rssMiB } of table) {
    if (ppid === child.pid) children.set(pid, Math.max(children.get(pid) ?? 0, rssMiB));
  }
}, SAMPLE_EVERY_MS);
const code = await new Promise((resolve) => child.on('close', resolve));
clearInterval(sampler);
const seconds = (performance.now() - startedMs) / 1000;
const [run] = readdirSync(path.join(cwd, 'reports'));
const file = path.join(cwd, 'reports', run ?? '', 'result.json');
const result = JSON.parse(readFileSync(file, 'utf8'));
rmSync(cwd, { recursive: true, force: true });

console.log(page.split('\n').slice(0, 24).join('\n'));
const shop = Math.max(0, ...children.values());
const { load } = result;
console.log(`schedule lag P99 ${load.scheduleLagMs.p99} ms, exit code ${code}`);
/** @param {boolean} ok @param {string} text */
const judge = (ok, text) => console.log(`${ok ? '✓' : '✗'} ${text}`);
judge(result.verdict === 'pass', `verdict pass (${result.verdict})`);
judge(load.generator.verdict === 'valid', `generator valid (${load.generator.verdict})`);
judge(seconds <= MAX_SECONDS, `at most ${MAX_SECONDS} s (${seconds.toFixed(1)} s)`);
judge(generator <= MAX_RSS_MIB, `generator ≤ ${MAX_RSS_MIB} MiB (${generator.toFixed(0)} MiB)`);
judge(shop <= MAX_RSS_MIB, `shop ≤ ${MAX_RSS_MIB} MiB (${shop.toFixed(0)} MiB)`);
