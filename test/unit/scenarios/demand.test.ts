import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateCurve } from '../../../src/contract/rate-curve/create-curve.ts';
import type { Journey, RateShape, Transition } from '../../../src/contract/scenario.ts';
import {
  expectedArrivals,
  expectedSessions,
  expectedUnits,
  plannedDemand,
} from '../../../src/scenarios/demand.ts';

const now = { kind: 'constant', ms: 0 } as const;
const to = (step: string, rest: Partial<Transition> = {}): Transition => ({
  to: step,
  think: now,
  ...rest,
});

const rate = fc.double({ min: 0, max: 1000, noNaN: true });
const shape: fc.Arbitrary<RateShape> = fc.oneof(
  fc.record({ kind: fc.constant('constant' as const), perSec: rate }),
  fc.record({ kind: fc.constant('ramp' as const), fromPerSec: rate, toPerSec: rate }),
  fc.record({
    kind: fc.constant('drop' as const),
    basePerSec: rate,
    peakPerSec: rate,
    decayMs: fc.double({ min: 500, max: 20_000, noNaN: true }),
  }),
);

describe('expected arrivals', () => {
  it('are the integral of the rate', () => {
    fc.assert(
      fc.property(shape, fc.integer({ min: 1, max: 30_000 }), (curve, durationMs) => {
        const rates = createRateCurve(curve, durationMs);
        const slices = 2000;
        let sum = 0;
        for (let i = 0; i < slices; i++) {
          sum += rates.rateAt(((i + 0.5) * durationMs) / slices);
        }
        const integral = (sum / slices) * (durationMs / 1000);
        expect(expectedArrivals(curve, durationMs)).toBeCloseTo(integral, 1);
      }),
    );
  });

  it('are shared among populations by weight, whatever the weights add up to', () => {
    const phase = { durationMs: 10_000, measured: true };
    const sessions = expectedSessions([
      { ...phase, name: 'a', shape: { kind: 'constant', perSec: 10 }, mix: { x: 3, y: 1 } },
      { ...phase, name: 'b', shape: { kind: 'constant', perSec: 4 }, mix: { y: 0.5 } },
      { ...phase, name: 'c', shape: { kind: 'constant', perSec: 4 }, mix: { x: 0 } },
    ]);
    expect(Object.fromEntries(sessions)).toEqual({ x: 75, y: 65 });
  });
});

describe('expected units', () => {
  const journey: Journey = {
    name: 'j',
    start: 'look',
    maxSteps: 100,
    steps: {
      look: {
        operation: 'viewStock',
        item: 'wanted',
        quantity: 1,
        next: [
          to('look', { reasons: ['sale_upcoming'] }),
          to('end', { outcomes: ['failed'] }),
          to('hold', { reasons: ['in_stock'], probability: 0.5 }),
          to('look', { probability: 0.5 }),
        ],
      },
      hold: {
        operation: 'checkout',
        item: 'wanted',
        quantity: 2,
        next: [to('pay', { outcomes: ['ok'], probability: 0.75 })],
      },
      pay: { operation: 'order', item: 'wanted', quantity: 2, next: [to('hold')] },
    },
  };

  it('follow the chances of the rules that a success matches', () => {
    // Looking: buys with 1/2, looks again with 1/4: 1/2 ÷ (1 − 1/4) = 2/3 reach the checkout.
    expect(expectedUnits(journey, 'checkout', 'first')).toBeCloseTo((2 / 3) * 2, 6);
    expect(expectedUnits(journey, 'order', 'first')).toBeCloseTo((2 / 3) * 0.75 * 2, 6);
  });

  it('count repeated purchases when asked to', () => {
    // Each round trip succeeds with 3/4: 0.75 + 0.75² + … = 3.
    expect(expectedUnits(journey, 'order', 'all')).toBeCloseTo((2 / 3) * 3 * 2, 4);
  });

  it('end with the step limit', () => {
    expect(expectedUnits({ ...journey, maxSteps: 1 }, 'checkout', 'first')).toBe(0);
    expect(expectedUnits({ ...journey, maxSteps: 2 }, 'checkout', 'first')).toBe(1);
  });

  it('add up to the demand for hot and for other items', () => {
    const phase = { name: 'p', durationMs: 10_000, measured: true };
    const demand = plannedDemand({
      phases: [{ ...phase, shape: { kind: 'constant', perSec: 30 }, mix: { buyer: 1 } }],
      populations: [{ name: 'buyer', journey: 'j', hotShare: 0.8, accounts: { kind: 'own' } }],
      journeys: [journey],
      hotProbability: 0.1,
    });
    // 300 sessions; 80 % come for a hot item, and a tenth of the others draw one.
    expect(demand.hotUnits).toBeCloseTo(300 * 0.82 * (4 / 3), 2);
    expect(demand.otherUnits).toBeCloseTo(300 * 0.18 * 4, 2);
  });
});
