// The estimate recovers service demands that are known, and says so when it cannot.
import { describe, expect, test } from 'vitest';
import { Prng } from '../../../src/base/prng.ts';
import type { UtilisationSample } from '../../../src/capacity/resources.ts';
import { estimateCapacity } from '../../../src/capacity/utilisation-law.ts';

interface Demand {
  /** Journeys per second of each second. */
  readonly rates: readonly number[];
  readonly requestsPerJourney?: number;
  /** Milliseconds of the event loop, the store thread and of CPU per request. */
  readonly loopMs?: number;
  readonly storeMs?: number;
  readonly cpuMs?: number;
  /** Work without load, as a share of the event loop. */
  readonly idle?: number;
  /** Standard deviation of a multiplicative disturbance. */
  readonly noise?: number;
  readonly seed?: number;
}

function samplesOf(demand: Demand): UtilisationSample[] {
  const { requestsPerJourney = 8, loopMs = 0.1, storeMs = 0, cpuMs = loopMs } = demand;
  const prng = new Prng(demand.seed ?? 1, 'disturbance');
  return demand.rates.map((journeys) => {
    const requests = journeys * requestsPerJourney;
    // The sum of twelve uniform numbers has a standard deviation of 1.
    const normal = Array.from({ length: 12 }, () => prng.unit()).reduce((a, b) => a + b, -6);
    const factor = 1 + normal * (demand.noise ?? 0);
    const idleMs = (demand.idle ?? 0) * 1000;
    return {
      journeys,
      requests,
      orders: journeys / 10,
      elapsedMs: 1000,
      processes: [
        {
          name: 'shop',
          loopBusyMs: idleMs + requests * loopMs * factor,
          storeBusyMs: requests * storeMs * factor,
          cpuMs: idleMs + requests * cpuMs * factor,
        },
        { name: 'gateway', loopBusyMs: requests * 0.001, storeBusyMs: 0, cpuMs: requests * 0.001 },
      ],
    };
  });
}

const varied = Array.from({ length: 24 }, (_, i) => 50 + 200 * Math.abs(Math.sin(i / 4)));
const steady = new Array<number>(20).fill(250);
const estimate = (demand: Demand, cores = 4) =>
  estimateCapacity({ samples: samplesOf(demand), cores, seed: 7 });

describe('estimateCapacity', () => {
  test('finds the rate at which an event loop is full', () => {
    const capacity = estimate({ rates: varied, loopMs: 0.1 });
    // 1000 ms ÷ 0.1 ms = 10,000 requests/s = 1,250 journeys/s of 8 requests.
    expect(capacity.estimatePerSec).toBeCloseTo(1250, 0);
    expect(capacity.requestsPerSec).toBeCloseTo(10_000, -1);
    expect(capacity.ordersPerSec).toBeCloseTo(125, 0);
    expect(capacity.limitingResource).toBe('event loop of the shop process');
    expect(capacity).toMatchObject({ method: 'utilisation-law', claimPerSec: null, reason: '' });
  });

  test('takes work without load for what it is', () => {
    const capacity = estimate({ rates: varied, loopMs: 0.1, idle: 0.02 });
    expect(capacity.estimatePerSec).toBeCloseTo(0.98 * 1250, 0);
  });

  test('names the store thread when that fills first', () => {
    const capacity = estimate({ rates: varied, loopMs: 0.1, storeMs: 0.2 });
    expect(capacity.estimatePerSec).toBeCloseTo(625, 0);
    expect(capacity.limitingResource).toBe('store thread of the shop process');
  });

  test('names the cores when all threads together need more than there are', () => {
    const demand = { rates: varied, loopMs: 0.1, storeMs: 0.09, cpuMs: 0.25 };
    expect(estimate(demand, 2).limitingResource).toBe('2 cores of the machine');
    expect(estimate(demand, 4).limitingResource).toBe('event loop of the shop process');
  });

  test('uses the plain ratio, which errs low, when the rate hardly varied', () => {
    const capacity = estimate({ rates: steady, loopMs: 0.1, idle: 0.1 });
    // 0.1 idle + 0.2 of load at 250/s: the ratio takes all 0.3 for load.
    expect(capacity.estimatePerSec).toBeCloseTo(250 / 0.3, 0);
  });

  test('gives a 90% interval that holds the truth about that often', () => {
    let held = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const { interval } = estimateCapacity({
        samples: samplesOf({ rates: varied, loopMs: 0.1, noise: 0.08, seed }),
        cores: 4,
        seed,
      });
      if (interval !== null && interval[0] <= 1250 && 1250 <= interval[1]) held++;
    }
    expect(held).toBeGreaterThanOrEqual(28);
  });

  test('encloses its estimate and narrows with less disturbance', () => {
    const rough = estimate({ rates: varied, noise: 0.1 });
    const calm = estimate({ rates: varied, noise: 0.01 });
    const width = ({ interval }: typeof rough) => (interval?.[1] ?? 0) - (interval?.[0] ?? 0);
    expect(rough.interval?.[0]).toBeLessThanOrEqual(rough.estimatePerSec ?? 0);
    expect(rough.interval?.[1]).toBeGreaterThanOrEqual(rough.estimatePerSec ?? 0);
    expect(width(calm)).toBeLessThan(width(rough));
  });

  test('is reproduced by its seed', () => {
    const demand = { rates: varied, noise: 0.1 };
    expect(estimate(demand)).toEqual(estimate(demand));
  });

  test('refuses to guess from too few seconds', () => {
    const capacity = estimate({ rates: varied.slice(0, 7) });
    expect(capacity).toMatchObject({ method: 'none', estimatePerSec: null, interval: null });
    expect(capacity.reason).toMatch(/for 7 s; at least 8 s/);
  });

  test('refuses to guess from too little load', () => {
    const capacity = estimate({ rates: varied.map((rate) => rate / 20) });
    expect(capacity.estimatePerSec).toBeNull();
    expect(capacity.reason).toMatch(/Too little load: no resource .* more than 1% busy/);
  });

  test('refuses to guess without any reading', () => {
    const { method, reason } = estimateCapacity({ samples: [], cores: 1, seed: 1 });
    expect(method).toBe('none');
    expect(reason).toMatch(/for 0 s/);
  });

  test('does not divide by journeys that never started', () => {
    const samples = samplesOf({ rates: varied }).map((sample) => ({ ...sample, journeys: 0 }));
    expect(estimateCapacity({ samples, cores: 4, seed: 1 }).estimatePerSec).toBeNull();
  });
});
