import { beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from '../../../src/contract/scenario.ts';
import { checkScenario } from '../../../src/scenarios/check-scenario.ts';
import { buildScenario } from '../../../src/scenarios/registry.ts';
import { profileNamed } from './profiles.ts';

/** A scenario whose fields can be spoilt. */
type Draft<T> = T extends (infer Item)[]
  ? Draft<Item>[]
  : T extends readonly (infer Item)[]
    ? Draft<Item>[]
    : T extends object
      ? { -readonly [Key in keyof T]: Draft<T[Key]> }
      : T;

let sound: Scenario;
beforeAll(async () => {
  sound = await buildScenario('flash-sale', { profile: await profileNamed('ci'), seed: 1 });
});

function problemsAfter(spoil: (draft: Draft<Scenario>) => void): string[] {
  const draft = structuredClone(sound) as Draft<Scenario>;
  spoil(draft);
  return checkScenario(draft as Scenario);
}

const shopper = (draft: Draft<Scenario>) => draft.journeys[0]!;
const think = { kind: 'constant', ms: 0 } as const;
const DISTURBANCE = {
  name: 'brownout',
  atMs: 100,
  untilMs: 200,
  payment: { latency: { p50Ms: 100, p99Ms: 200 }, declined: 0.1, lostAnswers: 0 },
};

describe('a sound scenario', () => {
  it('has no problems', () => {
    expect(checkScenario(sound)).toEqual([]);
  });
});

describe('a spoilt scenario', () => {
  it.each<[string, (draft: Draft<Scenario>) => void, RegExp]>([
    [
      'no items',
      (s) => {
        s.catalogue = [];
        s.sale.hotItems = [];
      },
      /catalogue: has no items/,
    ],
    [
      'a restock after the end',
      (s) => {
        s.sale.restocks = [{ atMs: 3_600_000, item: 0, units: 1 }];
      },
      /sale\.restocks\[0\]: at 3600000 ms, which is not within the \d+ ms of the load/,
    ],
    [
      'a restock of nothing that is there',
      (s) => {
        s.sale.restocks = [{ atMs: 10, item: 5000, units: 1 }];
      },
      /sale\.restocks\[0\]: there is no item 5000/,
    ],
    [
      'a price change of nothing that is there',
      (s) => {
        s.sale.priceChanges = [{ atMs: 10, item: 5000, factor: 1 }];
      },
      /sale\.prices\[0\]: there is no item 5000/,
    ],
    [
      'a price below nothing',
      (s) => {
        s.sale.priceChanges = [{ atMs: 10, item: 0, factor: -0.1 }];
      },
      /sale\.prices\[0\]: -0\.1 times the first price is not from 0 to 100 times/,
    ],
    [
      'a price change after the end',
      (s) => {
        s.sale.priceChanges = [{ atMs: 3_600_000, item: 0, factor: 1 }];
      },
      /sale\.prices\[0\]: at 3600000 ms, which is not within the \d+ ms of the load/,
    ],
    [
      'a restock of half a unit',
      (s) => {
        s.sale.restocks = [{ atMs: 10, item: 0, units: 0.5 }];
      },
      /sale\.restocks\[0\]: 0\.5 is not a number of units/,
    ],
    [
      'more messages forged than there are',
      (s) => {
        const delay = { p50Ms: 10, p99Ms: 20 };
        const shares = { lost: 0, late: 0, duplicated: 0, early: 0, replayed: 0, forged: 1.5 };
        const payment = { ...DISTURBANCE.payment, callbacks: { delay, lateMs: 10, ...shares } };
        s.disturbances = [{ ...DISTURBANCE, payment }];
      },
      /disturbances\[0\]\.payment\.callbacks\.forged: 1\.5 is not a share/,
    ],
    [
      'a disturbance that goes back in time',
      (s) => {
        s.disturbances = [{ ...DISTURBANCE, atMs: 2000, untilMs: 1000 }];
      },
      /disturbances\[0\]: 2000 to 1000 ms is no span/,
    ],
    [
      'two disturbances at once',
      (s) => {
        s.disturbances = [DISTURBANCE, { ...DISTURBANCE, atMs: 150 }];
      },
      /disturbances\[1\]: begins before the one before it has ended/,
    ],
    [
      'a disturbance without a name',
      (s) => {
        s.disturbances = [{ ...DISTURBANCE, name: ' ' }];
      },
      /disturbances\[0\]: has no name/,
    ],
    [
      'payments that take no time',
      (s) => {
        const payment = { ...DISTURBANCE.payment, latency: { p50Ms: 0, p99Ms: 0 } };
        s.disturbances = [{ ...DISTURBANCE, payment }];
      },
      /disturbances\[0\]\.payment\.latency: 0 to 0 ms/,
    ],
    [
      'more declines than payments',
      (s) => {
        s.disturbances = [{ ...DISTURBANCE, payment: { ...DISTURBANCE.payment, declined: 2 } }];
      },
      /payment\.declined: 2 is not a share/,
    ],
    [
      'one SKU twice',
      (s) => {
        s.catalogue[1]!.sku = s.catalogue[0]!.sku;
      },
      /SKU "sku-0001" is there twice/,
    ],
    [
      'half a unit',
      (s) => {
        s.catalogue[3]!.units = 0.5;
      },
      /sku-0004: units 0\.5/,
    ],
    [
      'a broken price',
      (s) => {
        s.catalogue[3]!.priceMinor = 0.1 + 0.2;
      },
      /sku-0004: price 0\.3/,
    ],
    [
      'a seed that is no number',
      (s) => {
        s.seed = Number.NaN;
      },
      /seed/,
    ],
    [
      'a hot item that is not there',
      (s) => {
        s.sale.hotItems = [5000];
      },
      /no item 5000/,
    ],
    [
      'a hot item twice',
      (s) => {
        s.sale.hotItems = [1, 1];
      },
      /item 1 is there twice/,
    ],
    [
      'no hot items to want',
      (s) => {
        s.sale.hotItems = [];
      },
      /hotShare 0\.8, but the sale has no hot/,
    ],
    [
      'an opening that never comes',
      (s) => {
        s.sale.opensAtMs = Number.POSITIVE_INFINITY;
      },
      /opensAtMs/,
    ],
    [
      'an end before the start',
      (s) => {
        s.sale.closesAtMs = s.sale.opensAtMs;
      },
      /closes before it opens/,
    ],
    [
      'a purchase limit of 0',
      (s) => {
        s.sale.perCustomer = 0;
      },
      /perCustomer/,
    ],
    [
      'no phases',
      (s) => {
        s.phases = [];
      },
      /phases: there are none/,
    ],
    [
      'a phase twice',
      (s) => {
        s.phases[1]!.name = 'drop';
      },
      /phases\.drop\.name: "drop" is there twice/,
    ],
    [
      'a phase without length',
      (s) => {
        s.phases[1]!.durationMs = 0;
      },
      /phases\.presale\.duration: lasts 0 ms/,
    ],
    [
      'a negative rate',
      (s) => {
        s.phases[1]!.shape = { kind: 'constant', perSec: -1 };
      },
      /presale\.shape: rate -1/,
    ],
    [
      'an absurd rate',
      (s) => {
        s.phases[1]!.shape = { kind: 'ramp', fromPerSec: 0, toPerSec: 1e12 };
      },
      /rate 1000000000000/,
    ],
    [
      'a drop that does not decay',
      (s) => {
        s.phases[2]!.shape = { kind: 'drop', basePerSec: 1, peakPerSec: 2, decayMs: 0 };
      },
      /decay of 0 ms/,
    ],
    [
      'a replay that goes back in time',
      (s) => {
        const points = [0, 300, 200].map((atMs) => ({ atMs, perSec: 1 }));
        s.phases[1]!.shape = { kind: 'replay', points };
      },
      /presale\.shape: point 3 goes back in time, from 300 ms to 200 ms/,
    ],
    [
      'steps longer than their phase',
      (s) => {
        s.phases[1]!.shape = { kind: 'steps', steps: [{ durationMs: 1e9, perSec: 1 }] };
      },
      /presale\.shape: the curve ends at 1000000000 ms, after its phase/,
    ],
    [
      'a population nobody knows',
      (s) => {
        s.phases[1]!.mix = { shoper: 1 };
      },
      /"shoper" \(did you mean "shopper"/,
    ],
    [
      'a negative weight',
      (s) => {
        s.phases[1]!.mix['bot'] = -1;
      },
      /weight -1 of "bot"/,
    ],
    [
      'nobody',
      (s) => {
        s.phases[1]!.mix = { bot: 0 };
      },
      /nobody arrives/,
    ],
    [
      'a population twice',
      (s) => {
        s.populations[1]!.name = 'shopper';
      },
      /"shopper" is there twice/,
    ],
    [
      'a journey nobody knows',
      (s) => {
        s.populations[2]!.journey = 'scalpp';
      },
      /"scalpp" \(did you mean "scalp"/,
    ],
    [
      'a share above one',
      (s) => {
        s.populations[0]!.hotShare = 1.1;
      },
      /hotShare 1\.1/,
    ],
    [
      'an empty pool',
      (s) => {
        s.populations[2]!.accounts = { kind: 'pool', size: 0 };
      },
      /pool of 0 accounts/,
    ],
    [
      'a probe share above one',
      (s) => {
        s.probes.replay = 2;
      },
      /probes\.replay: 2/,
    ],
    [
      'a journey twice',
      (s) => {
        s.journeys[1]!.name = 'scalp';
      },
      /journeys: "scalp" is there twice/,
    ],
    [
      'no room for a step',
      (s) => {
        shopper(s).maxSteps = 0;
      },
      /maxSteps: 0 is not/,
    ],
    [
      'endless steps',
      (s) => {
        shopper(s).maxSteps = 1e9;
      },
      /maxSteps: 1000000000/,
    ],
    [
      'a start that is not there',
      (s) => {
        shopper(s).start = 'hom';
      },
      /no step "hom" \(did you mean "home"/,
    ],
    [
      'a rule to nowhere',
      (s) => {
        shopper(s).steps['cart']!.next[0]!.to = 'chekout';
      },
      /cart\.next\[0\]\.\w+: no step "chekout" \(did you mean "checkout"/,
    ],
    [
      'a probability above one',
      (s) => {
        shopper(s).steps['cart']!.next[0]!.probability = 1.5;
      },
      /probability 1\.5/,
    ],
    [
      'an unknown outcome',
      (s) => {
        shopper(s).steps['cart']!.next[0]!.outcomes = ['okay' as 'ok'];
      },
      /no outcome "okay"/,
    ],
    [
      'an unknown reason',
      (s) => {
        shopper(s).steps['cart']!.next[0]!.reasons = ['soldout' as 'sold_out'];
      },
      /no reason "soldout" \(did you mean "sold_out"/,
    ],
    [
      'an unknown operation',
      (s) => {
        shopper(s).steps['cart']!.operation = 'addCart' as 'addToCart';
      },
      /no operation "addCart" \(did you mean "addToCart"/,
    ],
    [
      'a probe as a step',
      (s) => {
        shopper(s).steps['status']!.operation = 'orderReplay';
      },
      /is a probe/,
    ],
    [
      'a purchase of something drawn anew',
      (s) => {
        shopper(s).steps['order']!.item = 'browsed';
      },
      /"order" must be about the wanted item/,
    ],
    [
      'a quantity of zero',
      (s) => {
        shopper(s).steps['order']!.quantity = 0;
      },
      /quantity 0/,
    ],
    [
      'a step nothing leads to',
      (s) => {
        shopper(s).steps['island'] = { operation: 'home', item: 'browsed', quantity: 1, next: [] };
      },
      /island: can never be reached/,
    ],
    [
      'a step called end',
      (s) => {
        shopper(s).steps['end'] = { operation: 'home', item: 'browsed', quantity: 1, next: [] };
      },
      /no step may be called "end"/,
    ],
    [
      'a loop without a way out',
      (s) => {
        shopper(s).steps['home']!.next = [{ to: 'home', think }];
      },
      /home: no way leads to an end/,
    ],
    [
      'a cart that fills and fills',
      (s) => {
        shopper(s).steps['checkout']!.next.push({ to: 'cart', think });
      },
      /cart: adds to the cart again/,
    ],
    [
      'time that runs backwards',
      (s) => {
        shopper(s).steps['home']!.next[0]!.think = { kind: 'uniform', minMs: 9, maxMs: 1 };
      },
      /home\.next\[0\]\.\w+: impossible think time/,
    ],
    [
      'an impossible spread',
      (s) => {
        shopper(s).steps['home']!.next[0]!.think = { kind: 'lognormal', p50Ms: 9, p99Ms: 1 };
      },
      /impossible think time/,
    ],
    [
      'a negative pause',
      (s) => {
        shopper(s).steps['home']!.next[0]!.think = { kind: 'exponential', meanMs: -1 };
      },
      /impossible think time/,
    ],
  ])('with %s is told so', (_, spoil, message) => {
    expect(problemsAfter(spoil)).toContainEqual(expect.stringMatching(message));
  });

  it('gets every problem at once', () => {
    const problems = problemsAfter((draft) => {
      draft.seed = 0.5;
      draft.sale.perCustomer = 0;
      draft.phases[0]!.durationMs = -1;
    });
    expect(problems).toHaveLength(3);
  });
});
