// The engine's real sessions walk a funnel preset: what they ask is the mix that was published.
import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/contract/call.ts';
import type { Journey } from '../../src/contract/scenario.ts';
import { FUNNELS } from '../../src/scenarios/funnels/registry.ts';
import { type ScriptedAnswer, ScriptedClient } from '../support/scripted-client.ts';
import { phase, smallScenario } from '../support/small-scenario.ts';
import { runVirtualLoad } from '../support/virtual-load.ts';

/** The more pages a session has, the fewer sessions say as much. */
const SESSIONS: Readonly<Record<string, number>> = { 'tpcw-shopping': 7000, 'tpcw-ordering': 4000 };
const MANY_SESSIONS = 12_000;

/** Everything succeeds at once. */
function shop(call: Call): ScriptedAnswer {
  const afterMs = 1;
  if (call.operation === 'viewStock') return { afterMs, reason: 'in_stock' };
  if (call.operation === 'checkout') return { afterMs, fields: { gotCheckoutId: 'c-1' } };
  if (call.operation !== 'order') return { afterMs };
  return { afterMs, fields: { gotOrderId: 'o-1', gotOrderStatus: 'confirmed', gotUnits: 1 } };
}

/** Without thinking, and each step asks for a quantity of its own: calls tell their step by it. */
function marked(journey: Journey): { journey: Journey; nameOf: (call: Call) => string } {
  const names = Object.keys(journey.steps);
  const steps = Object.fromEntries(
    Object.entries(journey.steps).map(([name, step], index) => [
      name,
      {
        ...step,
        quantity: index + 1,
        next: step.next.map((rule) => ({ ...rule, think: { kind: 'constant', ms: 0 } as const })),
      },
    ]),
  );
  return {
    journey: { ...journey, steps },
    nameOf: ({ quantity }) => names[quantity - 1] ?? '',
  };
}

describe.each(FUNNELS.map((funnel) => [funnel.name, funnel] as const))('%s', (_, funnel) => {
  test('is what the sessions of the engine do', async () => {
    const { journey, nameOf } = marked(funnel.journey(20_000));
    const sessions = SESSIONS[funnel.name] ?? MANY_SESSIONS;
    const accounts = { kind: 'own' } as const;
    const scenario = smallScenario({
      seed: 11,
      journeys: [journey],
      populations: [{ name: 'shopper', journey: journey.name, hotShare: 0.1, accounts }],
      phases: [phase('steady', 20_000, sessions / 20)],
    });
    const visits = new Map(Object.keys(journey.steps).map((name) => [name, 0]));
    const { report } = await runVirtualLoad({
      scenario,
      client: (clock) =>
        new ScriptedClient(clock, (call) => {
          const name = nameOf(call);
          visits.set(name, (visits.get(name) ?? 0) + 1);
          return shop(call);
        }),
    });
    expect(report.journeysStarted).toBeGreaterThan(sessions * 0.95);
    const perSession = [...visits].map(
      ([name, count]) => [name, count / report.journeysStarted] as const,
    );
    const counted = funnel.figures(new Map(perSession));
    for (const [what, percent] of Object.entries(funnel.published)) {
      const isShareOfFew = what.includes('(of ');
      const tolerance = isShareOfFew ? 4 : 0.5;
      expect(Math.abs((counted.get(what) ?? 0) - percent), what).toBeLessThan(tolerance);
    }
  });
});
