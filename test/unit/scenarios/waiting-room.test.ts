import { describe, expect, it } from 'vitest';
import { checkScenario } from '../../../src/scenarios/check-scenario.ts';
import { reachableFrom } from '../../../src/scenarios/journey-graph.ts';
import { buildScenario, scenarioNames } from '../../../src/scenarios/registry.ts';
import { withWaitingRoom } from '../../../src/scenarios/waiting-room.ts';
import { profileNamed } from './profiles.ts';

const plain = await profileNamed('laptop');
const room = await profileNamed('laptop', 'system.admission.waitingRoom=on');

describe('scenarios where there is a waiting room', () => {
  it.each(scenarioNames)('%s sends those who are refused to it, and stays sound', async (name) => {
    const scenario = await buildScenario(name, { profile: room, seed: 1 });
    const queueing = withWaitingRoom(scenario, room);
    expect(checkScenario(queueing)).toEqual([]);
    const journeys = queueing.journeys.filter(({ steps }) =>
      Object.values(steps).some(({ operation }) => operation === 'checkout'),
    );
    expect(journeys.length).toBeGreaterThan(0);
    for (const journey of journeys) {
      const waits = Object.entries(journey.steps).filter(([, { operation }]) =>
        ['joinQueue', 'queueStatus'].includes(operation),
      );
      expect(waits.length).toBeGreaterThanOrEqual(2);
      for (const [step] of waits) {
        const onwards = [...reachableFrom(journey, step, 'ok')];
        const names = onwards.map((other) => journey.steps[other]?.operation);
        expect(names, `${journey.name}: ${step}`).toContain('checkout');
      }
    }
    // Nothing else of the plan is another.
    expect({ ...queueing, journeys: [] }).toEqual({ ...scenario, journeys: [] });
  });

  it('are left as they are without one, on other targets, and when they know of it', async () => {
    const scenario = await buildScenario('flash-sale', { profile: plain, seed: 1 });
    expect(withWaitingRoom(scenario, plain)).toBe(scenario);
    expect(withWaitingRoom(scenario, { ...room, target: 'null' })).toBe(scenario);
    const once = withWaitingRoom(scenario, room);
    expect(withWaitingRoom(once, room)).toEqual(once);
    expect(once).not.toEqual(scenario);
  });
});
