// The figures that this project promises, each printed with what limits it.
//
//   npm run bench                        engine, shop, holds, start and main-job: about seven minutes
//   npm run bench -- peers open-loop     some parts; those below that take long have to be named
//   npm run bench -- soak --minutes=5    flags go to every part that runs
//
// Nothing here fails a build: machines are noisy. Read ratios and medians, on a quiet machine.

// @ts-check
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { setUp } from '../scripts/setup.mjs';

/** @type {Record<string, string[]>} */
const USUAL = {
  engine: ['engine.mjs'],
  shop: ['shop.mjs'],
  holds: ['holds.mjs'],
  start: ['start.mjs'],
  'main-job': ['main-job.mjs'],
};
/** @type {Record<string, string[]>} Minutes each, or in need of programs that are not everywhere. */
const PARTS = {
  ...USUAL,
  peers: ['peers.mjs'],
  'open-loop': ['open-loop.mjs'],
  history: ['history.mjs'],
  audit: ['audit.mjs'],
  sessions: ['sessions.mjs'],
  soak: ['soak.mjs'],
  search: ['search.mjs'],
};

const flags = process.argv.slice(2).filter((word) => word.startsWith('-'));
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const unknown = wanted.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; known: ${Object.keys(PARTS).join(', ')}`);
  process.exit(104);
}

await setUp();
const cpus = os.cpus();
console.log(`${cpus[0]?.model.trim()}, ${cpus.length} cores, Node ${process.versions.node}`);
console.log(
  `load average before: ${os
    .loadavg()
    .map((n) => n.toFixed(2))
    .join(' ')}`,
);
let failed = false;
for (const name of wanted.length > 0 ? wanted : Object.keys(USUAL)) {
  console.log(`\n== ${name}`);
  for (const file of PARTS[name] ?? []) {
    const script = path.join(import.meta.dirname, file);
    const { status } = spawnSync(process.execPath, [script, ...flags], { stdio: 'inherit' });
    if (status !== 0) failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
