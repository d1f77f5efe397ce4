// From recorded operations to answers: counting, merging, lost workers, timeline, histogram log.
import { decodeFromCompressedBase64, HistogramLogReader } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import type { Call, ClientStats } from '../../../src/contract/call.ts';
import { OPERATION_CODE } from '../../../src/contract/operation.ts';
import type { RetryPolicy } from '../../../src/contract/retry.ts';
import { sendCounters } from '../../../src/engine/cells.ts';
import type { Flight } from '../../../src/engine/flight.ts';
import { FlightDeck } from '../../../src/engine/flight.ts';
import { writeHistogramLog } from '../../../src/engine/histogram-log.ts';
import { Measurements } from '../../../src/engine/measurements.ts';
import { MeasuredMetrics } from '../../../src/engine/metric-source.ts';
import { type LoadDelta, Recorder } from '../../../src/engine/recorder.ts';
import { phase, smallScenario } from '../../support/small-scenario.ts';

const SCENARIO = smallScenario({
  phases: [phase('warmup', 2000, 10, false), phase('drop', 4000, 10), phase('tail', 4000, 10)],
  populations: [
    { name: 'shopper', journey: 'buy', hotShare: 0.5, accounts: { kind: 'own' } },
    { name: 'bot', journey: 'buy', hotShare: 1, accounts: { kind: 'pool', size: 5 } },
  ],
});
const START_US = 5_000_000;
const NO_CONNECTIONS: ClientStats = {
  connectionsOpen: 2,
  connectionsMax: 4,
  connectionsOpened: 3,
  connectTimeMsTotal: 6,
  waits: 1,
};

interface Sample extends Partial<Call> {
  readonly atMs: number;
  readonly responseMs: number;
  readonly serviceMs?: number;
  readonly population?: number;
}

function flightOf(deck: FlightDeck, sample: Sample): Flight {
  const { atMs, responseMs, serviceMs = responseMs, population = 0, ...call } = sample;
  const intendedAtUs = START_US + atMs * 1000;
  const flight = deck.take();
  Object.assign(flight, { operation: 'order', outcome: 'ok', reason: 'none' }, call);
  flight.population = population;
  flight.phase = atMs < 2000 ? 0 : atMs < 6000 ? 1 : 2;
  flight.operationPhase = flight.phase;
  flight.plannedUs = atMs * 1000;
  flight.firstPlannedUs = atMs * 1000;
  flight.intendedAtUs = intendedAtUs;
  flight.dispatchedAtUs = intendedAtUs + 50;
  flight.doneAtUs = intendedAtUs + responseMs * 1000;
  flight.sentAtUs = flight.doneAtUs - serviceMs * 1000;
  return flight;
}

function record(samples: readonly Sample[], unfinished: readonly Sample[] = []) {
  const dispatched = new Float64Array(sendCounters(SCENARIO.populations.length));
  const recorder = new Recorder(SCENARIO, dispatched);
  const deck = new FlightDeck();
  for (const sample of [...samples, ...unfinished]) {
    const flight = flightOf(deck, sample);
    recorder.dispatched(flight);
    if (!samples.includes(sample)) continue;
    recorder.settled(flight);
    recorder.ended(flight, START_US);
  }
  const delta: LoadDelta = recorder.take(
    { fromUs: 0, untilUs: 10_000_000, busyRatio: 0.4 },
    NO_CONNECTIONS,
  );
  return { delta, dispatched };
}

function measure(...groups: (readonly Sample[])[]) {
  const measurements = new Measurements(SCENARIO);
  groups.forEach((samples, worker) => {
    measurements.merge(worker, record(samples).delta);
  });
  return { measurements, metrics: new MeasuredMetrics(SCENARIO, measurements, 8000) };
}

const times = (count: number, sample: Sample): Sample[] =>
  Array.from({ length: count }, () => sample);

describe('counts and latency', () => {
  const { metrics } = measure([
    ...times(100, { atMs: 500, responseMs: 900 }),
    ...times(60, { atMs: 3000, responseMs: 10, serviceMs: 4 }),
    ...times(40, { atMs: 7000, responseMs: 30, serviceMs: 4, population: 1 }),
    ...times(20, { atMs: 3000, responseMs: 1, outcome: 'refused', reason: 'sold_out' }),
    ...times(30, { atMs: 3000, responseMs: 2, operation: 'home' }),
    ...times(50, { atMs: 3000, responseMs: 70, operation: 'orderReplay' }),
  ]);

  test('warm-up is left out', () => {
    expect(metrics.counts({}).ok).toBe(130);
    expect(metrics.counts({ phase: 'warmup' }).ok).toBe(0);
    expect(metrics.latency({}, 'response').max).toBeLessThan(31);
  });

  test('selectors narrow by operation, outcome, population and phase', () => {
    expect(metrics.counts({ operation: 'order' })).toMatchObject({ ok: 100, refused: 20 });
    expect(metrics.counts({ operation: 'order', outcome: 'refused' })).toMatchObject({
      ok: 0,
      refused: 20,
    });
    expect(metrics.counts({ population: 'bot' }).ok).toBe(40);
    expect(metrics.counts({ phase: 'tail' }).ok).toBe(40);
    expect(metrics.counts({ phase: 'tail', population: 'shopper' }).ok).toBe(0);
    expect(metrics.attempts({ operation: 'order' })).toBe(120);
  });

  test('names that do not exist select nothing', () => {
    const none = { ok: 0, refused: 0, failed: 0, unknown: 0 };
    expect(metrics.counts({ operation: 'teleport' })).toEqual(none);
    expect(metrics.counts({ population: 'nobody' })).toEqual(none);
    expect(metrics.counts({ phase: 'never' })).toEqual(none);
    expect(metrics.latency({ operation: 'teleport' }, 'response').count).toBe(0);
  });

  test('probes have rows of their own and are never part of the totals', () => {
    expect(metrics.counts({ operation: 'orderReplay' }).ok).toBe(50);
    expect(metrics.latency({ outcome: 'ok' }, 'response').count).toBe(130);
    expect(metrics.operations).toContain('orderReplay');
  });

  test('response and service time are told apart', () => {
    const order = { operation: 'order', outcome: 'ok' } as const;
    expect(metrics.latency(order, 'response').p90).toBeCloseTo(30, 1);
    expect(metrics.latency(order, 'service').p90).toBeCloseTo(4, 1);
    expect(metrics.latency(order, 'response').mean).toBeCloseTo(18, 1);
  });

  test('a quantile is stated only with ten samples beyond it', () => {
    const order = { operation: 'order', outcome: 'ok' } as const;
    expect(metrics.quantile(order, 0.9)?.count).toBe(100);
    expect(metrics.quantile(order, 0.91)).toBeUndefined();
    expect(metrics.latency(order, 'response').p95).toBeNaN();
    expect(metrics.latency(order, 'response').p90).not.toBeNaN();
  });

  test('names for selectors: measured phases only', () => {
    expect(metrics.phases).toEqual(['drop', 'tail']);
    expect(metrics.populations).toEqual(['shopper', 'bot']);
    expect(metrics.measuredMs).toBe(8000);
  });
});

test('merging workers is exact addition', () => {
  const samples = Array.from({ length: 400 }, (_, i) => ({
    atMs: 2000 + i * 19,
    responseMs: 1 + ((i * 37) % 211),
    population: i % 2,
  }));
  const whole = measure(samples).metrics;
  const parts = measure(
    samples.filter((_, i) => i % 3 === 0),
    samples.filter((_, i) => i % 3 === 1),
    samples.filter((_, i) => i % 3 === 2),
  ).metrics;
  for (const selector of [{}, { population: 'bot' }, { phase: 'tail' }] as const) {
    expect(parts.counts(selector)).toEqual(whole.counts(selector));
    expect(parts.latency(selector, 'response')).toEqual(whole.latency(selector, 'response'));
  }
});

describe('operations without an answer', () => {
  test('cut-off ones lift quantiles to "at least" exactly where they could move them', () => {
    const { metrics } = measure([
      ...times(1000, { atMs: 3000, responseMs: 10 }),
      ...times(5, { atMs: 3000, responseMs: 500, outcome: 'unknown', reason: 'cut_off' }),
    ]);
    const ok = { outcome: 'ok' } as const;
    // 5 of 1005 lie above: the P90 of all would be the same, and so would the P99.
    expect(metrics.quantile(ok, 0.9)?.atLeast).toBe(false);
    expect(metrics.quantile(ok, 0.99)?.atLeast).toBe(false);
    const many = measure([
      ...times(1000, { atMs: 3000, responseMs: 10 }),
      ...times(20, { atMs: 3000, responseMs: 500, outcome: 'unknown', reason: 'cut_off' }),
    ]).metrics;
    expect(many.quantile(ok, 0.9)?.atLeast).toBe(false);
    expect(many.quantile(ok, 0.99)?.atLeast).toBe(true);
    expect(many.quantile({}, 0.99)).toMatchObject({ atLeast: true });
    expect(many.quantile({ operation: 'home' }, 0.99)).toBeUndefined();
  });

  test('what a dead worker had in flight counts as unknown', () => {
    const measurements = new Measurements(SCENARIO);
    const { delta, dispatched } = record(times(30, { atMs: 3000, responseMs: 5 }), [
      ...times(3, { atMs: 3500, responseMs: 5 }),
      ...times(2, { atMs: 3500, responseMs: 5, operation: 'home', population: 1 }),
    ]);
    measurements.merge(0, delta);
    expect(measurements.addLost(0, dispatched, 1)).toBe(5);
    const metrics = new MeasuredMetrics(SCENARIO, measurements, 8000);
    expect(metrics.counts({})).toEqual({ ok: 30, refused: 0, failed: 0, unknown: 5 });
    expect(metrics.counts({ operation: 'order' }).unknown).toBe(3);
    expect(metrics.counts({ population: 'bot', phase: 'drop' }).unknown).toBe(2);
    expect(metrics.counts({ phase: 'tail' }).unknown).toBe(0);
    expect(metrics.latency({ outcome: 'ok' }, 'response').p50).toBeCloseTo(5, 1);
  });

  test('an operation that waited for its retry when its worker died is lost, its attempt is not', () => {
    const own = { kind: 'own' } as const;
    const retry: RetryPolicy = {
      attempts: 2,
      timeoutMs: 0,
      backoff: { kind: 'constant', baseMs: 1, maxMs: 1, jitter: 'none' },
      outcomes: ['failed'],
      key: 'same',
      budget: null,
    };
    const scenario = smallScenario({
      phases: [phase('steady', 4000, 10)],
      populations: [{ name: 'shopper', journey: 'buy', hotShare: 0, accounts: own, retry }],
    });
    const dispatched = new Float64Array(sendCounters(1));
    const recorder = new Recorder(scenario, dispatched);
    const deck = new FlightDeck();
    const send = (outcome: Call['outcome']): Flight => {
      const flight = flightOf(deck, { atMs: 100, responseMs: 5, outcome });
      flight.phase = 0;
      flight.operationPhase = 0;
      recorder.dispatched(flight);
      return flight;
    };
    for (const flight of [send('ok'), send('failed')]) {
      recorder.settled(flight);
      if (flight.outcome === 'ok') recorder.ended(flight, START_US);
    }
    const last = { fromUs: 0, untilUs: 1_000_000, busyRatio: 0 };
    const delta = recorder.take(last, NO_CONNECTIONS);
    send('ok');
    const measurements = new Measurements(scenario);
    measurements.merge(0, delta);
    expect(measurements.addLost(0, dispatched, 0)).toBe(2);
    const metrics = new MeasuredMetrics(scenario, measurements, 4000);
    expect(metrics.counts({})).toEqual({ ok: 1, refused: 0, failed: 0, unknown: 2 });
    expect(metrics.attempts({})).toBe(3);
    expect(measurements.lost.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(1);
  });

  test('a worker that died before its first report has lost all it sent', () => {
    const measurements = new Measurements(SCENARIO);
    const dispatched = new Float64Array(sendCounters(2));
    const operations = dispatched.length / 2;
    dispatched[OPERATION_CODE.checkout * 2] = 9;
    dispatched[operations + OPERATION_CODE.checkout * 2] = 7;
    expect(measurements.addLost(0, dispatched, 1)).toBe(7);
    const metrics = new MeasuredMetrics(SCENARIO, measurements, 8000);
    expect(metrics.counts({}).unknown).toBe(7);
    expect(metrics.attempts({})).toBe(9);
  });
});

describe('the timeline', () => {
  test('latency belongs to the intended second, throughput to the dispatch', () => {
    const { measurements } = measure([
      ...times(10, { atMs: 2500, responseMs: 40 }),
      ...times(10, { atMs: 3500, responseMs: 80, outcome: 'refused', reason: 'sold_out' }),
      ...times(4, { atMs: 3500, responseMs: 80, operation: 'orderDuplicate' }),
    ]);
    const timeline = measurements.timeline.samples();
    expect(timeline).toHaveLength(10);
    expect(timeline[2]?.counts).toEqual({ ok: 10, refused: 0, failed: 0, unknown: 0 });
    expect(timeline[3]?.counts).toEqual({ ok: 0, refused: 10, failed: 0, unknown: 0 });
    expect(timeline[2]?.p50Ms).toBeCloseTo(40, 0);
    expect(timeline[3]?.p50Ms).toBeNaN();
    expect(timeline[2]?.lagP99Ms).toBeCloseTo(0.05, 3);
    expect(timeline[2]?.busyRatio).toBe(0.4);
  });

  test('old seconds keep their figures when their histograms are gone', () => {
    const measurements = new Measurements(SCENARIO);
    measurements.merge(0, record(times(10, { atMs: 2500, responseMs: 40 })).delta);
    const late = record([]).delta;
    measurements.merge(0, { ...late, fromUs: 400_000_000, untilUs: 401_000_000 });
    const timeline = measurements.timeline.samples();
    expect(timeline).toHaveLength(401);
    expect(timeline[2]?.p50Ms).toBeCloseTo(40, 0);
  });
});

test('latencies beyond the range of the histogram are clamped and counted', () => {
  const { measurements } = measure([{ atMs: 3000, responseMs: 5_000_000 }]);
  expect(measurements.total('clamped')).toBe(2);
});

test('client statistics add up over workers', () => {
  const { measurements } = measure([], []);
  expect(measurements.client()).toEqual({
    connectionsOpen: 4,
    connectionsMax: 8,
    connectionsOpened: 6,
    connectTimeMsTotal: 12,
    waits: 2,
  });
});

test('the histogram log is read by HdrHistogram’s own tools', () => {
  const { metrics } = measure([
    ...times(100, { atMs: 3000, responseMs: 12, serviceMs: 3 }),
    ...times(50, { atMs: 7000, responseMs: 250, population: 1 }),
  ]);
  const log = writeHistogramLog({ scenario: SCENARIO, metrics, startWallMs: 1_700_000_000_000 });
  const reader = new HistogramLogReader(log);
  const read = new Map<string, { count: number; p50: number }>();
  for (let next = reader.nextIntervalHistogram(); next; next = reader.nextIntervalHistogram()) {
    read.set(next.tag, { count: next.totalCount, p50: next.getValueAtPercentile(50) });
  }
  expect([...read.keys()].sort()).toEqual([
    'order.ok@bot#tail',
    'order.ok@bot#tail:service',
    'order.ok@shopper#drop',
    'order.ok@shopper#drop:service',
  ]);
  expect(read.get('order.ok@shopper#drop')?.count).toBe(100);
  expect(read.get('order.ok@shopper#drop')?.p50).toBeGreaterThanOrEqual(12_000);
  expect(read.get('order.ok@shopper#drop')?.p50).toBeLessThan(12_010);
  const line = log.split('\n').find((text) => text.startsWith('Tag=order.ok@bot#tail,'));
  const [, startSec, lengthSec, maxMs, encoded] = line?.split(',') ?? [];
  expect(Number(startSec)).toBe(6);
  expect(Number(lengthSec)).toBe(4);
  expect(Number(maxMs)).toBeCloseTo(250, 0);
  expect(decodeFromCompressedBase64(encoded ?? '').totalCount).toBe(50);
});
