/** Journeys compiled to integer tables: what a session asks next, without names or objects. */
import { type Distribution, sampleMs } from '../base/distributions.ts';
import { EcomsimError } from '../base/errors.ts';
import { suggestion } from '../base/nearest-name.ts';
import type { Prng } from '../base/prng.ts';
import type { OperationName } from '../contract/operation.ts';
import {
  OUTCOME_CODE,
  type Outcome,
  REASON_CODE,
  REASONS,
  type Reason,
} from '../contract/outcome.ts';
import type { Journey, Scenario, Transition } from '../contract/scenario.ts';

/** The step number of the end of a session. */
export const END = -1;

export interface CompiledStep {
  readonly operation: OperationName;
  readonly browsed: boolean;
  readonly walked: boolean;
  readonly quantity: number;
  readonly direct: boolean;
  readonly rules: readonly CompiledRule[];
}

interface CompiledRule {
  readonly outcomeMask: number;
  /** Reasons 0–31 and 32–63. */
  readonly reasonMaskLow: number;
  readonly reasonMaskHigh: number;
  readonly probability: number;
  readonly to: number;
  readonly think: Distribution;
}

const ALL = -1;

function outcomeMask(outcomes: readonly Outcome[] | undefined): number {
  if (outcomes === undefined) return ALL;
  return outcomes.reduce((mask, outcome) => mask | (1 << OUTCOME_CODE[outcome]), 0);
}

function reasonMask(reasons: readonly Reason[] | undefined, from: number): number {
  if (reasons === undefined) return ALL;
  return reasons.reduce((mask, reason) => {
    const bit = REASON_CODE[reason] - from;
    return bit >= 0 && bit < 32 ? mask | (1 << bit) : mask;
  }, 0);
}

function compileRule(rule: Transition, to: number): CompiledRule {
  return {
    outcomeMask: outcomeMask(rule.outcomes),
    reasonMaskLow: reasonMask(rule.reasons, 0),
    reasonMaskHigh: reasonMask(rule.reasons, 32),
    probability: rule.probability ?? 1,
    to,
    think: rule.think,
  };
}

function named<T>(found: T | undefined, kind: string, name: string, valid: Iterable<string>): T {
  if (found !== undefined) return found;
  const near = suggestion(name, valid);
  throw new EcomsimError('INVALID_VALUE', `the scenario names no ${kind} "${name}"${near}`);
}

export class JourneyTable {
  /** By population: first step and longest length of its journey. */
  readonly startOf: Int32Array;
  readonly maxStepsOf: Uint32Array;
  readonly steps: readonly CompiledStep[];
  /** Every operation that some journey can ask for. */
  readonly operations: readonly OperationName[];

  /** Throws INVALID_VALUE when a population, step or rule names something that is not there. */
  constructor(scenario: Pick<Scenario, 'journeys' | 'populations'>) {
    if (REASONS.length > 64) throw new RangeError('more reasons than the masks have bits');
    const steps: CompiledStep[] = [];
    const starts = new Map<string, { start: number; maxSteps: number }>();
    for (const journey of scenario.journeys) {
      starts.set(journey.name, { start: compile(journey, steps), maxSteps: journey.maxSteps });
    }
    const entries = scenario.populations.map((population) =>
      named(starts.get(population.journey), 'journey', population.journey, starts.keys()),
    );
    this.startOf = Int32Array.from(entries, ({ start }) => start);
    this.maxStepsOf = Uint32Array.from(entries, ({ maxSteps }) => maxSteps);
    this.steps = steps;
    this.operations = [...new Set(steps.map(({ operation }) => operation))];
  }

  /** The first rule of `step` that matches and passes its chance, or undefined. */
  choose(step: number, outcome: number, reason: number, prng: Prng): CompiledRule | undefined {
    const { rules } = this.steps[step] as CompiledStep;
    const outcomeBit = 1 << outcome;
    const reasonBit = 1 << (reason & 31);
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i] as CompiledRule;
      if ((rule.outcomeMask & outcomeBit) === 0) continue;
      const mask = reason < 32 ? rule.reasonMaskLow : rule.reasonMaskHigh;
      if ((mask & reasonBit) === 0) continue;
      if (rule.probability < 1 && !prng.chance(rule.probability)) continue;
      return rule;
    }
    return undefined;
  }

  thinkUs(rule: CompiledRule, prng: Prng): number {
    return sampleMs(rule.think, prng) * 1000;
  }
}

/** Appends the steps of one journey and returns the number of its first. */
function compile(journey: Journey, steps: CompiledStep[]): number {
  const names = Object.keys(journey.steps);
  const first = steps.length;
  const numberOf = (name: string): number => {
    const index = names.indexOf(name);
    named(index < 0 ? undefined : index, `step of journey "${journey.name}"`, name, names);
    return first + index;
  };
  for (const step of Object.values(journey.steps)) {
    steps.push({
      operation: step.operation,
      browsed: step.item === 'browsed',
      walked: step.item === 'walked',
      quantity: step.quantity,
      direct: step.direct === true,
      rules: step.next.map((rule) =>
        compileRule(rule, rule.to === 'end' ? END : numberOf(rule.to)),
      ),
    });
  }
  return numberOf(journey.start);
}
