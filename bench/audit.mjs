// What judging costs: the stored run of a large, sound flash sale is audited in a process of its own,
// which tells its seconds, processor seconds and highest memory. Usage:
//   node bench/audit.mjs [--ops=10000000] [--orders=200000] [--mutant] [--keep=folder] [--dist=dist]
// With --mutant one unit more is sold than there was, and that has to be found.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { flag, isSet } from './flags.mjs';

const MAX_SECONDS = 15;
const MAX_MIB = 512;
const judged = flag('judge', '');

async function judgeFolder(folder) {
  const dist = path.resolve(path.dirname(import.meta.dirname), flag('dist', 'dist'));
  const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
  const { loadAudit } = await load('commands/run/stored-audit.js');
  const { judge } = await load('audit/audit.js');
  const began = performance.now();
  const input = await loadAudit(folder);
  const loaded = performance.now();
  const report = judge(input);
  const ended = performance.now();
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const found = report.invariants.filter(({ violationCount }) => violationCount > 0);
  const result = {
    records: input.history.records,
    loadSeconds: (loaded - began) / 1000,
    seconds: (ended - began) / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    mib: maxRSS / 1024,
    verdict: report.verdict,
    reason: report.reason,
    goals: report.goals,
    checked: Object.fromEntries(report.invariants.map(({ id, checked }) => [id, checked])),
    found: found.map(({ id, violations }) => ({ id, ...violations[0] })),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function main() {
  const ops = Number(flag('ops', 10_000_000));
  const orders = Number(flag('orders', Math.round(ops / 50)));
  const kept = flag('keep', '');
  const folder = kept === '' ? mkdtempSync(path.join(os.tmpdir(), 'ecomsim-audit-')) : kept;
  try {
    if (!existsSync(path.join(folder, 'audit-input.json'))) {
      const { SaleWriter } = await import('./audit-sale.mjs');
      const sale = new SaleWriter({ folder, ops, orders, seed: 7, oversold: isSet('mutant') });
      await sale.run();
    }
    const words = process.argv.slice(2).filter((word) => !word.startsWith('--judge='));
    const args = [import.meta.filename, ...words, `--judge=${folder}`];
    const child = spawnSync(process.execPath, [...process.execArgv, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (child.status !== 0) throw new Error(`the audit ended with ${child.status}`);
    tell(JSON.parse(child.stdout.toString()));
  } finally {
    if (kept === '') rmSync(folder, { recursive: true, force: true });
  }
}

function tell(result) {
  const wanted = isSet('mutant') ? 'fail' : 'pass';
  const mark = (isGood) => (isGood ? '✓' : '✗');
  const { seconds, loadSeconds, cpuSeconds, mib, verdict, reason, found } = result;
  const { order_confirmed: confirmed } = result.goals;
  console.log(`${result.records} operations, ${confirmed} confirmed orders`);
  if (isSet('verbose')) console.log(result);
  console.log(`${mark(verdict === wanted)} verdict ${verdict} (${wanted} is right) ${reason}`);
  for (const { id, summary } of found) console.log(`    ${id}: ${summary}`);
  console.log(
    `${mark(cpuSeconds <= MAX_SECONDS)} ${cpuSeconds.toFixed(1)} s of processor time, ` +
      `${seconds.toFixed(1)} s in all (${loadSeconds.toFixed(1)} s to open); target ≤ ${MAX_SECONDS} s`,
  );
  console.log(`${mark(mib <= MAX_MIB)} ${mib.toFixed(0)} MiB at most; target ≤ ${MAX_MIB} MiB`);
  if (verdict !== wanted) process.exitCode = 1;
}

if (judged === '') await main();
else await judgeFolder(judged);
