/** What the generator is calibrated with: a journey of six steps, as fast as it goes or at a rate. */
import type { Distribution } from '../base/distributions.ts';
import type { OperationName } from '../contract/operation.ts';
import type { JourneyStep, LoadModel, Scenario } from '../contract/scenario.ts';

const STEPS: readonly OperationName[] = [
  ...(['home', 'viewProduct', 'viewStock', 'addToCart', 'checkout', 'order'] as const),
];
/** Enough to keep every connection busy, so few that nothing piles up. */
const SATURATING_USERS = 128;
const ACCOUNTS = 5000;
const ITEMS = 200;
const WARM_UP_MS = 1000;
const NONE: Distribution = { kind: 'constant', ms: 0 };
/** Short, so that few sessions are live; sessions that think cost next to nothing. */
const THINK: Distribution = { kind: 'uniform', minMs: 1, maxMs: 20 };

/** Without an upper bound: virtual users that neither think nor pause. */
export function saturatingLoad(measuredMs: number): Scenario {
  return scenarioOf({
    model: { kind: 'closed', pauseBetween: NONE },
    perSec: SATURATING_USERS,
    think: NONE,
    measuredMs,
  });
}

/** So many requests per second, in journeys that arrive whatever happens. */
export function loadAt(requestsPerSec: number, measuredMs: number): Scenario {
  const perSec = requestsPerSec / STEPS.length;
  return scenarioOf({ model: { kind: 'open' }, perSec, think: THINK, measuredMs });
}

function scenarioOf(load: {
  readonly model: LoadModel;
  readonly perSec: number;
  readonly think: Distribution;
  readonly measuredMs: number;
}): Scenario {
  const { model, perSec, think, measuredMs } = load;
  const shape = { kind: 'constant', perSec } as const;
  const mix = { shopper: 1 };
  return {
    name: 'calibration',
    title: 'Calibration of the generator',
    model,
    seed: 1,
    currency: 'EUR',
    catalogue: Array.from({ length: ITEMS }, (_, index) => ({
      sku: `sku-${index}`,
      title: 'A thing',
      description: '',
      category: 'things',
      attributes: {},
      priceMinor: 1999,
      units: 1,
    })),
    zipfExponent: 0.99,
    phases: [
      { name: 'warmup', durationMs: WARM_UP_MS, shape, measured: false, mix },
      { name: 'steady', durationMs: measuredMs, shape, measured: true, mix },
    ],
    populations: [
      {
        name: 'shopper',
        journey: 'buy',
        hotShare: 0.5,
        accounts: { kind: 'pool', size: ACCOUNTS },
      },
    ],
    journeys: [
      {
        name: 'buy',
        start: 'home',
        maxSteps: STEPS.length,
        steps: Object.fromEntries(STEPS.map((name, index) => [name, stepOf(index, think)])),
      },
    ],
    sale: { opensAtMs: 0, closesAtMs: null, hotItems: [0], demandToStock: 1, perCustomer: 2 },
    probes: { duplicate: 0, replay: 0, changed: 0 },
    requiredGoals: [],
  };
}

function stepOf(index: number, think: Distribution): JourneyStep {
  const to = STEPS[index + 1] ?? 'end';
  // Half of the steps follow at once.
  const next = [{ to, think: index % 2 === 0 ? think : NONE }];
  return { operation: STEPS[index] ?? 'home', item: 'wanted', quantity: 1, next };
}
