// Trying again and clicking twice, by the real load loop on virtual time: exact to the microsecond.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/contract/call.ts';
import type { HistoryWriter } from '../../src/contract/history.ts';
import type { Outcome, Reason } from '../../src/contract/outcome.ts';
import type { RetryPolicy } from '../../src/contract/retry.ts';
import type { DoubleClick, Population, Scenario } from '../../src/contract/scenario.ts';
import type { LoadLoop } from '../../src/engine/load-loop.ts';
import { backoffUs, NO_RETRY } from '../../src/engine/retries.ts';
import { type ScriptedAnswer, ScriptedClient, type SentCall } from '../support/scripted-client.ts';
import { phase, smallScenario } from '../support/small-scenario.ts';
import { runVirtualLoad, START_US, type VirtualLoadOptions } from '../support/virtual-load.ts';

const POLICY: RetryPolicy = {
  attempts: 3,
  timeoutMs: 0,
  backoff: { kind: 'exponential', baseMs: 50, maxMs: 80, jitter: 'none' },
  outcomes: ['failed', 'unknown'],
  key: 'same',
  budget: null,
};

function scenarioWith(changes: Partial<Population>, more: Partial<Scenario> = {}): Scenario {
  const own = { kind: 'own' } as const;
  return smallScenario({
    phases: [phase('steady', 3000, 40)],
    populations: [{ name: 'shopper', journey: 'buy', hotShare: 0.5, accounts: own, ...changes }],
    ...more,
  });
}

function works(call: Call): ScriptedAnswer {
  const afterMs = 1 + 20 * call.variate;
  if (call.operation === 'checkout') return { afterMs, fields: { gotCheckoutId: 'c-1' } };
  if (call.operation === 'order') {
    return { afterMs, fields: { gotOrderId: 'o-1', gotOrderStatus: 'confirmed', gotUnits: 1 } };
  }
  return { afterMs };
}

/** Fails by the session's own chance, so that it is the same whoever sends it. */
function flaky(share: number, outcome: Outcome, reason: Reason = 'none') {
  return (call: Call): ScriptedAnswer => {
    const chance = (call.variate * 977 + call.attempt * 0.37) % 1;
    return chance < share ? { afterMs: 7, outcome, reason } : works(call);
  };
}

async function run(
  scenario: Scenario,
  script: (call: Call) => ScriptedAnswer,
  more: Partial<VirtualLoadOptions> = {},
) {
  const clients: ScriptedClient[] = [];
  const load = await runVirtualLoad({
    scenario,
    client: (clock) => {
      const client = new ScriptedClient(clock, script);
      clients.push(client);
      return client;
    },
    ...more,
  });
  const sent = clients.flatMap((client) => client.sent);
  return { ...load, sent, metrics: load.report.metrics };
}

const stopWith =
  (drainMs: number) =>
  (loops: readonly LoadLoop[]): void => {
    for (const loop of loops) loop.stop(drainMs);
  };

const sum = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((a, b) => a + b, 0);

/** The attempts of each operation, in order. No journey here comes to a step twice. */
function byOperation(sent: readonly SentCall[]): SentCall[][] {
  const groups = new Map<string, SentCall[]>();
  for (const call of sent) {
    const name = `${call.ordinal} ${call.operation}`;
    groups.set(name, [...(groups.get(name) ?? []), call]);
  }
  return [...groups.values()];
}

describe('a retry', () => {
  test('is intended one back-off after the end of the attempt before it', async () => {
    const scenario = scenarioWith({ retry: { ...POLICY, attempts: 4 } });
    const { sent } = await run(scenario, flaky(0.9, 'failed'));
    const pausesMs = [50, 80, 80];
    let seen = 0;
    for (const attempts of byOperation(sent)) {
      attempts.forEach((attempt, i) => {
        expect(attempt.attempt).toBe(i + 1);
        const before = attempts[i - 1];
        if (before === undefined) return;
        seen = Math.max(seen, i);
        const pauseUs = attempt.intendedAtUs - before.doneAtUs;
        expect(pauseUs).toBeCloseTo((pausesMs[i - 1] ?? Number.NaN) * 1000, 3);
      });
    }
    expect(seen).toBe(3);
  });

  test.each([
    ['full', 0, 1],
    ['equal', 0.5, 1],
  ] as const)('with %s jitter falls anywhere between its bounds', async (jitter, low, high) => {
    const backoff = { kind: 'constant', baseMs: 100, maxMs: 500, jitter } as const;
    const { sent } = await run(
      scenarioWith({ retry: { ...POLICY, backoff } }),
      flaky(0.5, 'failed'),
    );
    const shares: number[] = [];
    for (const attempts of byOperation(sent)) {
      for (const [i, { intendedAtUs }] of attempts.entries()) {
        const before = attempts[i - 1];
        if (before !== undefined) shares.push((intendedAtUs - before.doneAtUs) / 100_000);
      }
    }
    expect(shares.length).toBeGreaterThan(100);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(low - 1e-6);
    expect(Math.max(...shares)).toBeLessThan(high + 1e-6);
    expect(Math.min(...shares)).toBeLessThan(low + 0.05);
    expect(Math.max(...shares)).toBeGreaterThan(high - 0.05);
  });

  test('asks exactly the same again, with its own time-out', async () => {
    const browsing = {
      name: 'browse',
      start: 'look',
      maxSteps: 3,
      steps: {
        look: { operation: 'viewProduct', item: 'browsed', quantity: 1, next: [] },
      },
    } as const;
    const scenario = scenarioWith(
      { journey: 'browse', retry: { ...POLICY, timeoutMs: 1234 } },
      { journeys: [browsing] },
    );
    const { sent } = await run(scenario, () => ({ afterMs: 3, outcome: 'failed' }));
    const asked = ({ ordinal, item, variate, timeoutMs }: SentCall) =>
      [ordinal, item, variate, timeoutMs].join(' ');
    const groups = byOperation(sent).map((attempts) => attempts.map(asked));
    expect(new Set(groups.flat()).size).toBeGreaterThan(50);
    for (const group of groups) expect(new Set(group).size).toBe(1);
    expect(sent.every(({ timeoutMs }) => timeoutMs === 1234)).toBe(true);
  });

  test('of an order keeps its key, or has a new one every time', async () => {
    const keysOf = async (key: RetryPolicy['key']) => {
      const scenario = scenarioWith({ retry: { ...POLICY, key } });
      const { sent } = await run(scenario, flaky(0.6, 'unknown', 'timeout'));
      return byOperation(sent.filter(({ operation }) => operation === 'order'))
        .filter(({ length }) => length === 3)
        .map((attempts) => attempts.map((attempt) => attempt.key));
    };
    const same = await keysOf('same');
    const fresh = await keysOf('new');
    expect(Math.min(same.length, fresh.length)).toBeGreaterThan(5);
    for (const keys of same) expect(new Set(keys).size).toBe(1);
    expect(new Set(fresh.flat()).size).toBe(fresh.flat().length);
  });

  test('happens only for the outcomes and reasons that the policy names', async () => {
    const retry = { ...POLICY, outcomes: ['refused'], reasons: ['shed'] } as const;
    const answers: [Outcome, Reason, number][] = [
      ['refused', 'shed', 3],
      ['refused', 'sold_out', 1],
      ['failed', 'none', 1],
      ['ok', 'none', 1],
    ];
    for (const [outcome, reason, attempts] of answers) {
      const phases = [phase('steady', 2000, 40), phase('rest', 1000, 0)];
      const scenario = scenarioWith({ journey: 'look', retry }, { phases });
      const { sent } = await run(scenario, () => ({ afterMs: 2, outcome, reason }));
      expect(sent.length).toBeGreaterThan(50);
      for (const group of byOperation(sent))
        expect([reason, group.length]).toEqual([reason, attempts]);
    }
  });

  test('is not sent once the load is over, and its operation ends as it was', async () => {
    const slowly = { kind: 'constant', baseMs: 900, maxMs: 900, jitter: 'none' } as const;
    const scenario = scenarioWith({ journey: 'look', retry: { ...POLICY, backoff: slowly } });
    const { sent, report, metrics } = await run(scenario, () => ({
      afterMs: 5,
      outcome: 'failed',
    }));
    expect(Math.max(...sent.map(({ intendedAtUs }) => intendedAtUs))).toBeLessThan(
      START_US + 3_000_000,
    );
    expect(report.retries?.cutShort).toBeGreaterThan(10);
    expect(report.retries?.givenUp).toBeGreaterThan(10);
    expect(metrics.counts({}).failed).toBe(report.journeysStarted);
    expect(report.cutOff).toBe(0);
  });
});

describe('what the journey and the report see', () => {
  test('is the operation’s last answer, from its first intended instant', async () => {
    const twice = (call: Call): ScriptedAnswer =>
      call.attempt < 3 ? { afterMs: 100, outcome: 'unknown', reason: 'timeout' } : { afterMs: 10 };
    const backoff = { kind: 'constant', baseMs: 40, maxMs: 40, jitter: 'none' } as const;
    const scenario = scenarioWith(
      { journey: 'look', retry: { ...POLICY, backoff } },
      { phases: [phase('steady', 4000, 40), phase('rest', 1000, 0)] },
    );
    const { sent, report, metrics } = await run(scenario, twice);
    const operations = report.journeysStarted;
    expect(sent).toHaveLength(3 * operations);
    expect(metrics.counts({})).toEqual({ ok: operations, refused: 0, failed: 0, unknown: 0 });
    expect(metrics.attempts({})).toBe(3 * operations);
    expect(metrics.attempts({ outcome: 'unknown' })).toBe(2 * operations);
    // 100 + 40 + 100 + 40 + 10
    const ok = { outcome: 'ok' } as const;
    expect(metrics.latency(ok, 'response').mean).toBeCloseTo(290, 0);
    expect(metrics.latency(ok, 'service').mean).toBeCloseTo(10, 1);
    expect(metrics.latency(ok, 'attempt').mean).toBeCloseTo(10, 1);
    expect(metrics.latency({ outcome: 'unknown' }, 'attempt').mean).toBeCloseTo(100, 0);
    expect(metrics.latency({ outcome: 'unknown' }, 'response').count).toBe(0);
    expect(report.retries).toEqual({
      retries: 2 * operations,
      helped: operations,
      givenUp: 0,
      deniedByBudget: 0,
      cutShort: 0,
      doubleClicks: 0,
    });
    expect(report.journeysCompleted).toBe(operations);
    expect(report.timeline.reduce((all, { counts }) => all + sum({ ...counts }), 0)).toBe(
      operations,
    );
    expect(report.histogramLog).toContain('Tag=home.unknown@shopper#steady:attempt,');
    expect(report.health.verdict).toBe('valid');
  });

  test('where nobody tries again attempts are operations, and there is nothing to tell', async () => {
    const { metrics, report, sent } = await run(scenarioWith({}), flaky(0.3, 'failed'));
    expect(metrics.attempts({})).toBe(sent.length);
    expect(metrics.attempts({})).toBe(sum({ ...metrics.counts({}) }));
    expect(metrics.latency({}, 'attempt')).toEqual({
      ...metrics.latency({}, 'response'),
      p99Interval: null,
    });
    expect(report.retries).toBeNull();
    expect(report.histogramLog).not.toContain(':attempt');
  });

  test('every attempt goes to the history with its number', async () => {
    const kept: string[] = [];
    const writer: HistoryWriter = {
      append: (call) => kept.push(`${call.key} ${call.operation} ${call.attempt} ${call.outcome}`),
      flush: async () => {},
      close: async () => ({ records: kept.length, lost: 0 }),
    };
    const scenario = scenarioWith({
      retry: POLICY,
      doubleClick: { share: 0.5, gapMs: 5, key: 'new' },
    });
    const { sent } = await run(scenario, flaky(0.4, 'unknown', 'timeout'), { writer });
    const expected = sent
      .filter(({ operation }) => operation !== 'home')
      .map((call) => `${call.key} ${call.operation} ${call.attempt} ${call.outcome}`);
    expect(kept.some((line) => line.includes('order 3'))).toBe(true);
    expect(kept.sort()).toEqual(expected.sort());
  });
});

describe('the end of the load', () => {
  test('an operation whose retry gets no answer is cut off at the age of the whole operation', async () => {
    const then = (call: Call): ScriptedAnswer =>
      call.attempt === 1
        ? { afterMs: 500, outcome: 'failed' }
        : { afterMs: Number.POSITIVE_INFINITY };
    const scenario = scenarioWith(
      { journey: 'look', retry: POLICY },
      { phases: [phase('early', 1000, 40), phase('rest', 2000, 0)] },
    );
    const { report, metrics } = await run(scenario, then, { drainMs: 1000 });
    const started = report.journeysStarted;
    expect(report.cutOff).toBe(started);
    expect(metrics.counts({})).toEqual({ ok: 0, refused: 0, failed: 0, unknown: started });
    expect(metrics.attempts({})).toBe(2 * started);
    expect(metrics.latency({}, 'response').max).toBeGreaterThan(3800);
    expect(metrics.latency({}, 'response').mean).toBeGreaterThan(2900);
    expect(metrics.latency({ outcome: 'unknown' }, 'attempt').max).toBeLessThan(3500);
  });

  test('stopping ends operations that wait for their retry, and none is forgotten', async () => {
    const slowly = { kind: 'constant', baseMs: 5000, maxMs: 5000, jitter: 'none' } as const;
    const scenario = scenarioWith(
      { journey: 'look', retry: { ...POLICY, backoff: slowly } },
      { phases: [phase('steady', 20_000, 40)] },
    );
    const { sent, report, metrics } = await run(
      scenario,
      () => ({ afterMs: 20, outcome: 'failed' }),
      {
        interventions: [{ atMs: 2000, act: stopWith(1000) }],
      },
    );
    expect(sent.every(({ attempt }) => attempt === 1)).toBe(true);
    expect(metrics.counts({}).failed).toBe(report.journeysStarted);
    expect(metrics.latency({ outcome: 'failed' }, 'response').max).toBeCloseTo(20, 0);
    expect(report.retries?.cutShort).toBe(report.journeysStarted);
  });
});

describe('the budget', () => {
  test('never lets more through than its burst and its share of first attempts', async () => {
    const budgets = fc.record({
      seed: fc.nat(1e6),
      shards: fc.constantFrom(1, 2, 3),
      ratio: fc.constantFrom(0, 0.1, 0.35, 1),
      burst: fc.constantFrom(0, 1, 2.5, 10),
      share: fc.constantFrom(0.2, 0.9, 1),
      attempts: fc.integer({ min: 2, max: 6 }),
    });
    let denied = 0;
    let retried = 0;
    await fc.assert(
      fc.asyncProperty(budgets, async ({ seed, shards, ratio, burst, share, attempts }) => {
        const retry = { ...POLICY, attempts, budget: { ratio, burst } };
        const scenario = scenarioWith(
          { journey: 'look', retry },
          { seed, phases: [phase('steady', 1500, 30)] },
        );
        const { sent, report } = await run(scenario, flaky(share, 'failed'), { shards });
        const firsts = sent.filter(({ attempt }) => attempt === 1).length;
        const retries = sent.length - firsts;
        expect(retries).toBeLessThanOrEqual(burst + ratio * firsts + 1e-9);
        expect(report.retries?.retries).toBe(retries);
        denied += report.retries?.deniedByBudget ?? 0;
        retried += retries;
      }),
      { numRuns: 30, seed: 7 },
    );
    expect(Math.min(denied, retried)).toBeGreaterThan(100);
  });

  test('denies nothing that it can pay for', async () => {
    const retry = { ...POLICY, attempts: 2, budget: { ratio: 1, burst: 5 } };
    const { report } = await run(scenarioWith({ journey: 'look', retry }), flaky(0.5, 'failed'));
    expect(report.retries?.retries).toBeGreaterThan(20);
    expect(report.retries?.deniedByBudget).toBe(0);
  });
});

describe('the pause before a retry', () => {
  test('is finite and within its bounds for any policy and any number of retries', () => {
    const length = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 1e7, noNaN: true }));
    const backoffs = fc.record({
      kind: fc.constantFrom('constant', 'exponential'),
      baseMs: length,
      maxMs: length,
      jitter: fc.constantFrom('none', 'full', 'equal'),
    } as const);
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(backoffs, fc.integer({ min: 1, max: 65_535 }), unit, (backoff, retry, u) => {
        const pauseMs = backoffUs(backoff, retry, u) / 1000;
        const most = Math.min(backoff.maxMs, backoff.baseMs * 2 ** 60);
        expect(pauseMs).toBeGreaterThanOrEqual(0);
        expect(pauseMs).toBeLessThanOrEqual(most * (1 + 1e-12));
        if (backoff.kind === 'exponential' && backoff.jitter === 'none') {
          expect(backoffUs(backoff, retry + 1, u)).toBeGreaterThanOrEqual(pauseMs * 1000);
        }
      }),
    );
  });
});

describe('nothing is lost or counted twice', () => {
  const runs = fc.record({
    seed: fc.nat(1e6),
    share: fc.constantFrom(0, 0.3, 0.7),
    outcome: fc.constantFrom<Outcome>('failed', 'unknown', 'refused'),
    attempts: fc.integer({ min: 1, max: 4 }),
    jitter: fc.constantFrom('none', 'full', 'equal'),
    key: fc.constantFrom('same', 'new'),
    clicks: fc.constantFrom(0, 0.4),
    clickKey: fc.constantFrom('same', 'new'),
    probes: fc.constantFrom(0, 0.2),
    stopMs: fc.constantFrom(700, 5000),
  } as const);

  test('over seeds, policies and numbers of workers', async () => {
    let retried = 0;
    let clicked = 0;
    await fc.assert(
      fc.asyncProperty(runs, async (drawn) => {
        const { seed, share, outcome, attempts, jitter, key, clicks, clickKey, probes } = drawn;
        const doubleClick: DoubleClick = { share: clicks, gapMs: 30, key: clickKey };
        const backoff = { kind: 'exponential', baseMs: 30, maxMs: 300, jitter } as const;
        const retry = { ...POLICY, attempts, backoff, outcomes: [outcome], key };
        const scenario = scenarioWith(
          { retry, doubleClick },
          {
            seed,
            phases: [phase('warmup', 400, 30, false), phase('steady', 1200, 30)],
            probes: { duplicate: probes, replay: probes, changed: probes },
          },
        );
        const loads = await Promise.all(
          [1, 2, 4].map((shards) =>
            run(scenario, flaky(share, outcome), {
              shards,
              interventions: [
                {
                  atMs: drawn.stopMs,
                  act: stopWith(500),
                },
              ],
            }),
          ),
        );
        const told = loads.map(({ sent, metrics, report }) => {
          const operations = sum({ ...metrics.counts({}) });
          const { retries = 0, doubleClicks = 0 } = report.retries ?? {};
          expect(metrics.attempts({})).toBe(operations + retries + doubleClicks);
          const again = metrics.attempts({ outcome });
          const { givenUp = 0, cutShort = 0, deniedByBudget = 0 } = report.retries ?? {};
          expect(deniedByBudget).toBe(0);
          if (doubleClicks === 0 && attempts > 1 && outcome !== 'unknown') {
            expect(again).toBe(retries + givenUp + cutShort);
          }
          retried += retries;
          clicked += doubleClicks;
          // Warm-up is in the timeline, second clicks and probes are not.
          const inTimeline = report.timeline.reduce((n, { counts }) => n + sum({ ...counts }), 0);
          const begun = sent.filter(
            (call) => call.attempt === 1 && !/^order./.test(call.operation) && !isClick(call),
          );
          expect(inTimeline).toBe(begun.length);
          return { operations, attempts: metrics.attempts({}), units: report.unitsByPopulation };
        });
        // Draws are the session's own: which worker carries it changes nothing.
        if (drawn.stopMs > 2000) {
          expect(told[1]).toEqual(told[0]);
          expect(told[2]).toEqual(told[0]);
        }
      }),
      { numRuns: 25, seed: 11 },
    );
    expect(Math.min(retried, clicked)).toBeGreaterThan(100);
  });

  test('the reasons for which nothing is tried again differ from each other and from instants', () => {
    const codes = Object.values(NO_RETRY);
    expect(new Set(codes).size).toBe(codes.length);
    expect(Math.max(...codes)).toBeLessThan(0);
  });
});

/** Engine fields are copied with the call. */
function isClick(call: SentCall): boolean {
  return (call as SentCall & { secondClick?: boolean }).secondClick === true;
}

test('what bots won is counted apart, whatever their populations are called', async () => {
  const own = { kind: 'own' } as const;
  const someone = { journey: 'buy', hotShare: 1, accounts: own };
  const crowd = (bot: boolean): Scenario =>
    smallScenario({
      phases: [{ ...phase('steady', 3000, 40), mix: { shopper: 2, scalper: 1, sniper: 1 } }],
      populations: [
        { name: 'shopper', ...someone },
        { name: 'scalper', ...someone, bot },
        { name: 'sniper', ...someone, bot },
      ],
    });
  const { report } = await run(crowd(true), works);
  const { shopper = 0, scalper = 0, sniper = 0 } = report.unitsByPopulation;
  expect(Math.min(shopper, scalper, sniper)).toBeGreaterThan(5);
  expect(report.unitsWonByBots).toBe(scalper + sniper);
  expect((await run(crowd(false), works)).report.unitsWonByBots).toBeNull();
});

describe('a double click', () => {
  const clicking = (doubleClick: DoubleClick, more: Partial<Population> = {}): Scenario =>
    scenarioWith({ doubleClick, ...more });

  test('comes its gap after the first, whether that is answered or not, with the same key', async () => {
    for (const gapMs of [0, 8, 400]) {
      const { sent, report, metrics } = await run(
        clicking({ share: 1, gapMs, key: 'same' }),
        works,
      );
      const first = sent.filter((call) => call.operation === 'order' && !isClick(call));
      const second = sent.filter(isClick);
      expect(first.length).toBeGreaterThan(50);
      const facts = ({ key, checkoutId, customer, item, quantity }: Call) =>
        [key, checkoutId, customer, item, quantity].join(' ');
      expect(second.map(facts).sort()).toEqual(
        first
          .filter(({ dispatchedAtUs }) => dispatchedAtUs + gapMs * 1000 < START_US + 3_000_000)
          .map(facts)
          .sort(),
      );
      for (const click of second) {
        const before = first.find(({ ordinal }) => ordinal === click.ordinal);
        const gapUs = click.intendedAtUs - (before?.dispatchedAtUs ?? 0);
        expect(gapUs).toBeCloseTo(gapMs * 1000, 3);
      }
      expect(metrics.counts({ operation: 'order' }).ok).toBe(first.length);
      expect(metrics.attempts({ operation: 'order' })).toBe(first.length + second.length);
      expect(report.retries?.doubleClicks).toBe(second.length);
      expect(report.cutOff).toBe(0);
    }
  });

  test('may have a key of its own', async () => {
    const { sent } = await run(clicking({ share: 1, gapMs: 3, key: 'new' }), works);
    const keys = sent.filter(({ operation }) => operation === 'order').map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const click of sent.filter(isClick)) expect(keys).toContain(click.key.slice(0, -1));
  });

  test('comes as often as asked, and never again for a retry', async () => {
    const { sent } = await run(
      clicking({ share: 0.3, gapMs: 3, key: 'same' }, { retry: POLICY }),
      flaky(0.5, 'unknown', 'timeout'),
    );
    const keys = sent.filter(isClick).map(({ key }) => key);
    const orders = new Set(
      sent.filter(({ operation }) => operation === 'order').map(({ key }) => key),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length / orders.size).toBeGreaterThan(0.15);
    expect(keys.length / orders.size).toBeLessThan(0.5);
  });

  test('steers nothing: everybody else does exactly the same', async () => {
    const calls = (all: readonly SentCall[]): string[] =>
      all
        .filter((call) => !isClick(call))
        .map(({ ordinal, operation, key, variate, item }) =>
          [ordinal, operation, key, variate, item].join(' '),
        )
        .sort();
    const refusesClicks = (call: Call): ScriptedAnswer =>
      isClick(call as SentCall) ? { afterMs: 1, outcome: 'refused', reason: 'shed' } : works(call);
    const without = await run(scenarioWith({}), works);
    const withClicks = await run(clicking({ share: 1, gapMs: 1, key: 'same' }), refusesClicks);
    expect(withClicks.sent.length).toBeGreaterThan(without.sent.length);
    expect(calls(withClicks.sent)).toEqual(calls(without.sent));
    expect(withClicks.report.unitsByPopulation).toEqual(without.report.unitsByPopulation);
  });

  test('without an answer is cut off, and no operation with it', async () => {
    const silent = (call: Call): ScriptedAnswer =>
      isClick(call as SentCall) ? { afterMs: Number.POSITIVE_INFINITY } : works(call);
    const { report, metrics, sent } = await run(
      clicking({ share: 1, gapMs: 1, key: 'same' }),
      silent,
    );
    expect(sent.filter(isClick).length).toBeGreaterThan(50);
    expect(report.cutOff).toBe(0);
    expect(metrics.counts({}).unknown).toBe(0);
    expect(metrics.attempts({ outcome: 'unknown' })).toBe(sent.filter(isClick).length);
  });
});
