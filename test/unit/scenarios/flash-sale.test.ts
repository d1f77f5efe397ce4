import { describe, expect, it } from 'vitest';
import { OPERATION_NAMES } from '../../../src/contract/operation.ts';
import type { Journey, Scenario } from '../../../src/contract/scenario.ts';
import { checkScenario } from '../../../src/scenarios/check-scenario.ts';
import {
  expectedArrivals,
  expectedSessions,
  expectedUnits,
} from '../../../src/scenarios/demand.ts';
import { buildScenario } from '../../../src/scenarios/registry.ts';
import { profileNamed, SHIPPED_PROFILES } from './profiles.ts';

async function flashSale(name = 'laptop', ...set: string[]): Promise<Scenario> {
  return buildScenario('flash-sale', { profile: await profileNamed(name, ...set), seed: 1 });
}

function arrivalsOf(scenario: Scenario): number {
  return scenario.phases.reduce(
    (sum, phase) => sum + expectedArrivals(phase.shape, phase.durationMs),
    0,
  );
}

function journeyOf(scenario: Scenario, population: string): Journey {
  const name = scenario.populations.find((candidate) => candidate.name === population)?.journey;
  const journey = scenario.journeys.find((candidate) => candidate.name === name);
  if (journey === undefined) throw new Error(`no journey of ${population}`);
  return journey;
}

const EXTREMES: [string, string[]][] = [
  ['the slowest rate', ['load.rate=0.1/s', 'load.duration=1s', 'load.warmup=0']],
  ['a very fast rate', ['load.rate=100k/s']],
  ['no warm-up', ['load.warmup=0']],
  ['an odd length', ['load.duration=7777ms', 'load.warmup=123ms']],
  ['ten minutes', ['load.duration=10m']],
  ['only bots', ['sale.botShare=100%']],
  ['no bots', ['sale.botShare=0']],
  ['nothing but hot items', ['sale.skus=5', 'sale.hotSkus=5']],
  ['one product', ['sale.skus=1']],
  ['plenty of stock', ['sale.demandToStock=0.5']],
  ['hardly any stock', ['sale.demandToStock=1000000']],
];

describe('the flash sale', () => {
  it.each(SHIPPED_PROFILES)('is sane for the profile %s', async (name) => {
    expect(checkScenario(await flashSale(name))).toEqual([]);
  });

  it.each(EXTREMES)('is sane with %s, and keeps its required units', async (_, set) => {
    const scenario = await flashSale('laptop', ...set);
    expect(checkScenario(scenario)).toEqual([]);
    expect(scenario.catalogue.every(({ units }) => units >= 1)).toBe(true);
  });

  it('is the same value after it has been written and read as JSON', async () => {
    const scenario = await flashSale();
    expect(JSON.parse(JSON.stringify(scenario))).toStrictEqual(scenario);
  });

  it('is a pure function of profile and seed', async () => {
    const profile = await profileNamed('laptop');
    const [one, other] = await Promise.all([
      buildScenario('flash-sale', { profile, seed: 7 }),
      buildScenario('flash-sale', { profile, seed: 7 }),
    ]);
    expect(other).toStrictEqual(one);
    const third = await buildScenario('flash-sale', { profile, seed: 8 });
    expect(third.catalogue[0]?.title).not.toBe(one.catalogue[0]?.title);
    expect(third.phases).toStrictEqual(one.phases);
  });
});

describe('its phases', () => {
  it('come in the order of the story, last as long as asked, and only warm-up is unmeasured', async () => {
    const { phases, sale } = await flashSale();
    expect(phases.map(({ name, measured }) => [name, measured])).toEqual([
      ['warmup', false],
      ['presale', true],
      ['drop', true],
      ['tail', true],
    ]);
    const lengths = phases.map(({ durationMs }) => durationMs);
    expect(lengths.reduce((sum, ms) => sum + ms, 0)).toBe(3000 + 20_000);
    expect(sale.opensAtMs).toBe(lengths[0]! + lengths[1]!);
    expect(lengths.every(Number.isInteger)).toBe(true);
  });

  it('peak at the asked rate when the sale opens, and decay into the tail', async () => {
    const { phases } = await flashSale();
    const drop = phases.find(({ name }) => name === 'drop')!;
    const tail = phases.find(({ name }) => name === 'tail')!;
    if (drop.shape.kind !== 'drop' || tail.shape.kind !== 'constant') throw new Error('shapes');
    expect(drop.shape.peakPerSec).toBe(250);
    const surplus = drop.shape.peakPerSec - drop.shape.basePerSec;
    const left = surplus * Math.exp(-drop.durationMs / drop.shape.decayMs);
    expect(drop.shape.basePerSec + left).toBeCloseTo(tail.shape.perSec, -1);
    for (const { shape } of phases) {
      const rates = Object.values(shape).filter((value) => typeof value === 'number');
      if (shape.kind !== 'drop') expect(Math.max(...rates)).toBeLessThan(250);
    }
  });

  it('leave the warm-up out when there is none', async () => {
    const { phases, sale } = await flashSale('laptop', 'load.warmup=0');
    expect(phases.map(({ name }) => name)).toEqual(['presale', 'drop', 'tail']);
    expect(sale.opensAtMs).toBe(phases[0]?.durationMs);
  });

  it('make the asked share of all arrivals bots', async () => {
    const scenario = await flashSale('laptop', 'sale.botShare=30%');
    const sessions = expectedSessions(scenario.phases);
    expect(sessions.get('bot')! / arrivalsOf(scenario)).toBeCloseTo(0.3, 9);
  });

  it('bring a number of journeys that two cores can carry', async () => {
    const arrivals = arrivalsOf(await flashSale());
    expect(arrivals).toBeGreaterThan(1500);
    expect(arrivals).toBeLessThan(3000);
  });
});

describe('its stock', () => {
  it('is planned hot demand ÷ demandToStock, so it halves when the ratio doubles', async () => {
    const scenario = await flashSale();
    const sessions = expectedSessions(scenario.phases);
    const bots = sessions.get('bot')!;
    const buyers = scenario.catalogue[0]!.units * 25;
    // All bots come for the hot item, and most of the others do.
    expect(buyers).toBeGreaterThan(bots);
    expect(buyers).toBeLessThan(arrivalsOf(scenario));
    const scarce = await flashSale('laptop', 'sale.demandToStock=50');
    expect(scarce.catalogue[0]!.units * 2).toBeCloseTo(scenario.catalogue[0]!.units, -1);
  });

  it('is shared by several hot items, and never less than one unit', async () => {
    const one = await flashSale();
    const four = await flashSale('laptop', 'sale.hotSkus=4');
    expect(four.sale.hotItems).toEqual([0, 1, 2, 3]);
    const units = four.catalogue.slice(0, 4).map((item) => item.units);
    expect(new Set(units).size).toBe(1);
    expect(units[0]! * 4).toBeGreaterThanOrEqual(one.catalogue[0]!.units - 4);
    const none = await flashSale('laptop', 'sale.demandToStock=1000000');
    expect(none.catalogue[0]!.units).toBe(1);
  });

  it('of the other items can be sold out by a probe, and follows their popularity', async () => {
    const { catalogue } = await flashSale();
    const others = catalogue.slice(1).map(({ units }) => units);
    expect(Math.max(...others)).toBeLessThan(100);
    expect(others).toEqual([...others].sort((a, b) => b - a));
  });
});

describe('its populations', () => {
  it('want the hot items most of the time', async () => {
    const { populations } = await flashSale();
    for (const { hotShare } of populations) expect(hotShare).toBeGreaterThanOrEqual(0.8);
  });

  it('give bots too few accounts to buy everything within the limit', async () => {
    const { populations, catalogue, sale } = await flashSale();
    const bot = populations.find(({ name }) => name === 'bot')!;
    if (bot.accounts.kind !== 'pool') throw new Error('bots need a pool');
    expect(bot.accounts.size * sale.perCustomer).toBeLessThan(catalogue[0]!.units);
    expect(bot.accounts.size).toBeGreaterThanOrEqual(1);
  });

  it('use every operation that a shopper has, except cancelling', async () => {
    const { journeys } = await flashSale();
    const used = new Set(
      journeys.flatMap(({ steps }) => Object.values(steps).map(({ operation }) => operation)),
    );
    const shopper = OPERATION_NAMES.slice(0, OPERATION_NAMES.indexOf('cancelOrder'));
    expect([...used].sort()).toEqual([...shopper].sort());
  });

  it('let bots check out directly without thinking, and humans through the cart', async () => {
    const scenario = await flashSale();
    const bot = journeyOf(scenario, 'bot');
    const checkout = bot.steps['checkout']!;
    expect(checkout.direct).toBe(true);
    const onward = checkout.next.find(({ outcomes }) => outcomes?.includes('ok'))!;
    expect([onward.to, onward.think]).toEqual(['order', { kind: 'constant', ms: 0 }]);
    for (const name of ['shopper', 'refresher']) {
      const steps = Object.values(journeyOf(scenario, name).steps);
      expect(steps.some(({ operation }) => operation === 'addToCart')).toBe(true);
      expect(steps.some(({ direct }) => direct === true)).toBe(false);
    }
  });

  it('let some humans leave after the checkout, so that holds expire within the run', async () => {
    const scenario = await flashSale();
    const { holdTtlMs } = (await profileNamed('laptop')).system.inventory;
    const end = scenario.phases.reduce((sum, { durationMs }) => sum + durationMs, 0);
    expect(scenario.sale.opensAtMs + holdTtlMs).toBeLessThan(end - 3000);
    for (const name of ['shopper', 'refresher']) {
      const first = journeyOf(scenario, name).steps['checkout']!.next[0]!;
      expect(first.to).toBe('end');
      expect(first.probability).toBeGreaterThan(0.05);
    }
  });

  it('wait for the opening as long as it takes: the step limit does not end them', async () => {
    for (const name of SHIPPED_PROFILES) {
      const scenario = await flashSale(name);
      for (const population of ['refresher', 'bot']) {
        const journey = journeyOf(scenario, population);
        const waiting = journey.steps[journey.start]!.next[0]!;
        expect(waiting).toMatchObject({ reasons: ['sale_upcoming'], to: journey.start });
        if (waiting.think.kind !== 'uniform') throw new Error('polls at a steady pace');
        const looks = scenario.sale.opensAtMs / waiting.think.minMs;
        expect(looks + 30).toBeLessThan(journey.maxSteps);
      }
    }
  });

  it('buy once when everything succeeds, bots as often as they can', async () => {
    const scenario = await flashSale();
    expect(expectedUnits(journeyOf(scenario, 'refresher'), 'checkout', 'first')).toBeCloseTo(1, 9);
    expect(expectedUnits(journeyOf(scenario, 'refresher'), 'order', 'all')).toBeCloseTo(0.9, 9);
    const bot = journeyOf(scenario, 'bot');
    expect(expectedUnits(bot, 'checkout', 'first')).toBeCloseTo(1, 9);
    expect(expectedUnits(bot, 'order', 'all')).toBeGreaterThan(3);
  });
});

describe('what it demands of the audit', () => {
  it('includes selling out', async () => {
    expect((await flashSale()).requiredGoals).toEqual(
      expect.arrayContaining(['order_confirmed', 'sold_out_seen', 'sold_out_while_held']),
    );
  });

  it('does not include selling out when there is more than enough', async () => {
    const { requiredGoals } = await flashSale('laptop', 'sale.demandToStock=1');
    expect(requiredGoals).toContain('order_confirmed');
    expect(requiredGoals).not.toContain('sold_out_seen');
  });

  it.each(SHIPPED_PROFILES)('expects at least ten probes of each kind with %s', async (name) => {
    const { probes, catalogue, phases } = await flashSale(name);
    const orders = catalogue[0]!.units;
    const shares = Object.values(probes);
    expect(shares.every((share) => share >= 0.01 && share <= 0.25)).toBe(true);
    // Orders for other items come on top of the hot ones; sessions bound both.
    const sessions = [...expectedSessions(phases).values()].reduce((sum, count) => sum + count, 0);
    expect(probes.replay * sessions).toBeGreaterThan(10);
    expect(probes.replay * orders).toBeGreaterThan(1);
  });
});
