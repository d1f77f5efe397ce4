// Virtual users on virtual time: who begins what and when, whatever the target and the workers do.
import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/contract/call.ts';
import type { Phase, Scenario } from '../../src/contract/scenario.ts';
import type { LoadLoop } from '../../src/engine/load-loop.ts';
import { createPlan } from '../../src/engine/plan.ts';
import { summarisePlan } from '../../src/engine/plan-summary.ts';
import { type ScriptedAnswer, ScriptedClient, type SentCall } from '../support/scripted-client.ts';
import { phase, smallScenario } from '../support/small-scenario.ts';
import { runVirtualLoad, START_US, type VirtualLoadOptions } from '../support/virtual-load.ts';

const PAUSE_MS = 100;
const SEEDS = [1, 7920, 15_839, 23_758, 31_677];

function closed(changes: Partial<Scenario> = {}): Scenario {
  return smallScenario({
    model: { kind: 'closed', pauseBetween: { kind: 'constant', ms: PAUSE_MS } },
    phases: [phase('steady', 4000, 20)],
    populations: [{ name: 'shopper', journey: 'look', hotShare: 0.5, accounts: { kind: 'own' } }],
    ...changes,
  });
}

function ramp(name: string, durationMs: number, from: number, to: number): Phase {
  const shape = { kind: 'ramp', fromPerSec: from, toPerSec: to } as const;
  return { ...phase(name, durationMs, 0), shape };
}

async function run(
  scenario: Scenario,
  script: (call: Call, nowMs: number) => ScriptedAnswer = () => ({ afterMs: 50 }),
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
  return { ...load, sent: sent.sort((a, b) => a.intendedAtUs - b.intendedAtUs) };
}

function stopAll(loops: readonly LoadLoop[]): void {
  for (const loop of loops) loop.stop(500);
}

const atMs = (call: SentCall): number => (call.intendedAtUs - START_US) / 1000;

/** Journeys of each user in order; users are customers where everybody has an account. */
function byUser(sent: readonly SentCall[]): Map<number, SentCall[]> {
  const users = new Map<number, SentCall[]>();
  for (const call of sent) users.set(call.customer, [...(users.get(call.customer) ?? []), call]);
  return users;
}

describe('virtual users', () => {
  test('begin the next journey one pause after the end of the last', async () => {
    const { sent, report } = await run(closed());
    const users = byUser(sent);
    expect([...users.keys()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, v) => v),
    );
    for (const journeys of users.values()) {
      for (const [index, journey] of journeys.entries()) {
        const before = journeys[index - 1];
        expect(journey.intendedAtUs).toBeCloseTo(
          before === undefined ? START_US : before.doneAtUs + PAUSE_MS * 1000,
          -1,
        );
      }
    }
    expect(report.model).toBe('closed');
    expect(report.virtualUsers).toBe(20);
    expect(report.journeysDue).toBe(sent.length);
    expect(report.journeysStarted).toBe(sent.length);
    expect(report.health.verdict).toBe('valid');
  });

  test('number their journeys by iteration and user, each number once', async () => {
    const { sent } = await run(closed());
    expect(new Set(sent.map(({ ordinal }) => ordinal)).size).toBe(sent.length);
    for (const [user, journeys] of byUser(sent)) {
      expect(journeys.map(({ ordinal }) => ordinal)).toEqual(
        journeys.map((_, iteration) => iteration * 20 + user),
      );
    }
  });

  test('of a target three times as slow get through a third of the journeys', async () => {
    const fast = await run(closed(), () => ({ afterMs: 20 }));
    const slow = await run(closed(), () => ({ afterMs: 260 }));
    expect(fast.report.journeysStarted / slow.report.journeysStarted).toBeCloseTo(3, 0);
    // Nobody waits on the generator: response time is what the target took.
    expect(slow.report.metrics.quantile({ outcome: 'ok' }, 0.5)?.valueMs).toBeCloseTo(260, 0);
  });

  test('hide a freeze that an open model would show', async () => {
    const frozen = (_: Call, nowMs: number): ScriptedAnswer => ({
      afterMs: nowMs >= 2000 && nowMs < 3000 ? 3001 - nowMs : 1,
    });
    const { report } = await run(closed(), frozen);
    const open = await run(
      smallScenario({
        phases: [phase('steady', 4000, 200)],
        populations: closed().populations,
      }),
      frozen,
    );
    const p90 = (of: typeof open): number =>
      of.report.metrics.quantile({ outcome: 'ok' }, 0.9)?.valueMs ?? Number.NaN;
    expect(report.metrics.quantile({ outcome: 'ok' }, 0.9)?.valueMs).toBeLessThan(50);
    expect(p90(open)).toBeGreaterThan(300);
  });

  test('come as the curve rises and go as it falls, the highest number first', async () => {
    const phases = [ramp('up', 2000, 0, 20), ramp('down', 2000, 20, 0), ramp('again', 2000, 0, 20)];
    const { sent } = await run(closed({ phases }));
    for (const [user, journeys] of byUser(sent)) {
      const starts = journeys.map(atMs);
      expect(starts[0]).toBeCloseTo(user * 100, 1);
      const leavesMs = 4000 - user * 100;
      const returnsMs = 4000 + user * 100;
      // Returning users begin where the curve passes them, not one pause after anything.
      const away = starts.filter((ms) => ms > leavesMs && ms < returnsMs - 0.01);
      expect(away, `user ${user}`).toEqual([]);
      if (user > 0) expect(starts.some((ms) => Math.abs(ms - returnsMs) < 0.1)).toBe(true);
    }
  });

  test('finish the journey they are in when the curve falls below them', async () => {
    const phases = [ramp('on', 1000, 10, 10), ramp('off', 3000, 0, 0)];
    const scenario = closed({
      phases,
      populations: [{ name: 'shopper', journey: 'buy', hotShare: 0, accounts: { kind: 'own' } }],
    });
    const { sent, report } = await run(scenario);
    const lateSteps = sent.filter((call) => atMs(call) > 1000);
    expect(lateSteps.length).toBeGreaterThan(0);
    expect(lateSteps.some(({ operation }) => operation === 'home')).toBe(false);
    expect(report.journeysCompleted).toBe(report.journeysStarted);
  });

  test.each(SEEDS)('do the same whatever the number of workers (seed %i)', async (seed) => {
    const scenario = closed({
      seed,
      model: { kind: 'closed', pauseBetween: { kind: 'exponential', meanMs: 80 } },
      phases: [ramp('up', 1500, 0, 23), ramp('down', 1500, 23, 5)].map((part) => ({
        ...part,
        mix: { shopper: 2, bot: 1 },
      })),
      populations: [
        { name: 'shopper', journey: 'buy', hotShare: 0.4, accounts: { kind: 'own' } },
        { name: 'bot', journey: 'look', hotShare: 1, accounts: { kind: 'pool', size: 4 } },
      ],
      probes: { duplicate: 0.1, replay: 0.1, changed: 0.1 },
    });
    const answers = (call: Call): ScriptedAnswer => ({
      afterMs: 1 + 30 * call.variate,
      ...(call.operation === 'checkout' && { fields: { gotCheckoutId: 'c-1' } }),
      ...(call.operation.startsWith('order') && {
        fields: { gotOrderId: 'o', gotOrderStatus: 'confirmed', gotUnits: 1 },
      }),
    });
    const played = await Promise.all(
      [1, 2, 4].map(async (shards) => {
        const { sent } = await run(scenario, answers, { shards });
        const calls = new Map<string, number>();
        for (const call of sent) {
          const { ordinal, operation, customer, item, key, variate } = call;
          calls.set([ordinal, operation, customer, item, key, variate].join('|'), atMs(call));
        }
        return calls;
      }),
    );
    const [one, ...others] = played;
    expect(one?.size).toBeGreaterThan(300);
    for (const other of others) {
      // Wake-ups of virtual time may shift an answer by a microsecond, and so what lies on the edge.
      const missing = [...(one ?? [])].filter(([call]) => !other.has(call));
      expect(missing.filter(([, ms]) => ms < 2990)).toEqual([]);
      const shifts = [...other].map(([call, ms]) => Math.abs(ms - (one?.get(call) ?? ms)));
      expect(Math.max(...shifts)).toBeLessThan(0.2);
    }
  });

  test('stop at once when they are told to', async () => {
    const { sent, endedMs } = await run(closed(), undefined, {
      interventions: [{ atMs: 1000, act: stopAll }],
    });
    expect(Math.max(...sent.map(atMs))).toBeLessThanOrEqual(1000);
    expect(endedMs).toBeLessThan(1600);
  });
});

describe('the plan of a closed scenario', () => {
  const phases = [ramp('up', 1000, 0, 30), ramp('down', 1000, 30, 10)];

  test('is every user and its first journey, in order of their starts', () => {
    const plan = createPlan(closed({ phases }));
    expect(plan.sizes).toEqual({ journeys: 30, ownCustomers: 30, customers: 30 });
    let lastUs = -1;
    let users = 0;
    for (; plan.next(); users++) {
      expect(plan.ordinal).toBe(users);
      expect(plan.customer).toBe(users);
      expect(plan.intendedUs).toBeGreaterThan(lastUs);
      lastUs = plan.intendedUs;
    }
    expect(users).toBe(30);
  });

  test('has a digest that pins users, pauses and seed', () => {
    const digest = (changes: Partial<Scenario> = {}): string =>
      summarisePlan(closed({ phases, ...changes })).digest;
    const pauseBetween = { kind: 'constant', ms: PAUSE_MS + 1 } as const;
    const digests = [
      digest(),
      digest({ seed: 43 }),
      digest({ model: { kind: 'closed', pauseBetween } }),
      digest({ phases: [ramp('up', 1000, 0, 31), ramp('down', 1000, 31, 10)] }),
      digest({ model: { kind: 'open' } }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(digest()).toBe(digests[0]);
    expect(summarisePlan(closed({ phases })).virtualUsers).toBe(30);
  });

  test('of an open scenario is the same whether it says so or not', () => {
    const open = smallScenario();
    const said = smallScenario({ model: { kind: 'open' } });
    expect(summarisePlan(said).digest).toBe(summarisePlan(open).digest);
    expect(summarisePlan(open).virtualUsers).toBe(0);
  });
});
