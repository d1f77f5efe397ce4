import { describe, expect, it } from 'vitest';
import type { VirtualClock } from '../../src/base/clock.ts';
import type { Call } from '../../src/contract/call.ts';
import type { Scenario } from '../../src/contract/scenario.ts';
import { type ScriptedAnswer, ScriptedClient, type SentCall } from '../support/scripted-client.ts';
import { phase, smallScenario } from '../support/small-scenario.ts';
import { runVirtualLoad, type VirtualLoad } from '../support/virtual-load.ts';

const SCENARIO: Scenario = smallScenario({
  phases: [phase('steady', 3000, 20)],
  probes: { duplicate: 0.3, replay: 0.3, changed: 0 },
});
const GIVEN: Partial<Record<Call['operation'], Partial<Call>>> = {
  checkout: { gotCheckoutId: 'co-1' },
  order: { gotOrderId: 'o-1', gotOrderStatus: 'confirmed' },
};

/** Each login step puts a value of its own into the session, as a client would. */
function answer(call: Call): ScriptedAnswer {
  if (call.operation === 'login') {
    const values = [...(call.values ?? []), `${call.customer}:${call.loginStep}`];
    return { afterMs: 7, fields: { values } };
  }
  return { afterMs: 5, fields: GIVEN[call.operation] ?? {} };
}

async function run(
  loginSteps: number,
  script: (call: Call) => ScriptedAnswer = answer,
): Promise<VirtualLoad & { sent: SentCall[] }> {
  let client: ScriptedClient | undefined;
  const load = await runVirtualLoad({
    scenario: SCENARIO,
    loginSteps,
    client: (clock: VirtualClock) => {
      client = new ScriptedClient(clock, script);
      return client;
    },
  });
  return { ...load, sent: client?.sent ?? [] };
}

function byJourney(sent: readonly SentCall[]): SentCall[][] {
  const journeys = new Map<number, SentCall[]>();
  for (const call of sent) {
    journeys.set(call.ordinal, [...(journeys.get(call.ordinal) ?? []), call]);
  }
  return [...journeys.values()];
}

describe('a target that asks for a login', () => {
  it('gets it first from every session, one step right after the other', async () => {
    const { sent, report } = await run(2);
    const journeys = byJourney(sent);
    expect(journeys.length).toBeGreaterThan(30);
    for (const [first, second, third] of journeys) {
      expect([first?.operation, first?.loginStep]).toEqual(['login', 0]);
      expect([second?.operation, second?.loginStep]).toEqual(['login', 1]);
      expect(third?.operation).toBe('home');
      expect(second?.intendedAtUs).toBe(first?.doneAtUs);
      expect(third?.intendedAtUs).toBe(second?.doneAtUs);
    }
    expect(report.metrics.counts({ operation: 'login' }).ok).toBe(journeys.length * 2);
    expect(report.metrics.operations).toContain('login');
  });

  it('finds what it gave in every later call of that session, probes included, and in no other', async () => {
    const { sent } = await run(2);
    const seen = new Set<string>();
    for (const call of sent) {
      const values = [`${call.customer}:0`, `${call.customer}:1`];
      const known = call.operation === 'login' ? call.loginStep + 1 : 2;
      // The copy holds what the answer left behind.
      expect(call.values).toEqual(values.slice(0, known));
      seen.add(call.operation);
    }
    expect([...seen].sort()).toEqual(
      ['checkout', 'home', 'login', 'order', 'orderDuplicate', 'orderReplay', 'viewStock'].sort(),
    );
  });

  it('is sent the same journeys as one that does not', async () => {
    const facts = ({ ordinal, operation, customer, item, variate, key }: SentCall) =>
      [ordinal, operation, customer, item, variate, key].join(' ');
    const without = (await run(0)).sent.map(facts).sort();
    const withLogin = (await run(2)).sent.filter((call) => call.operation !== 'login').map(facts);
    // Those that arrive last are later by their login and may be cut off by the end.
    const shared = withLogin.filter((fact) => without.includes(fact));
    expect(shared.length).toBe(withLogin.length);
    expect(withLogin.length).toBeGreaterThan(without.length * 0.9);
  });

  it('sees nothing more of whom it keeps out, and the journey is over', async () => {
    const { sent, report } = await run(2, (call) =>
      call.operation === 'login' && call.loginStep === 1 && call.customer % 2 === 0
        ? { afterMs: 7, outcome: 'refused', reason: 'blocked' }
        : answer(call),
    );
    const kept = byJourney(sent).filter(([first]) => (first?.customer ?? 0) % 2 === 0);
    expect(kept.length).toBeGreaterThan(10);
    for (const journey of kept) {
      expect(journey.map((call) => call.operation)).toEqual(['login', 'login']);
    }
    expect(report.metrics.counts({ operation: 'login' }).refused).toBe(kept.length);
    expect(report.journeysCompleted).toBeGreaterThanOrEqual(kept.length);
  });
});
