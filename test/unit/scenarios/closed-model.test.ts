// Every built-in scenario with virtual users: sane, and stocked for all that they can buy.
import { describe, expect, it } from 'vitest';
import { meanMs } from '../../../src/base/distributions.ts';
import type { Scenario } from '../../../src/contract/scenario.ts';
import { checkScenario } from '../../../src/scenarios/check-scenario.ts';
import { expectedJourney, expectedJourneyOf } from '../../../src/scenarios/demand.ts';
import { userStretchesOf } from '../../../src/scenarios/inputs.ts';
import { buildScenario, scenarioNames } from '../../../src/scenarios/registry.ts';
import { profileNamed } from './profiles.ts';

async function withUsers(name: string, users: number, durationMs = 20_000): Promise<Scenario> {
  const profile = await profileNamed('laptop', `load.duration=${durationMs}ms`);
  const steady = { name: 'steady', durationMs, fromUsers: users, toUsers: users };
  return buildScenario(name, { profile, seed: 1, users: [steady] });
}

const unitsOf = ({ catalogue }: Scenario): number =>
  catalogue.reduce((sum, { units }) => sum + units, 0);

describe.each(scenarioNames)('%s with virtual users', (name) => {
  it('is sane, with a warm-up of its own and one steady phase', async () => {
    const scenario = await withUsers(name, 50);
    expect(checkScenario(scenario)).toEqual([]);
    expect(scenario.model?.kind).toBe('closed');
    expect(
      scenario.phases.map(({ name: phase, shape, measured }) => [phase, shape, measured]),
    ).toEqual([
      ['warmup', { kind: 'ramp', fromPerSec: 0, toPerSec: 50 }, false],
      ['steady', { kind: 'constant', perSec: 50 }, true],
    ]);
  });

  it('follows stages of users', async () => {
    const profile = await profileNamed('laptop', 'load.duration=4s');
    const users = userStretchesOf([
      { durationMs: 3000, users: 200 },
      { durationMs: 1000, users: 0 },
    ]);
    const scenario = await buildScenario(name, { profile, seed: 1, users });
    expect(checkScenario(scenario)).toEqual([]);
    expect(scenario.phases.map(({ name: phase, shape }) => [phase, shape])).toEqual([
      ['warmup', { kind: 'ramp', fromPerSec: 0, toPerSec: 20 }],
      ['stage-1', { kind: 'ramp', fromPerSec: 0, toPerSec: 200 }],
      ['stage-2', { kind: 'ramp', fromPerSec: 200, toPerSec: 0 }],
    ]);
  });

  it('has an account for every journey that a user can make', async () => {
    const { model, phases } = await withUsers(name, 50);
    if (model?.kind !== 'closed') throw new Error('it is closed');
    const totalMs = phases.reduce((sum, { durationMs }) => sum + durationMs, 0);
    expect((model.accountsPerUser ?? 1) * meanMs(model.pauseBetween)).toBeGreaterThan(totalMs);
    const many = (await withUsers(name, 200_000)).model;
    expect(many?.kind === 'closed' && many.accountsPerUser).toBe(5);
  });

  it('has more in stock for more users', async () => {
    expect(unitsOf(await withUsers(name, 400))).toBeGreaterThan(unitsOf(await withUsers(name, 40)));
  });
});

it('an everyday shop has stock for the most journeys that its users can make', async () => {
  const users = 300;
  const scenario = await withUsers('soak', users);
  const steady = scenario.phases.find(({ measured }) => measured);
  if (steady === undefined || scenario.model?.kind !== 'closed') throw new Error('it is closed');
  const { operations, thinkMs } = expectedJourneyOf(steady, scenario);
  expect(operations).toBeGreaterThan(3);
  const cycleMs = thinkMs + meanMs(scenario.model.pauseBetween);
  const journeys = (users * 20_000) / cycleMs;
  // 60 % of them come to buy, four in five of those reach the checkout, most of them once.
  expect(unitsOf(scenario)).toBeGreaterThan(journeys * 0.6 * 0.8);
});

it('an expected journey counts its operations and the thinking between them', () => {
  const to = (step: string, ms: number, probability = 1) => ({
    to: step,
    probability,
    think: { kind: 'constant', ms } as const,
  });
  const step = (...next: readonly ReturnType<typeof to>[]) =>
    ({ operation: 'home', item: 'browsed', quantity: 1, next }) as const;
  const steps = { a: step(to('b', 100, 0.5)), b: step(to('c', 40)), c: step(to('end', 999)) };
  const journey = { name: 'j', start: 'a', maxSteps: 10, steps };
  expect(expectedJourney(journey)).toEqual({ operations: 2, thinkMs: 70 });
  const looping = { ...journey, steps: { a: step(to('a', 0)) } };
  expect(expectedJourney(looping)).toEqual({ operations: 10, thinkMs: 0 });
});

it('a closed scenario that cannot work is told what is wrong with it', async () => {
  const good = await withUsers('soak', 10);
  const pauseBetween = { kind: 'constant', ms: -1 } as const;
  const [warmup, steady] = good.phases;
  if (warmup === undefined || steady === undefined) throw new Error('it has two phases');
  const shape = { kind: 'constant', perSec: 200_001 } as const;
  const bad = {
    ...good,
    model: { kind: 'closed', pauseBetween, accountsPerUser: 0 },
    phases: [warmup, { ...steady, shape }],
  } as const;
  expect(checkScenario(bad)).toEqual([
    'model.pauseBetween: impossible pause',
    'model.accountsPerUser: 0 is not a number of accounts',
    'phases: 200,001 virtual users at a time, at most 200,000 are possible',
  ]);
  const nobody = [{ ...steady, shape: { kind: 'constant', perSec: 0 } as const }];
  expect(checkScenario({ ...good, phases: nobody })).toContain(
    'phases: there is never a virtual user',
  );
});
