// A long run at a modest rate: does the memory of the generator stay where it was after the first
// minute? Usage: node bench/soak.mjs [--minutes=30] [--rate=2000] [--dist=dist]
import { fork } from 'node:child_process';
import path from 'node:path';
import { flag, journeyOf, none, runOurs, scenarioOf } from './ours.mjs';

const minutes = Number(flag('minutes', 30));
const rate = Number(flag('rate', 2000));
const STEPS = ['home', 'viewProduct', 'viewStock', 'addToCart', 'checkout', 'order'];
const GROWTH_TARGET = 0.05;

const server = fork(path.join(import.meta.dirname, 'engine-server.mjs'), [], { execArgv: [] });
const { port } = await new Promise((resolve) => server.once('message', resolve));
const thinkAfter = (index) =>
  index % 2 === 0 ? { kind: 'uniform', minMs: 100, maxMs: 2000 } : none;
const mib = (bytes) => (bytes / 2 ** 20).toFixed(0);

const byMinute = [];
let samples = [];
let seconds = 0;
/** The median of a minute: a single reading depends on when garbage was last collected. */
function endMinute() {
  const sorted = samples.sort((a, b) => a - b);
  byMinute.push(sorted[Math.floor(sorted.length / 2)]);
  samples = [];
  console.log(`  minute ${String(byMinute.length).padStart(2)}: ${mib(byMinute.at(-1))} MiB`);
}

console.log(`${rate} requests/s for ${minutes} min, history on; memory of the whole process`);
const report = await runOurs({
  origin: `http://127.0.0.1:${port}`,
  kind: 'null',
  scenario: scenarioOf({
    journey: journeyOf(STEPS, { thinkAfter }),
    perSec: rate / STEPS.length,
    seconds: minutes * 60,
  }),
  onSample: () => {
    samples.push(process.memoryUsage().rss);
    if (++seconds % 60 === 0) endMinute();
  },
});
server.disconnect();
const { ok } = report.metrics.counts({});
console.log(`${ok} answers ok; generator ${report.health.verdict}`);
if (byMinute.length < 3)
  console.log('too short to say whether memory grows: three minutes at least');
else {
  const [, ...later] = byMinute;
  const growth = Math.max(...later) / later[0] - 1;
  console.log(
    `after the first minute ${mib(later[0])} MiB, at its highest ${mib(Math.max(...later))} MiB: ` +
      `${(100 * growth).toFixed(1)} % more (target ≤ ${100 * GROWTH_TARGET} %)`,
  );
}
