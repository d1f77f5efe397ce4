// One client process of the comparison with other tools, pinned by whoever started it. Tells its
// parent when the measured part begins and ends, and what it did in between.
//   node peers-arm.mjs ours|journey|autocannon <url> --connections=64 --seconds=5
import autocannon from 'autocannon';
import { flag, journeyOf, runOurs, scenarioOf } from './ours.mjs';

const [arm, url] = process.argv.slice(2);
const connections = Number(flag('connections', 64));
const seconds = Number(flag('seconds', 5));
const { origin, pathname } = new URL(url);

let before = { user: 0, system: 0 };
let cpuUs = 0;
function onMeasured(begins) {
  if (begins) before = process.cpuUsage();
  else {
    const { user, system } = process.cpuUsage(before);
    cpuUs = user + system;
  }
  process.send({ begins });
}

/** Sessions that never end, one per connection: the closed loop that the others run, too. */
async function ours(operations) {
  const journey = journeyOf(operations, { repeats: true });
  const sessions = connections;
  const report = await runOurs({
    origin,
    kind: 'reference',
    connections,
    maxSessions: sessions,
    // Enough arrivals to have every session at work soon after the start.
    scenario: scenarioOf({ journey, warmupPerSec: 20 * sessions, perSec: 1, seconds }),
    onMeasured,
  });
  const counts = report.metrics.counts({});
  return {
    requests: report.metrics.attempts({}),
    bad: counts.failed + counts.unknown + counts.refused,
    decoded: true,
  };
}

async function theirs() {
  await autocannon({ url, connections, duration: 1 });
  onMeasured(true);
  const result = await autocannon({ url, connections, duration: seconds });
  onMeasured(false);
  return { requests: result.requests.total, bad: result.non2xx + result.errors };
}

/** Product page, cart, checkout, order, cancellation: token, cart, checkout and order id carried. */
const JOURNEY = ['viewProduct', 'addToCart', 'checkout', 'order', 'cancelOrder'];
const RUNS = {
  ours: () => ours([{ '/': 'home' }[pathname] ?? 'viewProduct']),
  journey: () => ours(JOURNEY),
  autocannon: theirs,
};
const result = await RUNS[arm]();
process.send({ ...result, seconds, cpuUs }, () => process.exit(0));
