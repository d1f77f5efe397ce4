// What the history costs: the same journey at saturation with and without it, interleaved, as
// processor time per request. Half of the operations are kept. Usage:
//   node bench/history.mjs [--pairs=5] [--seconds=4] [--dist=dist]
import { fork } from 'node:child_process';
import path from 'node:path';
import { flag, journeyOf, runOurs, scenarioOf } from './ours.mjs';

const pairs = Number(flag('pairs', 5));
const seconds = Number(flag('seconds', 4));
const STEPS = ['home', 'viewProduct', 'viewStock', 'addToCart', 'checkout', 'order'];
const SESSIONS = 128;

/** Processor microseconds per request of this process, in which the worker runs. */
async function cpuUsPerRequest(origin, history) {
  let from;
  let used;
  const report = await runOurs({
    origin,
    kind: 'null',
    history,
    maxSessions: SESSIONS,
    scenario: scenarioOf({
      journey: journeyOf(STEPS, { repeats: true }),
      perSec: 1,
      warmupPerSec: 20 * SESSIONS,
      seconds,
    }),
    onMeasured: (begins) => {
      if (begins) from = process.cpuUsage();
      else used = process.cpuUsage(from);
    },
  });
  return (used.user + used.system) / report.metrics.attempts({});
}

const server = fork(path.join(import.meta.dirname, 'engine-server.mjs'), [], { execArgv: [] });
const { port } = await new Promise((resolve) => server.once('message', resolve));
const origin = `http://127.0.0.1:${port}`;
const ratios = [];
for (let pair = 1; pair <= pairs; pair++) {
  // The order changes from pair to pair: whoever comes second finds a warmer machine.
  const order = pair % 2 === 0 ? ['off', 'writes'] : ['writes', 'off'];
  const cost = {};
  for (const history of order) cost[history] = await cpuUsPerRequest(origin, history);
  ratios.push(cost.writes / cost.off);
  console.log(
    `  ${pair}  with ${cost.writes.toFixed(2)} µs, without ${cost.off.toFixed(2)} µs per request: ` +
      `×${ratios.at(-1).toFixed(3)}`,
  );
}
ratios.sort((a, b) => a - b);
const median = ratios[Math.floor(pairs / 2)];
console.log(
  `processor time with ÷ without the history: ${median.toFixed(3)} ` +
    `(${ratios[0].toFixed(3)}–${ratios.at(-1).toFixed(3)}), median (lowest–highest); target ≤ 1.05`,
);
server.disconnect();
