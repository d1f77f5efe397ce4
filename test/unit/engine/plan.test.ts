// The plan is a pure function of the scenario, whoever walks it.
import { describe, expect, test } from 'vitest';
import { owns } from '../../../src/base/shard.ts';
import type { Scenario } from '../../../src/contract/scenario.ts';
import { createPlan } from '../../../src/engine/plan.ts';
import { summarisePlan } from '../../../src/engine/plan-summary.ts';
import { phase, smallScenario } from '../../support/small-scenario.ts';

const MIXED: Scenario = smallScenario({
  phases: [
    { ...phase('presale', 4000, 100), mix: { shopper: 3, bot: 1, sniper: 0 } },
    {
      ...phase('drop', 6000, 0),
      shape: { kind: 'drop', basePerSec: 50, peakPerSec: 500, decayMs: 1000 },
      mix: { shopper: 0.2, bot: 0.4, sniper: 0.4 },
    },
  ],
  populations: [
    { name: 'shopper', journey: 'buy', hotShare: 0.25, accounts: { kind: 'own' } },
    { name: 'bot', journey: 'buy', hotShare: 1, accounts: { kind: 'pool', size: 7 } },
    { name: 'sniper', journey: 'buy', hotShare: 0, accounts: { kind: 'pool', size: 3 } },
  ],
});

function walk(scenario: Scenario) {
  const plan = createPlan(scenario);
  const journeys = [];
  while (plan.next()) {
    const { ordinal, intendedUs, phase: phaseIndex, population, customer, item } = plan;
    journeys.push({ ordinal, intendedUs, phase: phaseIndex, population, customer, item });
  }
  return { journeys, sizes: plan.sizes };
}

describe('the sequence of journeys', () => {
  const { journeys, sizes } = walk(MIXED);

  test('is numbered without gaps and never goes back in time', () => {
    expect(journeys.length).toBeGreaterThan(800);
    expect(sizes.journeys).toBe(journeys.length);
    journeys.forEach((journey, index) => {
      expect(journey.ordinal).toBe(index);
      expect(Number.isInteger(journey.intendedUs)).toBe(true);
      expect(journey.intendedUs).toBeGreaterThanOrEqual(journeys[index - 1]?.intendedUs ?? 0);
    });
  });

  test('phases follow each other', () => {
    for (const { phase: index, intendedUs } of journeys) {
      expect(index).toBe(intendedUs < 4_000_000 ? 0 : 1);
    }
    expect(journeys.some(({ phase: index }) => index === 1)).toBe(true);
  });

  test('populations come by the weights of their phase', () => {
    const inPhase = (index: number) => journeys.filter((journey) => journey.phase === index);
    const share = (index: number, population: number) =>
      inPhase(index).filter((journey) => journey.population === population).length /
      inPhase(index).length;
    expect(share(0, 0)).toBeCloseTo(0.75, 1);
    expect(share(0, 2)).toBe(0);
    expect(share(1, 0)).toBeCloseTo(0.2, 1);
    expect(share(1, 2)).toBeCloseTo(0.4, 1);
  });

  test('sessions of their own are different customers, numbered densely, before the pools', () => {
    const own = journeys.filter(({ population }) => population === 0);
    expect(own.map(({ customer }) => customer)).toEqual(own.map((_, index) => index));
    expect(sizes.ownCustomers).toBe(own.length);
    const customersOf = (population: number) =>
      [...new Set(journeys.filter((j) => j.population === population).map((j) => j.customer))].sort(
        (a, b) => a - b,
      );
    const range = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => from + index);
    expect(customersOf(1)).toEqual(range(own.length, 7));
    expect(customersOf(2)).toEqual(range(own.length + 7, 3));
    expect(sizes.customers).toBe(own.length + 10);
  });

  test('hot items are wanted by the stated share on top of their own popularity', () => {
    expect(journeys.filter((j) => j.population === 1).every((j) => j.item === 0)).toBe(true);
    const shoppers = journeys.filter((j) => j.population === 0);
    const hot = shoppers.filter((j) => j.item === 0).length / shoppers.length;
    // 25 % come for it; of the others, the most popular of 20 draws about 28 %.
    expect(hot).toBeGreaterThan(0.38);
    expect(hot).toBeLessThan(0.54);
  });

  test.each([1, 2, 4, 7])('%i shards divide it exactly', (count) => {
    const shards = Array.from({ length: count }, (_, index) => ({ index, count }));
    const owners = journeys.map(
      ({ ordinal }) => shards.filter((shard) => owns(shard, ordinal)).length,
    );
    expect(new Set(owners)).toEqual(new Set([1]));
  });
});

describe('the summary', () => {
  test('agrees with the sequence', () => {
    const { journeys, sizes } = walk(MIXED);
    const summary = summarisePlan(MIXED);
    expect(summary.journeys).toBe(journeys.length);
    expect(summary.customers).toBe(sizes.customers);
    const hot = (population: number) =>
      journeys.filter((j) => j.population === population && j.item === 0).length;
    expect(summary.hotSessions).toEqual({ shopper: hot(0), bot: hot(1), sniper: hot(2) });
  });

  test('the digest is the same every time', () => {
    expect(summarisePlan(MIXED).digest).toBe(summarisePlan(structuredClone(MIXED)).digest);
    expect(summarisePlan(MIXED).digest).toMatch(/^[0-9a-f]{64}$/);
  });

  const variants: readonly [string, Scenario][] = [
    ['the seed', { ...MIXED, seed: MIXED.seed + 1 }],
    ['a rate', { ...MIXED, phases: [phase('presale', 4000, 101), ...MIXED.phases.slice(1)] }],
    ['the popularity', { ...MIXED, zipfExponent: 1.1 }],
    ['a journey', { ...MIXED, journeys: MIXED.journeys.map((j) => ({ ...j, maxSteps: 3 })) }],
    ['the probes', { ...MIXED, probes: { duplicate: 0.5, replay: 0, changed: 0 } }],
  ];
  test.each(variants)('the digest changes with %s', (_, variant) => {
    expect(summarisePlan(variant).digest).not.toBe(summarisePlan(MIXED).digest);
  });

  test('the stock of an item does not change the plan: it is computed from it', () => {
    const catalogue = MIXED.catalogue.map((item) => ({ ...item, units: 999 }));
    expect(summarisePlan({ ...MIXED, catalogue }).digest).toBe(summarisePlan(MIXED).digest);
  });

  test('the digest of a fixed scenario is pinned: a change breaks every stored comparison', () => {
    expect(summarisePlan(smallScenario()).digest).toMatchInlineSnapshot(
      `"1eb4db60642935bde1c6d3a5afab38e7b343015bf432d45acbb4dac916509d17"`,
    );
  });
});

test('an empty phase is passed over', () => {
  const scenario = smallScenario({
    phases: [phase('nothing', 0, 100), phase('quiet', 1000, 0), phase('steady', 1000, 50)],
  });
  const { journeys } = walk(scenario);
  expect(journeys.length).toBeGreaterThan(20);
  expect(journeys.every((journey) => journey.phase === 2)).toBe(true);
});
