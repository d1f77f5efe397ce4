/** The built-in scenarios by name; each loads only when it is built. */
import { EcomsimError } from '../base/errors.ts';
import { suggestion } from '../base/nearest-name.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { ScenarioInputs } from './inputs.ts';

export interface ScenarioDescription {
  readonly name: string;
  /** One line for `ecomsim list`. */
  readonly description: string;
}

interface Entry extends ScenarioDescription {
  readonly build: (inputs: ScenarioInputs) => Promise<Scenario>;
}

const SCENARIOS: readonly Entry[] = [
  {
    name: 'flash-sale',
    description:
      'Refreshing before the opening, the drop at T0, the sold-out tail; shoppers, refreshers, bots',
    build: async (inputs) => {
      const { buildFlashSale } = await import('./flash-sale.ts');
      return buildFlashSale(inputs);
    },
  },
  {
    name: 'steady-browse',
    description: 'A constant rate: most visitors look around, one in twenty comes to buy',
    build: async (inputs) => {
      const { buildSteadyBrowse } = await import('./steady-browse.ts');
      return buildSteadyBrowse(inputs);
    },
  },
  {
    name: 'ramp',
    description: 'From hardly anybody to the rate in a straight line; more than half come to buy',
    build: async (inputs) => {
      const { buildRamp } = await import('./ramp.ts');
      return buildRamp(inputs);
    },
  },
  {
    name: 'spike',
    description: 'Everyday traffic, five times as much from one instant to the next, and back',
    build: async (inputs) => {
      const { buildSpike } = await import('./spike.ts');
      return buildSpike(inputs);
    },
  },
  {
    name: 'soak',
    description: 'Half the rate for as long as you like, e.g. -d 30m: what creeps up over time',
    build: async (inputs) => {
      const { buildSoak } = await import('./soak.ts');
      return buildSoak(inputs);
    },
  },
  {
    name: 'mixed-day',
    description:
      'A day in one run: night to evening, two campaigns; TPC-W browsing, shopping and ordering mixes',
    build: async (inputs) => {
      const { buildMixedDay } = await import('./mixed-day.ts');
      return buildMixedDay(inputs);
    },
  },
  {
    name: 'restock',
    description:
      'A sale that sells out, and a second wave when units come back in the middle of the run',
    build: async (inputs) => {
      const { buildRestock } = await import('./restock.ts');
      return buildRestock(inputs);
    },
  },
  {
    name: 'retry-storm',
    description:
      'Payments stall for a fifth of the time and clients retry at once: attempts per intent, recovery',
    build: async (inputs) => {
      const { buildRetryStorm } = await import('./retry-storm.ts');
      return buildRetryStorm(inputs);
    },
  },
  {
    name: 'bot-attack',
    description:
      'A flash sale of which four in five arrivals are scalpers, cart hoarders and scrapers',
    build: async (inputs) => {
      const { buildBotAttack } = await import('./bot-attack.ts');
      return buildBotAttack(inputs);
    },
  },
  {
    name: 'payment-brownout',
    description: 'Payments slow, declined and unanswered for the middle third of everyday traffic',
    build: async (inputs) => {
      const { buildPaymentBrownout } = await import('./payment-brownout.ts');
      return buildPaymentBrownout(inputs);
    },
  },
  {
    name: 'sold-out-tail',
    description: 'Gone within seconds of the opening; then a long tail of people who keep asking',
    build: async (inputs) => {
      const { buildSoldOutTail } = await import('./sold-out-tail.ts');
      return buildSoldOutTail(inputs);
    },
  },
];

export const scenarioNames: readonly string[] = SCENARIOS.map((entry) => entry.name);

/** Throws EcomsimError UNKNOWN_NAME with the nearest name. */
export function describeScenario(name: string): ScenarioDescription {
  const { description } = entryOf(name);
  return { name, description };
}

/** A pure function of its inputs. Throws EcomsimError UNKNOWN_NAME. */
export async function buildScenario(name: string, inputs: ScenarioInputs): Promise<Scenario> {
  const { build } = entryOf(name);
  if (inputs.users === undefined) return build(inputs);
  const { buildClosed } = await import('./closed-model.ts');
  return buildClosed(build, inputs, inputs.users);
}

function entryOf(name: string): Entry {
  const entry = SCENARIOS.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  throw new EcomsimError(
    'UNKNOWN_NAME',
    `there is no scenario "${name}"${suggestion(name, scenarioNames)}; ` +
      `known: ${scenarioNames.join(', ')}`,
  );
}
