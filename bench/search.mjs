// Whether the capacity search keeps its word on a target whose truth is known: M/M/1 with 2,000
// services a second, P99 ≤ 7.4 ms, windows of 10 s, under three kinds of disturbance between windows.
//
//   npm run bench:search                  200 trials each, about five minutes
//   npm run bench:search -- --trials=50 --windows=20 --seed=7
//
// over-claim: share of claims that fewer than 80 % of all windows pass · coverage: share of 90 %
// intervals that contain the rate which half of all windows pass.

import { sampleNormal } from '../dist/base/distributions.js';
import { Prng } from '../dist/base/prng.js';
import { CapacitySearch } from '../dist/capacity/search/capacity-search.js';
import { flag } from './flags.mjs';

const TRIALS = Number(flag('trials', '200'));
const WINDOWS = Number(flag('windows', '30'));
const SEED = Number(flag('seed', '20261'));
const SERVICES_PER_SEC = 2000;
const LIMIT_SEC = 0.0074;
const WINDOW_SEC = 10;
const SOAK_WINDOWS = 6;
/** Of the truth: distance of its rates, and windows at each. */
const STEP = 1.04;
const DRAWS = 2000;
/** Left out of the verdict while the queue fills. */
const WARM_SEC = 1;

/** Whether at most 1 % of the customers of an M/M/1 queue stay longer than the limit. */
function passes(prng, ratePerSec, speed, seconds = WINDOW_SEC) {
  const services = SERVICES_PER_SEC * speed;
  let now = 0;
  let wait = 0;
  let count = 0;
  let late = 0;
  // Surely more than one in a hundred: the rest of the window cannot change it.
  const lost = 0.01 * ratePerSec * seconds * 1.1 + 50;
  for (;;) {
    const gap = -Math.log(1 - prng.unit()) / ratePerSec;
    now += gap;
    if (now > seconds + WARM_SEC) return late <= count / 100;
    wait = Math.max(0, wait - gap);
    wait += -Math.log(1 - prng.unit()) / services;
    if (now < WARM_SEC) continue;
    count++;
    if (wait > LIMIT_SEC && ++late > lost) return false;
  }
}

/** Each gives the speed of the machine, window by window. */
const MACHINES = {
  '2 %, one window in ten 10 % slow': (prng) => () =>
    (1 + 0.02 * sampleNormal(prng)) * (prng.chance(0.1) ? 0.9 : 1),
  '5 %, one window in five 15 % slow': (prng) => () =>
    (1 + 0.05 * sampleNormal(prng)) * (prng.chance(0.2) ? 0.85 : 1),
  'drift: AR(1), 0.9, 4 %': (prng) => {
    let drift = 0.04 * sampleNormal(prng);
    return () => {
      const speed = 1 + drift;
      drift = 0.9 * drift + 0.04 * Math.sqrt(1 - 0.81) * sampleNormal(prng);
      return speed;
    };
  },
};

/** Share of windows that pass, by rate: the truth that claims are held against. */
function truthOf(machine) {
  const prng = new Prng(SEED, 'truth');
  const rates = Array.from({ length: 19 }, (_, i) => 900 * STEP ** i);
  const shares = rates.map((rate) => {
    let passed = 0;
    // A machine of its own for each window: drift is seen in all its states.
    for (let i = 0; i < DRAWS; i++) if (passes(prng, rate, machine(prng)())) passed++;
    return passed / DRAWS;
  });
  // More load passes no more windows; what is left of the simulation's noise is evened out.
  for (let i = shares.length - 2; i >= 0; i--) shares[i] = Math.max(shares[i], shares[i + 1]);
  const shareAt = (rate) => {
    const at = Math.log(rate / 900) / Math.log(STEP);
    if (at <= 0) return 1;
    if (at >= shares.length - 1) return 0;
    const low = Math.floor(at);
    return shares[low] + (at - low) * (shares[low + 1] - shares[low]);
  };
  const rateOf = (share) => {
    let low = 900;
    let high = 1800;
    for (let i = 0; i < 40; i++) {
      const middle = Math.sqrt(low * high);
      if (shareAt(middle) >= share) low = middle;
      else high = middle;
    }
    return low;
  };
  return { shareAt, q50: rateOf(0.5), q80: rateOf(0.8) };
}

function searched(prng, speedNow) {
  const start = 300 + 500 * prng.unit();
  const search = new CapacitySearch({
    startPerSec: start,
    highestPerSec: 1e6,
    targetWidth: 0,
    soakWindows: SOAK_WINDOWS,
  });
  for (let left = WINDOWS + SOAK_WINDOWS; ; ) {
    const step = search.next(left);
    if (step.kind === 'done') return search.findings();
    const { ratePerSec, windowKind } = step;
    const isSoak = windowKind === 'soak';
    left -= isSoak ? SOAK_WINDOWS : 1;
    const ok = passes(prng, ratePerSec, speedNow(), isSoak ? WINDOW_SEC * SOAK_WINDOWS : undefined);
    search.record({
      kind: windowKind,
      ratePerSec,
      verdict: ok ? 'pass' : 'fail',
      machineSpeed: 1,
      constraints: [{ name: 'p(99)<7.4ms', ok, observed: null }],
    });
  }
}

/** What everybody else does: halve the bracket until it is 2 % wide, claim its lower end. */
function bisected(prng, speedNow) {
  let low = 300 + 500 * prng.unit();
  let high = low;
  do high *= 1.5;
  while (passes(prng, high, speedNow()));
  while (high / low > 1.02) {
    const middle = Math.sqrt(low * high);
    if (passes(prng, middle, speedNow())) low = middle;
    else high = middle;
  }
  return low;
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const percent = (share) => `${(share * 100).toFixed(1)} %`;
/** Two standard errors of a share. */
const withError = (count) => {
  const share = count / TRIALS;
  const error = 2 * Math.sqrt(Math.max(share * (1 - share), 1 / TRIALS / 4) / TRIALS);
  return `${percent(share)} ± ${(error * 100).toFixed(1)}`;
};

console.log(`${TRIALS} trials each, ${WINDOWS} windows and a soak, seed ${SEED}`);
for (const [name, machine] of Object.entries(MACHINES)) {
  const truth = truthOf(machine);
  const widths = [];
  const claims = [];
  let over = 0;
  let covered = 0;
  let overBisected = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const prng = new Prng(SEED + trial, 'trial');
    const { intervalPerSec, q50PerSec, claimPerSec } = searched(
      prng,
      machine(prng.fork('machine')),
    );
    const [low, high] = intervalPerSec;
    if (truth.shareAt(claimPerSec) < 0.8) over++;
    if (low <= truth.q50 && truth.q50 <= high) covered++;
    widths.push((high - low) / q50PerSec);
    claims.push(claimPerSec / truth.q80);
    const other = new Prng(SEED + trial, 'bisection');
    if (truth.shareAt(bisected(other, machine(other.fork('machine')))) < 0.8) overBisected++;
  }
  console.log(`\n${name}: Q50 ${truth.q50.toFixed(0)}/s, Q80 ${truth.q80.toFixed(0)}/s`);
  console.log(`  over-claim          ${withError(over)}   (at most 5 %)`);
  console.log(`  coverage of Q50     ${withError(covered)}   (at least 85 %)`);
  console.log(`  median width        ${percent(median(widths))}   (at most 20 %)`);
  console.log(`  median claim / Q80  ${percent(median(claims))}`);
  console.log(`  bisection over-claims ${withError(overBisected)}`);
}
