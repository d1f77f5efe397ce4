// A session that walks the catalogue: item by item, from the one it came for, round the end.
import { expect, test } from 'vitest';
import type { Journey } from '../../src/contract/scenario.ts';
import { createPlan } from '../../src/engine/plan.ts';
import { ScriptedClient } from '../support/scripted-client.ts';
import { phase, smallScenario } from '../support/small-scenario.ts';
import { runVirtualLoad } from '../support/virtual-load.ts';

const think = { kind: 'constant', ms: 1 } as const;
const PAGES = 7;
const WALK: Journey = {
  name: 'walk',
  start: 'page',
  maxSteps: PAGES,
  steps: {
    page: { operation: 'viewProduct', item: 'walked', quantity: 1, next: [{ to: 'page', think }] },
  },
};

test('every page of a walk is about the item after the one before', async () => {
  const accounts = { kind: 'own' } as const;
  const scenario = smallScenario({
    journeys: [WALK],
    populations: [{ name: 'shopper', journey: 'walk', hotShare: 0, accounts }],
    phases: [phase('steady', 2000, 50)],
  });
  const clients: ScriptedClient[] = [];
  await runVirtualLoad({
    scenario,
    client: (clock) => {
      const client = new ScriptedClient(clock, () => ({ afterMs: 1 }));
      clients.push(client);
      return client;
    },
  });
  const walks = new Map<number, number[]>();
  for (const { ordinal, item } of clients[0]!.sent) {
    walks.set(ordinal, [...(walks.get(ordinal) ?? []), item]);
  }
  const size = scenario.catalogue.length;
  const plan = createPlan(scenario);
  let wrapped = 0;
  for (let ordinal = 0; ordinal < 50; ordinal++) {
    expect(plan.next()).toBe(true);
    const start = plan.item;
    const expected = Array.from({ length: PAGES }, (_, page) => (start + page) % size);
    expect(walks.get(ordinal)).toEqual(expected);
    if (start + PAGES > size) wrapped++;
  }
  expect(wrapped).toBeGreaterThan(0);
});
