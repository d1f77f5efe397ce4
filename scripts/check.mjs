// Everything that can be said about the sources without running them: format and lint, types,
// import rules, dead code, package contents. Every step runs, whatever the ones before it said.

// @ts-check
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ROOT, SetupError, setUp } from './setup.mjs';

/** @type {{ name: string, command: string, args: string[] }[]} */
const STEPS = [
  { name: 'format and lint', command: 'biome', args: ['ci', '--colors=off'] },
  { name: 'types', command: 'tsc', args: ['-p', 'test/tsconfig.json'] },
  {
    name: 'import rules',
    command: 'depcruise',
    args: ['--config', '.dependency-cruiser.mjs', 'src'],
  },
  { name: 'dead code', command: 'knip', args: [] },
  { name: 'package', command: 'publint', args: ['--strict'] },
];

/** @param {{ name: string, command: string, args: string[] }} step */
function passes({ name, command, args }) {
  const startedMs = Date.now();
  const tool = path.join(ROOT, 'node_modules', '.bin', command);
  const { status, stdout, stderr, error } = spawnSync(tool, args, { cwd: ROOT, encoding: 'utf8' });
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`);
  if (status !== 0) console.log(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`);
  return status === 0;
}

async function main() {
  const failed = [];
  try {
    await setUp();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.log(`FAILED  install and build\n${error.message}`);
    failed.push('install and build');
  }
  failed.push(...STEPS.filter((step) => !passes(step)).map((step) => step.name));
  console.log(failed.length > 0 ? `Checks failed: ${failed.join(', ')}` : 'All checks passed');
  process.exitCode = failed.length > 0 ? 1 : 0;
}

await main();
