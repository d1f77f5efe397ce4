// How long `ecomsim --help` takes over bare Node: paired, interleaved runs of whole processes.

// @ts-check
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { setUp } from '../scripts/setup.mjs';

const ROUNDS = 25;
const LIMIT_MS = 50;

await setUp();
const cli = path.join(path.dirname(import.meta.dirname), 'dist', 'cli.js');
const empty = path.join(import.meta.dirname, 'empty.mjs');

/** @param {string[]} args */
function timeMs(args) {
  const before = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return performance.now() - before;
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** @type {number[]} */
const bare = [];
/** @type {number[]} */
const help = [];
for (let round = 0; round < ROUNDS + 2; round++) {
  const pair = [timeMs([empty]), timeMs([cli, '--help'])];
  // The first two rounds fill the file cache.
  if (round < 2) continue;
  bare.push(pair[0] ?? 0);
  help.push(pair[1] ?? 0);
}
const over = help.map((ms, round) => ms - (bare[round] ?? 0));
console.log(
  `bare Node ${median(bare).toFixed(0)} ms, --help ${median(help).toFixed(0)} ms: ` +
    `${median(over).toFixed(0)} ms over bare Node (median of ${ROUNDS} pairs)`,
);
console.log(`${median(over) <= LIMIT_MS ? '✓' : '✗'} at most ${LIMIT_MS} ms over bare Node`);
