// What shoppers do on a target that lacks some operations, against walking the original journey
// and looking away at those operations.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OperationName } from '../../src/contract/operation.ts';
import type { Outcome, Reason } from '../../src/contract/outcome.ts';
import type { Journey, JourneyStep, Scenario } from '../../src/contract/scenario.ts';
import { operationsOf, passOver } from '../../src/scenarios/pass-over.ts';
import { BUY, smallScenario } from '../support/small-scenario.ts';

const OPERATIONS = ['home', 'search', 'viewProduct', 'viewStock', 'checkout', 'order'] as const;
const STEPS = ['a', 'b', 'c', 'd', 'e'];
const NO_THINK = { kind: 'constant', ms: 0 } as const;
const DEPTH = 3;

interface Answer {
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly chance: number;
}

const ANSWERS: readonly Answer[] = [
  { outcome: 'ok', reason: 'none', chance: 0.5 },
  { outcome: 'ok', reason: 'in_stock', chance: 0.2 },
  { outcome: 'refused', reason: 'sold_out', chance: 0.3 },
];

const rule = fc.record({
  to: fc.constantFrom(...STEPS, 'end'),
  probability: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  matches: fc.constantFrom('any', 'ok', 'refused', 'in_stock'),
});

const journeys = fc
  .record({
    operations: fc.array(fc.constantFrom(...OPERATIONS), { minLength: 5, maxLength: 5 }),
    rules: fc.array(fc.array(rule, { maxLength: 4 }), { minLength: 5, maxLength: 5 }),
  })
  .map(({ operations, rules }): Journey => {
    const steps = STEPS.map((name, index): [string, JourneyStep] => [
      name,
      {
        operation: operations[index] as OperationName,
        item: 'wanted',
        quantity: 1,
        next: (rules[index] ?? []).map(({ to, probability, matches }) => ({
          to,
          probability,
          think: NO_THINK,
          ...(matches === 'ok' && { outcomes: ['ok'] as const }),
          ...(matches === 'refused' && { outcomes: ['refused'] as const }),
          ...(matches === 'in_stock' && { reasons: ['in_stock'] as const }),
        })),
      },
    ]);
    return { name: 'j', start: 'a', maxSteps: 1000, steps: Object.fromEntries(steps) };
  });

/** Chances of what follows a step that was answered in one way. */
function following(step: JourneyStep, { outcome, reason }: Answer): Map<string, number> {
  const chances = new Map<string, number>();
  let untried = 1;
  for (const { outcomes, reasons, probability = 1, to } of step.next) {
    if (outcomes !== undefined && !outcomes.includes(outcome)) continue;
    if (reasons !== undefined && !reasons.includes(reason)) continue;
    chances.set(to, (chances.get(to) ?? 0) + untried * probability);
    untried *= 1 - probability;
  }
  chances.set('end', (chances.get('end') ?? 0) + untried);
  return chances;
}

/** Step by step until nobody is on a hidden step any more, or what is left does not count. */
function nextVisible(
  journey: Journey,
  from: Map<string, number>,
  isHidden: (operation: OperationName) => boolean,
): Map<string, number> {
  const arrived = new Map<string, number>();
  let walking = from;
  for (let i = 0; i < 2000 && walking.size > 0; i++) {
    const onward = new Map<string, number>();
    for (const [name, mass] of walking) {
      const step = journey.steps[name];
      if (step === undefined || !isHidden(step.operation)) {
        arrived.set(name, (arrived.get(name) ?? 0) + mass);
        continue;
      }
      const reason = step.operation === 'viewStock' ? 'in_stock' : 'none';
      for (const [to, chance] of following(step, { outcome: 'ok', reason, chance: 1 })) {
        if (mass * chance > 1e-13) onward.set(to, (onward.get(to) ?? 0) + mass * chance);
      }
    }
    walking = onward;
  }
  return arrived;
}

/** Chance of every beginning of a session, as the operations that a target would see. */
function sessionsOf(
  parts: readonly { readonly journey: Journey; readonly share: number }[],
  hidden: ReadonlySet<OperationName>,
): Map<string, number> {
  const seen = new Map<string, number>();
  const isHidden = (operation: OperationName): boolean => hidden.has(operation);
  const visit = (journey: Journey, at: Map<string, number>, path: string, depth: number): void => {
    for (const [name, mass] of at) {
      const step = journey.steps[name];
      const here = step === undefined ? `${path}.` : `${path}>${step.operation}@${name}`;
      seen.set(here, (seen.get(here) ?? 0) + mass);
      if (step === undefined || depth === DEPTH) continue;
      for (const answer of ANSWERS) {
        const onward = new Map(
          [...following(step, answer)].map(([to, chance]) => [to, chance * mass * answer.chance]),
        );
        const label = `${here}(${answer.outcome} ${answer.reason})`;
        visit(journey, nextVisible(journey, onward, isHidden), label, depth + 1);
      }
    }
  };
  for (const { journey, share } of parts) {
    const start = nextVisible(journey, new Map([[journey.start, share]]), isHidden);
    const idle = start.get('end') ?? 0;
    start.delete('end');
    if (idle < share) {
      for (const [name, mass] of start) start.set(name, (mass / (share - idle)) * share);
      visit(journey, start, '', 1);
    }
  }
  return seen;
}

function partsOf(scenario: Scenario): { journey: Journey; share: number }[] {
  return scenario.populations.map(({ name, journey: wanted }) => {
    const journey = scenario.journeys.find((one) => one.name === wanted);
    if (journey === undefined) throw new Error(`no journey ${wanted}`);
    return { journey, share: scenario.phases[0]?.mix[name] ?? 0 };
  });
}

const scenarioWith = (journey: Journey): Scenario =>
  smallScenario({
    journeys: [journey],
    populations: [{ name: 'shopper', journey: 'j', hotShare: 0.5, accounts: { kind: 'own' } }],
  });

describe('passing over what a target lacks', () => {
  it('leaves the chances of everything else as they were', () => {
    fc.assert(
      fc.property(
        journeys,
        fc.uniqueArray(fc.constantFrom(...OPERATIONS), { maxLength: 3 }),
        (journey, missing) => {
          const hidden = new Set<OperationName>(missing);
          const rewritten = passOver(scenarioWith(journey), hidden);
          const before = sessionsOf([{ journey, share: 1 }], hidden);
          if (rewritten.problems.length > 0) {
            expect(before.size).toBe(0);
            return;
          }
          for (const operation of operationsOf(rewritten.scenario)) {
            expect(hidden.has(operation)).toBe(false);
          }
          const after = sessionsOf(partsOf(rewritten.scenario), new Set());
          for (const [path, chance] of before) {
            expect(after.get(path) ?? 0, path).toBeCloseTo(chance, 7);
          }
          for (const [path, chance] of after) {
            expect(before.get(path) ?? 0, path).toBeCloseTo(chance, 7);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('changes nothing when nothing is missing', () => {
    const scenario = smallScenario();
    expect(passOver(scenario, new Set()).scenario).toEqual(scenario);
  });

  it('goes straight to the order where there is no checkout', () => {
    const { scenario } = passOver(smallScenario(), new Set<OperationName>(['checkout']));
    const buy = scenario.journeys.find(({ name }) => name === BUY.name);
    expect(buy?.steps['look']?.next.map(({ to }) => to)).toEqual(['order']);
    expect(Object.keys(buy?.steps ?? {})).toEqual(['home', 'look', 'order']);
  });

  it('says which journey would be left with nothing', () => {
    const all = new Set<OperationName>(['home', 'viewStock', 'checkout', 'order']);
    expect(passOver(smallScenario(), all).problems).toEqual([
      expect.stringContaining('journey "buy"'),
      expect.stringContaining('journey "look"'),
    ]);
  });
});
