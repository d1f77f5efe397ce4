// What the scenarios of an everyday shop promise, together and one by one.
import { describe, expect, it } from 'vitest';
import type { Phase, Scenario } from '../../../src/contract/scenario.ts';
import { checkScenario } from '../../../src/scenarios/check-scenario.ts';
import { expectedArrivals, expectedUnits } from '../../../src/scenarios/demand.ts';
import { buildScenario } from '../../../src/scenarios/registry.ts';
import { profileNamed, SHIPPED_PROFILES } from './profiles.ts';

const EVERYDAY = ['steady-browse', 'ramp', 'spike', 'soak'];
const EXTREMES: [string, string[]][] = [
  ['the slowest rate', ['load.rate=0.1/s', 'load.duration=1s', 'load.warmup=0']],
  ['a very fast rate', ['load.rate=100k/s']],
  ['an odd length', ['load.duration=7777ms', 'load.warmup=123ms']],
  ['ten minutes', ['load.duration=10m']],
  ['nothing but hot items', ['sale.skus=5', 'sale.hotSkus=5']],
  ['one product', ['sale.skus=1']],
];

async function scenarioOf(name: string, profile = 'laptop', ...set: string[]): Promise<Scenario> {
  return buildScenario(name, { profile: await profileNamed(profile, ...set), seed: 1 });
}

function shapesOf(phases: readonly Phase[]): [string, number, Phase['shape']][] {
  return phases.map(({ name, durationMs, shape }) => [name, durationMs, shape]);
}

function journeyOf(scenario: Scenario, population: string) {
  const { journey } = scenario.populations.find(({ name }) => name === population)!;
  return scenario.journeys.find(({ name }) => name === journey)!;
}

describe.each(EVERYDAY)('%s', (name) => {
  it.each(SHIPPED_PROFILES)('is sane for the profile %s', async (profile) => {
    expect(checkScenario(await scenarioOf(name, profile))).toEqual([]);
  });

  it.each(EXTREMES)('is sane with %s', async (_, set) => {
    expect(checkScenario(await scenarioOf(name, 'laptop', ...set))).toEqual([]);
  });

  it('is the same value after it has been written and read as JSON', async () => {
    const scenario = await scenarioOf(name);
    expect(JSON.parse(JSON.stringify(scenario))).toStrictEqual(scenario);
  });

  it('is a pure function of profile and seed', async () => {
    const profile = await profileNamed('laptop');
    const build = (seed: number) => buildScenario(name, { profile, seed });
    const [one, other, third] = await Promise.all([build(7), build(7), build(8)]);
    expect(other).toStrictEqual(one);
    expect(third.catalogue[0]?.title).not.toBe(one.catalogue[0]?.title);
    expect(third.phases).toStrictEqual(one.phases);
  });

  it('measures as long as asked, sells from the start, and never asks for a sell-out', async () => {
    const { phases, sale, requiredGoals } = await scenarioOf(name);
    expect(phases.filter(({ measured }) => !measured).map((phase) => phase.name)).toEqual([
      'warmup',
    ]);
    const measured = phases.filter((phase) => phase.measured);
    expect(measured.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBe(20_000);
    expect(sale).toMatchObject({ opensAtMs: 0, closesAtMs: null });
    expect(requiredGoals).toEqual(['order_confirmed', 'drain_probe_done', 'replay_answered']);
  });

  it('has more of every item than all sessions together would buy of it', async () => {
    for (const profile of SHIPPED_PROFILES) {
      const scenario = await scenarioOf(name, profile);
      const shoppers = scenario.phases.reduce(
        (sum, phase) =>
          sum + expectedArrivals(phase.shape, phase.durationMs) * (phase.mix['shopper'] ?? 0),
        0,
      );
      const bought = shoppers * expectedUnits(journeyOf(scenario, 'shopper'), 'order', 'all');
      const units = scenario.catalogue.reduce((sum, item) => sum + item.units, 0);
      expect(units).toBeGreaterThan(bought * 1.2);
      expect(scenario.catalogue.every((item) => item.units >= 6)).toBe(true);
    }
  });

  it('does not ask for a replay of a run too small to have one', async () => {
    const { requiredGoals } = await scenarioOf(name, 'laptop', 'load.rate=1/s');
    expect(requiredGoals).toEqual(['order_confirmed', 'drain_probe_done']);
  });
});

describe('visitors who browse', () => {
  it('look at several pages and never buy', async () => {
    const scenario = await scenarioOf('steady-browse');
    const browse = journeyOf(scenario, 'browser');
    const operations = Object.values(browse.steps).map(({ operation }) => operation);
    expect(new Set(operations)).toEqual(new Set(['home', 'search', 'viewProduct', 'viewStock']));
    expect(expectedUnits(browse, 'checkout', 'all')).toBe(0);
    expect(scenario.phases[1]?.mix['browser']).toBeGreaterThan(0.9);
  });
});

describe('the rates of', () => {
  it('steady browsing stay at the asked one', async () => {
    expect(shapesOf((await scenarioOf('steady-browse')).phases)).toEqual([
      ['warmup', 3000, { kind: 'ramp', fromPerSec: 62.5, toPerSec: 250 }],
      ['steady', 20_000, { kind: 'constant', perSec: 250 }],
    ]);
  });

  it('a ramp rise from a twentieth to the asked one', async () => {
    expect(shapesOf((await scenarioOf('ramp')).phases)).toEqual([
      ['warmup', 3000, { kind: 'constant', perSec: 12.5 }],
      ['ramp', 20_000, { kind: 'ramp', fromPerSec: 12.5, toPerSec: 250 }],
    ]);
  });

  it('a spike are a fifth of the asked one before and after it', async () => {
    expect(shapesOf((await scenarioOf('spike')).phases)).toEqual([
      ['warmup', 3000, { kind: 'ramp', fromPerSec: 12.5, toPerSec: 50 }],
      ['before', 7000, { kind: 'constant', perSec: 50 }],
      ['spike', 4000, { kind: 'constant', perSec: 250 }],
      ['after', 9000, { kind: 'constant', perSec: 50 }],
    ]);
  });

  it('a soak are half the asked one', async () => {
    expect(shapesOf((await scenarioOf('soak')).phases)).toEqual([
      ['warmup', 3000, { kind: 'ramp', fromPerSec: 31.25, toPerSec: 125 }],
      ['soak', 20_000, { kind: 'constant', perSec: 125 }],
    ]);
  });
});
