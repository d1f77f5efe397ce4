// The load loop on virtual time: every property here holds to the microsecond and for any seed.
import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/contract/call.ts';
import type { HistoryWriter } from '../../src/contract/history.ts';
import type { Scenario } from '../../src/contract/scenario.ts';
import type { LoadLoop } from '../../src/engine/load-loop.ts';
import { createPlan } from '../../src/engine/plan.ts';
import { type ScriptedAnswer, ScriptedClient, type SentCall } from '../support/scripted-client.ts';
import { phase, smallScenario, step } from '../support/small-scenario.ts';
import { runVirtualLoad, START_US, type VirtualLoadOptions } from '../support/virtual-load.ts';

const SEEDS = Array.from({ length: 25 }, (_, index) => index * 7919 + 1);

/** Everything confirms; latency differs from call to call, but only by the session's own chance. */
function shop(call: Call): ScriptedAnswer {
  const afterMs = 1 + 30 * call.variate;
  if (call.operation === 'checkout') return { afterMs, fields: { gotCheckoutId: 'c-1' } };
  if (call.operation === 'order' || call.operation.startsWith('order')) {
    return { afterMs, fields: { gotOrderId: 'o-1', gotOrderStatus: 'confirmed', gotUnits: 1 } };
  }
  return { afterMs };
}

async function run(
  scenario: Scenario,
  script: (call: Call, nowMs: number) => ScriptedAnswer = shop,
  more: Partial<VirtualLoadOptions> = {},
) {
  const clients: ScriptedClient[] = [];
  const load = await runVirtualLoad({
    scenario,
    client: (clock) => {
      const client = new ScriptedClient(clock, (call) =>
        script(call, (clock.nowUs() - START_US) / 1000),
      );
      clients.push(client);
      return client;
    },
    ...more,
  });
  const sent = clients.flatMap((client) => client.sent);
  return { ...load, sent, released: clients.flatMap((client) => client.released) };
}

const stopWith =
  (drainMs: number) =>
  (loops: readonly LoadLoop[]): void => {
    for (const loop of loops) loop.stop(drainMs);
  };

/** Told apart by journey, operation and key; probes of one order differ in their operation. */
function signature(call: SentCall): string {
  const { ordinal, operation, customer, item, key, variate } = call;
  return [ordinal, operation, customer, item, key, variate].join('|');
}

describe('the client', () => {
  test('is told of every session that ends, once, and never while it asks something', async () => {
    const scenario = smallScenario({ phases: [phase('steady', 2000, 50)] });
    const { sent, released, report } = await run(scenario);
    expect(report.journeysStarted).toBeGreaterThan(50);
    expect(released.length).toBe(report.journeysStarted);
    const used = new Set(sent.filter(({ slot }) => slot >= 0).map(({ slot }) => slot));
    expect(new Set(released)).toEqual(used);
  });
});

describe('any number of workers', () => {
  test.each(SEEDS.slice(0, 5))('does exactly what one does (seed %i)', async (seed) => {
    const probes = { duplicate: 0.1, replay: 0.1, changed: 0.1 };
    const scenario = smallScenario({ seed, probes });
    const [one, two, four] = await Promise.all(
      [1, 2, 4].map(async (shards) => {
        const { sent, report } = await run(scenario, shop, { shards });
        const sorted = sent.sort((a, b) => (signature(a) < signature(b) ? -1 : 1));
        const intended = sorted.map(({ intendedAtUs }) => intendedAtUs);
        return { calls: sorted.map(signature), intended, report };
      }),
    );
    expect(two?.calls).toEqual(one?.calls);
    expect(four?.calls).toEqual(one?.calls);
    // What else is due in the same microsecond may shift a wake-up by one.
    const shifts = four?.intended.map((us, index) => Math.abs(us - (one?.intended[index] ?? 0)));
    expect(Math.max(...(shifts ?? [Number.NaN]))).toBeLessThan(20);
    expect(four?.report.metrics.counts({})).toEqual(one?.report.metrics.counts({}));
    const latencies = [one, four].map((load) => load?.report.metrics.latency({}, 'response'));
    expect(latencies[1]?.p90).toBeCloseTo(latencies[0]?.p90 ?? 0, 1);
    expect(four?.report.unitsByPopulation).toEqual(one?.report.unitsByPopulation);
  });

  test('starts every journey of the plan exactly once, at its instant', async () => {
    for (const seed of SEEDS) {
      const scenario = smallScenario({ seed, phases: [phase('steady', 2000, 50)] });
      const { sent, report } = await run(scenario, shop, { shards: 3 });
      const starts = sent
        .filter(({ operation }) => operation === 'home')
        .sort((a, b) => a.ordinal - b.ordinal);
      const plan = createPlan(scenario);
      for (const start of starts) {
        expect(plan.next()).toBe(true);
        expect(start.ordinal).toBe(plan.ordinal);
        expect(start.intendedAtUs - START_US).toBe(plan.intendedUs);
        expect(start.customer).toBe(plan.customer);
        expect(start.item).toBe(plan.item);
      }
      expect(plan.next()).toBe(false);
      expect(report.journeysDue).toBe(starts.length);
      expect(report.journeysStarted).toBe(starts.length);
    }
  });
});

describe('intended times', () => {
  test('schedule lag is never negative', async () => {
    for (const seed of SEEDS) {
      const { sent } = await run(smallScenario({ seed }));
      for (const call of sent) {
        expect(call.dispatchedAtUs).toBeGreaterThanOrEqual(call.intendedAtUs);
      }
    }
  });

  test('a later step is intended one think time after the answer to the one before', async () => {
    const { sent } = await run(smallScenario());
    const orders = sent.filter(({ operation }) => operation === 'order');
    expect(orders.length).toBeGreaterThan(100);
    for (const order of orders) {
      const before = sent.find(
        ({ operation, ordinal }) => operation === 'checkout' && ordinal === order.ordinal,
      );
      expect(order.intendedAtUs).toBeCloseTo((before?.doneAtUs ?? 0) + 20_000, 3);
    }
  });

  test('a freeze of one second shows in the response time, not in the schedule lag', async () => {
    const frozen = (_call: Call, nowMs: number): ScriptedAnswer => ({
      afterMs: nowMs >= 2000 && nowMs < 3000 ? 3000 - nowMs + 1 : 1,
    });
    const scenario = smallScenario({
      phases: [phase('steady', 5000, 400)],
      populations: [{ name: 'shopper', journey: 'look', hotShare: 0, accounts: { kind: 'own' } }],
    });
    const { report } = await run(scenario, frozen);
    const { metrics, health } = report;
    // A fifth of the arrivals fall into the freeze and wait uniformly up to a second.
    expect(metrics.quantile({ outcome: 'ok' }, 0.9)?.valueMs).toBeGreaterThan(400);
    expect(metrics.quantile({ outcome: 'ok' }, 0.99)?.valueMs).toBeGreaterThan(900);
    expect(health.lagMs.max).toBeLessThan(0.1);
    expect(health.verdict).toBe('valid');
  });
});

describe('the end of the load', () => {
  test('operations that are never answered are cut off at their age, as unknown', async () => {
    const silent = (call: Call): ScriptedAnswer =>
      call.operation === 'order' ? { afterMs: Number.POSITIVE_INFINITY } : shop(call);
    const { report, sent, endedMs } = await run(smallScenario(), silent, { drainMs: 3000 });
    const orders = sent.filter(({ operation }) => operation === 'order').length;
    expect(orders).toBeGreaterThan(100);
    expect(report.cutOff).toBe(orders);
    expect(report.metrics.counts({ operation: 'order' })).toEqual({
      ok: 0,
      refused: 0,
      failed: 0,
      unknown: orders,
    });
    const latency = report.metrics.latency({ operation: 'order', outcome: 'unknown' }, 'response');
    expect(latency.max).toBeGreaterThan(7500);
    expect(latency.max).toBeLessThan(8010);
    expect(latency.p99AtLeast).toBe(true);
    expect(endedMs).toBeGreaterThanOrEqual(8000);
    expect(endedMs).toBeLessThanOrEqual(8200);
  });

  test('quantiles that a cut-off operation could not move are stated as they are', async () => {
    const silent = (call: Call): ScriptedAnswer =>
      call.operation === 'viewStock' ? { afterMs: Number.POSITIVE_INFINITY } : { afterMs: 5 };
    const { report } = await run(smallScenario(), silent);
    const home = report.metrics.quantile({ operation: 'home', outcome: 'ok' }, 0.9);
    expect(home?.atLeast).toBe(false);
    expect(report.metrics.quantile({ outcome: 'ok' }, 0.9)?.atLeast).toBe(true);
  });

  test('it ends as soon as everything is answered, without using up the drain', async () => {
    const { endedMs, report } = await run(smallScenario(), shop, { drainMs: 60_000 });
    expect(endedMs).toBeLessThanOrEqual(5300);
    expect(report.cutOff).toBe(0);
  });

  test('stopping ends arrivals at once and lets what is in flight end', async () => {
    const { sent, report, endedMs } = await run(smallScenario(), shop, {
      interventions: [{ atMs: 2000, act: stopWith(1000) }],
    });
    expect(Math.max(...sent.map(({ intendedAtUs }) => intendedAtUs))).toBeLessThanOrEqual(
      START_US + 2_000_000,
    );
    expect(sent.every(({ doneAtUs }) => doneAtUs > 0)).toBe(true);
    expect(report.cutOff).toBe(0);
    expect(report.journeysStarted).toBe(report.journeysDue);
    expect(endedMs).toBeLessThanOrEqual(2300);
  });

  test('stopping without a drain cuts off what is in flight', async () => {
    const slow = (): ScriptedAnswer => ({ afterMs: 10_000 });
    const { report, sent } = await run(smallScenario(), slow, {
      interventions: [{ atMs: 2000, act: stopWith(0) }],
    });
    expect(report.cutOff).toBe(sent.length);
    expect(report.metrics.counts({}).unknown).toBe(sent.length);
  });
});

describe('limits', () => {
  test('journeys beyond the cap on live sessions are dropped and counted', async () => {
    const slow = (): ScriptedAnswer => ({ afterMs: 100_000 });
    const { report, sent } = await run(smallScenario(), slow, { maxSessions: 10, drainMs: 0 });
    expect(sent.length).toBe(10);
    expect(report.journeysStarted).toBe(10);
    expect(report.journeysDropped).toBe(report.journeysDue - 10);
    expect(report.health.verdict).toBe('invalid');
    expect(report.health.reasons.join()).toMatch(/journeys due were not started/);
  });

  test('a journey that would go round for ever ends after its longest length', async () => {
    const loop = { name: 'loop', start: 'a', maxSteps: 7, steps: { a: step('home', 'a', 1) } };
    const scenario = smallScenario({
      phases: [phase('steady', 500, 20)],
      journeys: [loop],
      populations: [{ name: 'shopper', journey: 'loop', hotShare: 0, accounts: { kind: 'own' } }],
    });
    const { sent, report } = await run({
      ...scenario,
      phases: [phase('s', 500, 20), phase('t', 2000, 0)],
    });
    expect(report.journeysStarted).toBeGreaterThan(0);
    expect(sent.length).toBe(7 * report.journeysStarted);
    expect(report.journeysCompleted).toBe(report.journeysStarted);
  });
});

describe('keys and contract probes', () => {
  test('every checkout gets a key of its own; an order repeated for one checkout keeps it', async () => {
    const journey = {
      name: 'buy',
      start: 'checkout',
      maxSteps: 6,
      steps: {
        checkout: step('checkout', 'order'),
        order: {
          ...step('order', 'checkout'),
          next: [
            { outcomes: ['unknown'], to: 'order', think: { kind: 'constant', ms: 1 } },
            { outcomes: ['ok'], to: 'checkout', think: { kind: 'constant', ms: 1 } },
          ],
        } as const,
      },
    };
    let orders = 0;
    const flaky = (call: Call): ScriptedAnswer => {
      if (call.operation !== 'order') return shop(call);
      return orders++ % 2 === 0
        ? { afterMs: 1, outcome: 'unknown', reason: 'timeout' }
        : shop(call);
    };
    const scenario = smallScenario({
      journeys: [journey],
      phases: [phase('steady', 100, 10), phase('rest', 5000, 0)],
    });
    const { sent } = await run({ ...scenario, seed: 3 }, flaky);
    const first = sent.filter(({ ordinal }) => ordinal === 0);
    expect(first.map(({ operation }) => operation)).toEqual([
      'checkout',
      'order',
      'order',
      'checkout',
      'order',
      'order',
    ]);
    const keys = first.filter(({ operation }) => operation === 'order').map(({ key }) => key);
    expect(keys).toEqual(['test-0-1', 'test-0-1', 'test-0-2', 'test-0-2']);
  });

  test('duplicates go out with their order, with the same key and payload', async () => {
    const probes = { duplicate: 1, replay: 0, changed: 0 };
    const { sent, report } = await run(smallScenario({ probes }));
    const orders = sent.filter(({ operation }) => operation === 'order');
    const duplicates = sent.filter(({ operation }) => operation === 'orderDuplicate');
    expect(orders.length).toBeGreaterThan(100);
    expect(
      duplicates.map(({ key, checkoutId, customer, intendedAtUs }) => ({
        key,
        checkoutId,
        customer,
        intendedAtUs,
      })),
    ).toEqual(
      orders.map(({ key, checkoutId, customer, intendedAtUs }) => ({
        key,
        checkoutId,
        customer,
        intendedAtUs,
      })),
    );
    const { metrics } = report;
    expect(metrics.counts({ operation: 'orderDuplicate' }).ok).toBe(orders.length);
    const totals = metrics.counts({});
    expect(totals.ok).toBe(sent.length - duplicates.length);
  });

  test.each(['replay', 'changed'] as const)('%s follows only a terminal answer', async (kind) => {
    const probes = { duplicate: 0, replay: 0, changed: 0, [kind]: 1 };
    const reasons = ['payment_declined', 'shed', 'checkout_expired'] as const;
    let orders = 0;
    const mixed = (call: Call): ScriptedAnswer => {
      if (call.operation !== 'order') return shop(call);
      const turn = orders++ % 6;
      if (turn === 0) return shop(call);
      if (turn === 1) return { afterMs: 1, outcome: 'ok', reason: 'accepted' };
      if (turn === 2) return { afterMs: 1, outcome: 'unknown', reason: 'timeout' };
      return { afterMs: 1, outcome: 'refused', reason: reasons[turn - 3] ?? 'shed' };
    };
    const { sent } = await run(smallScenario({ probes }), mixed);
    const operation = kind === 'replay' ? 'orderReplay' : 'orderChanged';
    const probed = new Set(
      sent.filter((call) => call.operation === operation).map(({ key }) => key),
    );
    const terminal = sent.filter(
      (call) =>
        call.operation === 'order' &&
        ((call.outcome === 'ok' && call.reason === 'none') ||
          call.reason === 'payment_declined' ||
          call.reason === 'checkout_expired'),
    );
    expect(terminal.length).toBeGreaterThan(50);
    expect([...probed].sort()).toEqual(terminal.map(({ key }) => key).sort());
  });

  test('probes do not steer the journey', async () => {
    const probes = { duplicate: 0.4, replay: 0.3, changed: 0.3 };
    const shoppers = (calls: readonly SentCall[]): string[] =>
      calls
        .filter(({ operation }) => !/^order./.test(operation))
        .map(signature)
        .sort();
    const without = await run(smallScenario());
    const withProbes = await run(smallScenario({ probes }));
    expect(withProbes.sent.length).toBeGreaterThan(without.sent.length);
    expect(shoppers(withProbes.sent)).toEqual(shoppers(without.sent));
  });
});

describe('records', () => {
  test('exactly the recorded operations go to the history, warm-up and probes included', async () => {
    const kept: string[] = [];
    const writer: HistoryWriter = {
      append: (call, journey) => kept.push(`${journey}:${call.operation}:${call.outcome}`),
      flush: async () => {},
      close: async () => ({ records: kept.length, lost: 0 }),
    };
    const phases = [phase('warmup', 1000, 50, false), phase('steady', 1000, 50)];
    const probes = { duplicate: 0.5, replay: 0, changed: 0 };
    const { sent } = await run(smallScenario({ phases, probes }), shop, { writer });
    const recorded = new Set(['viewStock', 'checkout', 'order', 'orderDuplicate']);
    const expected = sent
      .filter(({ operation }) => recorded.has(operation))
      .map((call) => `${call.ordinal}:${call.operation}:${call.outcome}`);
    expect(kept.sort()).toEqual(expected.sort());
  });

  test('warm-up is left out of latency and counts, but not out of the timeline', async () => {
    const phases = [phase('warmup', 2000, 50, false), phase('steady', 3000, 50)];
    const { sent, report } = await run(smallScenario({ phases }));
    const { metrics, timeline } = report;
    const measured = sent.filter(({ intendedAtUs }) => intendedAtUs >= START_US + 2_000_000);
    expect(metrics.counts({}).ok).toBe(measured.length);
    expect(metrics.latency({}, 'response').count).toBe(measured.length);
    expect(report.warmupMs).toBe(2000);
    expect(report.measuredMs).toBe(3000);
    expect(metrics.phases).toEqual(['steady']);
    const inTimeline = timeline.reduce((sum, { counts }) => sum + counts.ok, 0);
    expect(inTimeline).toBe(sent.length);
    const due = timeline.reduce((sum, second) => sum + second.due, 0);
    expect(due).toBe(report.journeysDue);
    expect(report.offeredPerSec).toBe(Math.max(...timeline.map((second) => second.due)));
  });

  test('confirmed hot units are counted once per order, by population', async () => {
    const { sent, report } = await run(smallScenario());
    const hot = sent.filter(({ operation, item }) => operation === 'order' && item === 0);
    expect(hot.length).toBeGreaterThan(50);
    expect(report.unitsByPopulation).toEqual({ shopper: hot.length });
  });
});
