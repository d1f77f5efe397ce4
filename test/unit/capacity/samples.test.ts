// Readings of the target and seconds of the generator are laid over each other without loss.
import { describe, expect, test } from 'vitest';
import { capacitySamples } from '../../../src/capacity/samples.ts';
import type { TimelineSample } from '../../../src/contract/load.ts';
import type { TargetObservation } from '../../../src/contract/target.ts';

const START_US = 9_000_000_000;

function second(index: number, started: number): TimelineSample {
  return {
    atMs: index * 1000,
    due: started,
    started,
    counts: { ok: started * 5, refused: started, failed: 0, unknown: 0 },
    p50Ms: 1,
    p99Ms: 2,
    lagP99Ms: 0.2,
    busyRatio: 0.1,
    inFlight: 0,
  };
}

function reading(atMs: number, cpuMs: number, pid = 10): TargetObservation {
  const shop = { name: 'shop', pid, cpuMs, rssBytes: 1, loopBusyMs: cpuMs / 2, storeBusyMs: 0 };
  return {
    atUs: START_US + atMs * 1000,
    hotAvailable: 1,
    hotHeld: 0,
    ordersConfirmed: Math.round(atMs / 100),
    queueLength: 0,
    processes: [shop],
  };
}

const timeline = Array.from({ length: 10 }, (_, index) => second(index, 100 + index * 10));
const base = { timeline, startUs: START_US, warmupMs: 0 };

describe('capacitySamples', () => {
  test('gives one sample per pair of readings, with what was used in between', () => {
    const observations = [reading(1000, 50), reading(2000, 250), reading(3000, 500)];
    const samples = capacitySamples({ ...base, observations });
    expect(samples).toHaveLength(2);
    expect(samples[0]).toMatchObject({ journeys: 110, requests: 660, orders: 10, elapsedMs: 1000 });
    expect(samples[1]?.processes).toEqual([
      { name: 'shop', cpuMs: 250, loopBusyMs: 125, storeBusyMs: 0 },
    ]);
  });

  test('takes seconds that lie partly in a pair in proportion', () => {
    const observations = [reading(1250, 0), reading(2250, 100)];
    const [sample] = capacitySamples({ ...base, observations });
    expect(sample?.journeys).toBeCloseTo(0.75 * 110 + 0.25 * 120, 9);
  });

  test('turns an interval that is not a second into one', () => {
    const observations = [reading(1000, 0), reading(3000, 400)];
    const [sample] = capacitySamples({ ...base, observations });
    expect(sample).toMatchObject({ journeys: 115, elapsedMs: 2000, orders: 10 });
  });

  test('leaves out the warm-up', () => {
    const observations = [0, 1000, 2000, 3000, 4000].map((atMs) => reading(atMs, atMs / 4));
    expect(capacitySamples({ ...base, observations, warmupMs: 2000 })).toHaveLength(2);
  });

  test('leaves out gaps, clocks that stand still and seconds nobody recorded', () => {
    const observations = [reading(1000, 0), reading(1000, 10), reading(9000, 90)];
    expect(capacitySamples({ ...base, observations })).toEqual([]);
    const late = [reading(20_000, 0), reading(21_000, 100)];
    expect(capacitySamples({ ...base, observations: late })).toEqual([]);
  });

  test('leaves out a process that was started in between', () => {
    const observations = [reading(1000, 500), reading(2000, 20, 11)];
    expect(capacitySamples({ ...base, observations })[0]?.processes).toEqual([]);
  });
});
