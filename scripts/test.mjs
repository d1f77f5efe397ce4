// Runs the whole test suite from any state of the clone: sets up, runs vitest, and ends with one
// line that counts. Arguments go to vitest: `npm test -- test/engine -t arrivals`.

// @ts-check
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT, SetupError, setUp } from './setup.mjs';
import { closingLine, countTests } from './test-count.mjs';

/** `--note=…` is a last word to print above the count, for a caller with other results to tell. */
const NOTE = '--note=';

/** @param {string[]} args */
function runVitest(args) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-'));
  const report = path.join(folder, 'report.json');
  try {
    const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const text = fs.existsSync(report) ? fs.readFileSync(report, 'utf8') : undefined;
    return countTests(text, status === 0);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function main() {
  const args = process.argv.slice(2);
  const note = args.find((arg) => arg.startsWith(NOTE))?.slice(NOTE.length);
  let count = countTests(undefined, false);
  try {
    await setUp();
    count = runVitest(args.filter((arg) => !arg.startsWith(NOTE)));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`ecomsim: ${error.message}\n`);
  }
  for (const problem of count.problems) console.log(problem);
  if (note) console.log(note);
  console.log(closingLine(count));
  process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;
}

await main();
