// Rules compiled to masks choose exactly what the scenario's words say.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Prng } from '../../../src/base/prng.ts';
import {
  OUTCOME_CODE,
  OUTCOMES,
  type Outcome,
  REASON_CODE,
  REASONS,
  type Reason,
} from '../../../src/contract/outcome.ts';
import type { Journey, Transition } from '../../../src/contract/scenario.ts';
import { END, JourneyTable } from '../../../src/engine/journey-table.ts';
import { BUY, LOOK } from '../../support/small-scenario.ts';

const think = { kind: 'constant', ms: 3 } as const;
const population = (journey: string) => ({
  name: journey,
  journey,
  hotShare: 0,
  accounts: { kind: 'own' } as const,
});

function tableOf(next: readonly Transition[]): JourneyTable {
  const here = { operation: 'home', item: 'wanted', quantity: 1, next } as const;
  const there = { ...here, next: [] };
  const journey: Journey = { name: 'j', start: 'here', maxSteps: 5, steps: { here, there } };
  return new JourneyTable({ journeys: [journey], populations: [population('j')] });
}

/** The words of the contract, read literally. */
function literally(
  rules: readonly Transition[],
  outcome: Outcome,
  reason: Reason,
): Transition | undefined {
  return rules.find(
    (rule) =>
      (rule.outcomes?.includes(outcome) ?? true) && (rule.reasons?.includes(reason) ?? true),
  );
}

const rule: fc.Arbitrary<Transition> = fc.record(
  {
    outcomes: fc.subarray([...OUTCOMES]),
    reasons: fc.subarray([...REASONS]),
    to: fc.constantFrom('here', 'there', 'end'),
    think: fc.nat({ max: 1000 }).map((ms) => ({ kind: 'constant' as const, ms })),
  },
  { requiredKeys: ['to', 'think'] },
);

test('the first rule that matches wins, for every outcome and reason', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 4 }),
      fc.constantFrom(...OUTCOMES),
      fc.constantFrom(...REASONS),
      (rules, outcome, reason) => {
        const table = tableOf(rules);
        const prng = new Prng(1);
        const chosen = table.choose(0, OUTCOME_CODE[outcome], REASON_CODE[reason], prng);
        const expected = literally(rules, outcome, reason);
        expect(chosen?.think).toEqual(expected?.think);
        const number = { here: 0, there: 1, end: END }[expected?.to ?? ''];
        expect(chosen?.to).toBe(number);
        if (chosen === undefined || expected?.think.kind !== 'constant') return;
        expect(table.thinkUs(chosen, prng)).toBe(expected.think.ms * 1000);
      },
    ),
    { numRuns: 2000, seed: 5 },
  );
});

test('a rule with a chance is taken by that chance, else the next one is tried', () => {
  const table = tableOf([
    { probability: 0.3, to: 'there', think },
    { probability: 0.5, to: 'end', think },
  ]);
  const prng = new Prng(9);
  const taken = { there: 0, end: 0, none: 0 };
  const draws = 20_000;
  for (let i = 0; i < draws; i++) {
    const chosen = table.choose(0, 0, 0, prng);
    taken[chosen === undefined ? 'none' : chosen.to === END ? 'end' : 'there']++;
  }
  expect(taken.there / draws).toBeCloseTo(0.3, 1);
  expect(taken.end / draws).toBeCloseTo(0.35, 1);
  expect(taken.none / draws).toBeCloseTo(0.35, 1);
});

describe('several journeys', () => {
  const table = new JourneyTable({
    journeys: [BUY, LOOK],
    populations: [population('look'), population('buy')],
  });

  test('each population starts on the first step of its own', () => {
    expect(table.startOf[0]).toBe(4);
    expect(table.startOf[1]).toBe(0);
    expect(table.steps[table.startOf[0] ?? -1]?.operation).toBe('home');
  });

  test('rules lead to steps of the same journey', () => {
    const prng = new Prng(1);
    expect(table.choose(0, OUTCOME_CODE.ok, 0, prng)?.to).toBe(1);
    expect(table.choose(4, OUTCOME_CODE.ok, 0, prng)?.to).toBe(END);
  });

  test('the operations that can be asked for are known', () => {
    expect([...table.operations].sort()).toEqual(['checkout', 'home', 'order', 'viewStock']);
  });
});

describe('a name that is not there is said, with the nearest one', () => {
  test('a journey', () => {
    expect(() => new JourneyTable({ journeys: [BUY], populations: [population('buuy')] })).toThrow(
      /no journey "buuy" \(did you mean "buy"\?\)/,
    );
  });

  test('a step', () => {
    expect(() => tableOf([{ to: 'thare', think }])).toThrow(
      /no step of journey "j" "thare" \(did you mean "there"\?\)/,
    );
  });
});
