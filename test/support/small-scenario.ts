// A scenario small enough to reason about: one journey, one or two populations, short phases.
import type { Journey, JourneyStep, Phase, Scenario } from '../../src/contract/scenario.ts';

const NO_THINK = { kind: 'constant', ms: 0 } as const;

export function step(operation: JourneyStep['operation'], to: string, thinkMs = 0): JourneyStep {
  const think = thinkMs === 0 ? NO_THINK : ({ kind: 'constant', ms: thinkMs } as const);
  return { operation, item: 'wanted', quantity: 1, next: [{ outcomes: ['ok'], to, think }] };
}

export const BUY: Journey = {
  name: 'buy',
  start: 'home',
  maxSteps: 20,
  steps: {
    home: step('home', 'look', 100),
    look: step('viewStock', 'checkout', 50),
    checkout: step('checkout', 'order', 20),
    order: step('order', 'end'),
  },
};

export const LOOK: Journey = {
  name: 'look',
  start: 'home',
  maxSteps: 20,
  steps: { home: step('home', 'end') },
};

export function phase(name: string, durationMs: number, perSec: number, measured = true): Phase {
  return {
    name,
    durationMs,
    shape: { kind: 'constant', perSec },
    measured,
    mix: { shopper: 1 },
  };
}

export function smallScenario(changes: Partial<Scenario> = {}): Scenario {
  return {
    name: 'small',
    title: 'Small',
    seed: 42,
    currency: 'EUR',
    catalogue: Array.from({ length: 20 }, (_, index) => ({
      sku: `sku-${index}`,
      title: 'A thing',
      description: '',
      category: 'things',
      attributes: {},
      priceMinor: 100,
      units: 10,
    })),
    zipfExponent: 0.99,
    phases: [phase('steady', 5000, 50)],
    populations: [{ name: 'shopper', journey: 'buy', hotShare: 0.5, accounts: { kind: 'own' } }],
    journeys: [BUY, LOOK],
    sale: { opensAtMs: 0, closesAtMs: null, hotItems: [0], demandToStock: 1, perCustomer: 2 },
    probes: { duplicate: 0, replay: 0, changed: 0 },
    requiredGoals: [],
    ...changes,
  };
}
