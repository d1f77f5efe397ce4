// The scenarios beyond flash sale and everyday shop: sane whatever the profile asks for.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../../src/contract/scenario.ts';
import { checkScenario } from '../../../src/scenarios/check-scenario.ts';
import { expectedSessions, expectedUnits } from '../../../src/scenarios/demand.ts';
import { buildScenario } from '../../../src/scenarios/registry.ts';
import { profileNamed, SHIPPED_PROFILES } from './profiles.ts';

const NAMES = [
  'mixed-day',
  'restock',
  'retry-storm',
  'bot-attack',
  'payment-brownout',
  'sold-out-tail',
];
const STAGES = [
  { durationMs: 1500, perSec: 100 },
  { durationMs: 1, perSec: 20 },
  { durationMs: 4000, perSec: 50 },
];

async function scenarioOf(name: string, profile = 'laptop', ...set: string[]): Promise<Scenario> {
  return buildScenario(name, { profile: await profileNamed(profile, ...set), seed: 1 });
}

function measuredMs({ phases }: Scenario): number {
  const measured = phases.filter((phase) => phase.measured);
  return measured.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

function startOf({ phases }: Scenario, name: string): number {
  const index = phases.findIndex((phase) => phase.name === name);
  return phases.slice(0, index).reduce((sum, { durationMs }) => sum + durationMs, 0);
}

describe.each(NAMES)('%s', (name) => {
  it.each(SHIPPED_PROFILES)('is sane for the profile %s', async (profile) => {
    const scenario = await scenarioOf(name, profile);
    expect(checkScenario(scenario)).toEqual([]);
    expect(JSON.parse(JSON.stringify(scenario))).toStrictEqual(scenario);
  });

  it('is sane for any rate, length, warm-up, catalogue, scarcity and share of bots', async () => {
    const inputs = fc.record({
      rate: fc.integer({ min: 1, max: 20_000 }),
      durationMs: fc.integer({ min: 1000, max: 300_000 }),
      warmupMs: fc.constantFrom(0, 50, 3000),
      skus: fc.integer({ min: 1, max: 300 }),
      hot: fc.integer({ min: 1, max: 5 }),
      ratio: fc.constantFrom(1, 2, 25, 1000),
      bots: fc.constantFrom(0, 0.4, 0.97),
      stages: fc.constantFrom(undefined, STAGES),
    });
    await fc.assert(
      fc.asyncProperty(inputs, async (asked) => {
        const profile = await profileNamed(
          'laptop',
          `load.rate=${asked.rate}/s`,
          `load.duration=${asked.durationMs}ms`,
          `load.warmup=${asked.warmupMs}ms`,
          `sale.skus=${asked.skus}`,
          `sale.hotSkus=${Math.min(asked.hot, asked.skus)}`,
          `sale.demandToStock=${asked.ratio}`,
          `sale.botShare=${asked.bots * 100}%`,
        );
        const { stages } = asked;
        const inputsOf = stages === undefined ? { profile, seed: 3 } : { profile, seed: 3, stages };
        const scenario = await buildScenario(name, inputsOf);
        expect(checkScenario(scenario)).toEqual([]);
        expect(measuredMs(scenario)).toBe(stages === undefined ? asked.durationMs : 5501);
        expect(await buildScenario(name, inputsOf)).toStrictEqual(scenario);
      }),
      { numRuns: 25, seed: 20_261_123 },
    );
  });

  it('takes the stages that take the place of its own phases', async () => {
    const profile = await profileNamed('ci');
    const { phases } = await buildScenario(name, { profile, seed: 1, stages: STAGES });
    expect(phases.map((phase) => phase.name)).toEqual(['warmup', 'stage-1', 'stage-2', 'stage-3']);
  });
});

describe('mixed-day', () => {
  it('follows one curve through four quarters, whose people change', async () => {
    const { phases } = await scenarioOf('mixed-day');
    expect(phases.map(({ name }) => name)).toEqual([
      'warmup',
      'night',
      'morning',
      'afternoon',
      'evening',
    ]);
    const [, night, , , evening] = phases;
    const sessions = [night, evening].map((phase) => expectedSessions(phase ? [phase] : []));
    const total = (index: number) => [...sessions[index]!.values()].reduce((a, b) => a + b, 0);
    expect(total(1)).toBeGreaterThan(2 * total(0));
    expect(sessions[0]!.get('buyer')! / total(0)).toBeLessThan(0.1);
    expect(sessions[1]!.get('buyer')! / total(1)).toBeGreaterThan(0.2);
    expect(sessions[1]!.get('double-clicker')).toBeGreaterThan(0);
  });
});

describe('restock', () => {
  it('puts a third of the units on sale when the second wave comes', async () => {
    const scenario = await scenarioOf('restock', 'large-embedded');
    const { restocks = [], hotItems, opensAtMs } = scenario.sale;
    expect(restocks.map(({ item }) => item)).toEqual(hotItems);
    for (const { atMs, item, units } of restocks) {
      expect(atMs).toBe(startOf(scenario, 'restock'));
      expect(atMs).toBeGreaterThan(opensAtMs);
      const all = units + scenario.catalogue[item]!.units;
      expect(Math.abs(units - all / 3)).toBeLessThanOrEqual(1);
    }
    expect(scenario.requiredGoals).toContain('restock_sold');
  });
});

describe('bot-attack', () => {
  it('has four bots in five arrivals, or more when the profile says so', async () => {
    for (const [share, set] of [
      [0.8, []],
      [0.97, ['sale.botShare=97%']],
    ] as const) {
      const { phases, populations } = await scenarioOf('bot-attack', 'laptop', ...set);
      const bots = populations.filter(({ bot }) => bot === true).map(({ name }) => name);
      expect(bots).toEqual(['bot', 'hoarder', 'scraper']);
      for (const { mix } of phases) {
        const all = Object.values(mix).reduce((sum, weight) => sum + weight, 0);
        const programs = bots.reduce((sum, name) => sum + (mix[name] ?? 0), 0);
        expect(programs / all).toBeCloseTo(share, 9);
      }
    }
  });

  it('lets hoarders hold what they may and never pay, and scrapers only read', async () => {
    const { journeys, sale } = await scenarioOf('bot-attack');
    const operations = (name: string) => {
      const { steps } = journeys.find((journey) => journey.name === name)!;
      return new Set(Object.values(steps).map(({ operation }) => operation));
    };
    expect(operations('hoard')).toEqual(new Set(['viewStock', 'checkout']));
    expect(operations('scrape')).toEqual(new Set(['search', 'viewProduct']));
    const hold = journeys.find(({ name }) => name === 'hoard')!.steps['hold'];
    expect(hold?.quantity).toBe(sale.perCustomer);
  });
});

describe.each([
  ['payment-brownout', 'brownout', 1 / 3, 2 / 3],
  ['retry-storm', 'stall', 0.3, 0.5],
])('%s', (name, phase, from, until) => {
  it('disturbs the payments exactly while its phase lasts', async () => {
    const scenario = await scenarioOf(name);
    const [disturbance, ...more] = scenario.disturbances ?? [];
    expect(more).toEqual([]);
    const atMs = startOf(scenario, phase);
    expect(disturbance).toMatchObject({ name: phase, atMs, untilMs: startOf(scenario, 'after') });
    expect(atMs).toBeCloseTo(3000 + 20_000 * from, -1);
    expect(startOf(scenario, 'after')).toBeCloseTo(3000 + 20_000 * until, -1);
    const profile = await profileNamed('laptop');
    const { latency } = profile.system.payment;
    expect(disturbance!.payment.latency.p50Ms).toBeGreaterThan(3 * latency.p50Ms);
  });

  it('has more of everything than anybody would buy', async () => {
    const scenario = await scenarioOf(name);
    const sessions = expectedSessions(scenario.phases);
    const bought = scenario.populations.reduce((sum, population) => {
      const journey = scenario.journeys.find((known) => known.name === population.journey)!;
      const units = expectedUnits(journey, 'checkout', 'all');
      return sum + (sessions.get(population.name) ?? 0) * units;
    }, 0);
    const units = scenario.catalogue.reduce((sum, item) => sum + item.units, 0);
    expect(units).toBeGreaterThan(bought * 1.2);
  });
});

describe('sold-out-tail', () => {
  it('is four times as scarce as the profile, and mostly tail', async () => {
    const scenario = await scenarioOf('sold-out-tail');
    expect(scenario.sale.demandToStock).toBe(100);
    const tail = scenario.phases.find(({ name }) => name === 'tail');
    expect(tail!.durationMs).toBeGreaterThan(0.7 * measuredMs(scenario));
    expect(tail!.mix['checker']).toBeGreaterThan(0.5);
  });
});
