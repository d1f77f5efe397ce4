// The funnel presets: the mixes that were published, and journeys that make sense as purchases.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Journey } from '../../../src/contract/scenario.ts';
import { checkScenario } from '../../../src/scenarios/check-scenario.ts';
import { fitTransitions } from '../../../src/scenarios/funnels/fit-transitions.ts';
import { FUNNELS, findFunnel } from '../../../src/scenarios/funnels/registry.ts';
import { expectedVisits, stationaryMix } from '../../../src/scenarios/funnels/stationary-mix.ts';
import { smallScenario, step } from '../../support/small-scenario.ts';

const DURATIONS = [1000, 20_000, 3_600_000];
const think = { kind: 'constant', ms: 0 } as const;

function journeyOf(steps: Journey['steps'], maxSteps = 100_000): Journey {
  return { name: 'j', start: Object.keys(steps)[0] ?? '', maxSteps, steps };
}

describe('the expected visits of a journey', () => {
  it('are those of a geometric law for a page that is looked at again', () => {
    const steps = {
      home: step('home', 'product'),
      product: {
        operation: 'viewProduct',
        item: 'browsed',
        quantity: 1,
        next: [{ probability: 0.75, to: 'product', think }],
      },
    } as const;
    const visits = expectedVisits(journeyOf(steps));
    expect(visits.get('home')).toBe(1);
    expect(visits.get('product')).toBeCloseTo(4, 6);
    const mix = stationaryMix(journeyOf(steps));
    expect(mix.get('home')).toBeCloseTo(0.2, 6);
    expect([...mix.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('stop where the journey stops: at its longest length', () => {
    const again = { operation: 'home', item: 'browsed', quantity: 1 } as const;
    const steps = { home: { ...again, next: [{ to: 'home', think }] } };
    expect(expectedVisits(journeyOf(steps, 7)).get('home')).toBe(7);
  });

  it('follow rules in their order: each sees what the ones before it have left', () => {
    const rules = ['a', 'b', 'c'].map((to) => ({ probability: 0.5, to, think }));
    const leaf = { operation: 'home', item: 'browsed', quantity: 1, next: [] } as const;
    const steps = {
      start: { ...leaf, next: [{ outcomes: ['failed'], to: 'a', think } as const, ...rules] },
      a: leaf,
      b: leaf,
      c: leaf,
    };
    expect([...expectedVisits(journeyOf(steps)).values()]).toEqual([1, 0.5, 0.25, 0.125]);
  });
});

describe('fitted transitions', () => {
  it('find the one chain that a cycle with a known mix allows', () => {
    const fitted = fitTransitions({
      shares: { a: 4, b: 4, c: 2 },
      links: { a: ['b'], b: ['a', 'c'], c: ['a'] },
    });
    expect(fitted.get('a')?.get('b')).toBeCloseTo(1, 9);
    expect(fitted.get('b')?.get('a')).toBeCloseTo(0.5, 7);
    expect(fitted.get('b')?.get('c')).toBeCloseTo(0.5, 7);
  });

  it('keep any mix stationary where every page leads to every other', () => {
    const shares = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(shares, (values) => {
        const pages = values.map((_, index) => `p${index}`);
        const total = values.reduce((sum, value) => sum + value, 0);
        const fitted = fitTransitions({
          shares: Object.fromEntries(pages.map((page, index) => [page, values[index] ?? 0])),
          links: Object.fromEntries(pages.map((page) => [page, pages])),
        });
        for (const [to, page] of pages.entries()) {
          const inflow = pages.reduce(
            (sum, from, index) =>
              sum + ((values[index] ?? 0) / total) * (fitted.get(from)?.get(page) ?? 0),
            0,
          );
          expect(inflow).toBeCloseTo((values[to] ?? 0) / total, 7);
        }
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  it('refuse a mix that the links cannot carry', () => {
    // All that leaves a reaches b, so b cannot be the rarer one.
    const graph = { shares: { a: 2, b: 1 }, links: { a: ['b'], b: ['a'] } };
    expect(() => fitTransitions(graph)).toThrow('cannot carry');
  });
});

describe.each(FUNNELS.map((funnel) => [funnel.name, funnel] as const))('%s', (_, funnel) => {
  it.each(DURATIONS)('has the published figures within half a point (%i ms)', (durationMs) => {
    const figures = funnel.figures(expectedVisits(funnel.journey(durationMs)));
    expect([...figures.keys()]).toEqual(Object.keys(funnel.published));
    for (const [what, percent] of figures) {
      expect(Math.abs(percent - (funnel.published[what] ?? 0)), what).toBeLessThan(0.5);
    }
  });

  it.each(DURATIONS)('is sane (%i ms)', (durationMs) => {
    const journey = funnel.journey(durationMs);
    const accounts = { kind: 'own' } as const;
    const population = { name: 'shopper', journey: journey.name, hotShare: 0.1, accounts };
    const scenario = smallScenario({ journeys: [journey], populations: [population] });
    expect(checkScenario(scenario)).toEqual([]);
  });

  it('orders only what was checked out, and checks out no cart that nothing was put into', () => {
    const journey = funnel.journey(20_000);
    const requires = (wanted: string, needed: string): void => {
      const seen = new Set([journey.start]);
      for (const name of seen) {
        const current = journey.steps[name];
        if (current === undefined || current.operation === needed) continue;
        expect([name, current.operation]).not.toEqual([name, wanted]);
        for (const { to } of current.next) seen.add(to);
      }
    };
    const steps = Object.values(journey.steps);
    requires('order', 'checkout');
    requires('orderStatus', 'order');
    const usesCart = steps.some(({ operation, direct }) => operation === 'checkout' && !direct);
    if (usesCart) requires('checkout', 'addToCart');
  });
});

describe('TPC-W', () => {
  it('splits looking and ordering pages as the specification says: 95:5, 80:20, 50:50', () => {
    const ordering = [
      'shopping-cart',
      'registration',
      'buy-request',
      'buy-confirm',
      'order-inquiry',
      'order-display',
      'admin-request',
      'admin-confirm',
    ];
    const shares = ['tpcw-browsing', 'tpcw-shopping', 'tpcw-ordering'].map((name) => {
      const funnel = findFunnel(name);
      const figures = funnel.figures(expectedVisits(funnel.journey(20_000)));
      return ordering.reduce((sum, page) => sum + (figures.get(page) ?? 0), 0);
    });
    expect(Math.abs((shares[0] ?? 0) - 5)).toBeLessThan(1);
    expect(Math.abs((shares[1] ?? 0) - 20)).toBeLessThan(1);
    expect(Math.abs((shares[2] ?? 0) - 50)).toBeLessThan(1);
  });

  it('thinks seven seconds in a long run and less in a short one', () => {
    const meanOf = (durationMs: number): unknown =>
      findFunnel('tpcw-shopping').journey(durationMs).steps['home']?.next[0]?.think;
    expect(meanOf(3_600_000)).toEqual({ kind: 'exponential', meanMs: 7000, capMs: 70_000 });
    expect(meanOf(20_000)).toEqual({ kind: 'exponential', meanMs: 200, capMs: 2000 });
  });
});

describe('the registry of funnels', () => {
  it('offers the nearest name for one it does not know', () => {
    expect(() => findFunnel('tpcw-shoping')).toThrow(/did you mean "tpcw-shopping"\?/);
  });
});
