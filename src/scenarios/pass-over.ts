/**
 * A scenario for a target that lacks some operations: sessions pass over the steps that are not
 * there as if they had gone well, and what they do otherwise keeps its probabilities.
 */
import type { OperationName } from '../contract/operation.ts';
import type { Reason } from '../contract/outcome.ts';
import type {
  Journey,
  JourneyStep,
  Phase,
  Population,
  Scenario,
  Transition,
} from '../contract/scenario.ts';

const END = 'end';
/** A chance of going on that is smaller than this is rounding. */
const NEVER = 1e-12;

/** Chances of the steps (or `end`) that follow; they add up to 1. */
type Onward = Map<string, number>;

/** `problems` name what a scenario needs and would lose; the scenario is then not to be used. */
export function passOver(
  scenario: Scenario,
  missing: ReadonlySet<OperationName>,
): { readonly scenario: Scenario; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const journeys = new Map<string, readonly Beginning[]>();
  for (const journey of scenario.journeys) {
    const rest = rewriteJourney(journey, missing);
    if (rest.length === 0) {
      problems.push(`journey "${journey.name}": every step of it is passed over, nothing is left`);
    }
    journeys.set(journey.name, rest);
  }
  const populations = scenario.populations.flatMap((population) =>
    variantsOf(population, journeys.get(population.journey) ?? []),
  );
  return {
    scenario: {
      ...scenario,
      journeys: [...journeys.values()].flat().map(({ journey }) => journey),
      populations: populations.map(({ population }) => population),
      phases: scenario.phases.map((phase) => ({ ...phase, mix: mixOf(phase, populations) })),
    },
    problems,
  };
}

/** Operations that a shopper of the scenario may ask for. */
export function operationsOf({ journeys }: Scenario): ReadonlySet<OperationName> {
  return new Set(
    journeys.flatMap(({ steps }) => Object.values(steps).map(({ operation }) => operation)),
  );
}

/** A journey may begin with one of several steps, once its first one is passed over. */
interface Beginning {
  readonly journey: Journey;
  /** Share of the sessions that do anything at all. */
  readonly share: number;
}

function rewriteJourney(
  journey: Journey,
  missing: ReadonlySet<OperationName>,
): readonly Beginning[] {
  const gone = Object.keys(journey.steps).filter((name) =>
    missing.has((journey.steps[name] as JourneyStep).operation),
  );
  if (gone.length === 0) return [{ journey, share: 1 }];
  const onward = onwardFrom(journey, new Set(gone));
  const steps: Record<string, JourneyStep> = {};
  for (const [name, step] of Object.entries(journey.steps)) {
    if (!onward.has(name)) steps[name] = { ...step, next: step.next.flatMap(relink(onward)) };
  }
  const starts: Onward = onward.get(journey.start) ?? new Map([[journey.start, 1]]);
  const real = [...starts].filter(([name]) => name !== END);
  const sum = real.reduce((total, [, chance]) => total + chance, 0);
  return real.map(([start, chance], index) => ({
    journey: {
      ...journey,
      name: index === 0 ? journey.name : `${journey.name}-from-${start}`,
      start,
      steps: reachable(steps, start),
    },
    share: chance / sum,
  }));
}

/** Steps that nobody comes to any more would be a mistake in a scenario. */
function reachable(
  steps: Readonly<Record<string, JourneyStep>>,
  start: string,
): Record<string, JourneyStep> {
  const seen = new Set([start]);
  for (const name of seen) {
    for (const { to } of steps[name]?.next ?? []) if (to !== END) seen.add(to);
  }
  return Object.fromEntries(Object.entries(steps).filter(([name]) => seen.has(name)));
}

/**
 * Rules are tried in order, so a rule that is taken with chance p becomes several whose chances,
 * one tried after the other, come to p times that of each step behind the gap.
 */
function relink(onward: ReadonlyMap<string, Onward>): (rule: Transition) => Transition[] {
  return (rule) => {
    const behind = onward.get(rule.to);
    if (behind === undefined) return [rule];
    const p = rule.probability ?? 1;
    let untried = 1;
    return [...behind].map(([to, chance], index) => {
      const isSureLast = p === 1 && index === behind.size - 1;
      const probability = isSureLast ? 1 : Math.min(1, (p * chance) / untried);
      untried = Math.max(0, untried - p * chance);
      return { ...rule, to, probability };
    });
  };
}

/** What is passed over counts as answered well; a look at the stock found some. */
function pretendedReason(operation: OperationName): Reason {
  return operation === 'viewStock' ? 'in_stock' : 'none';
}

function onwardOfStep({ operation, next }: JourneyStep): Onward {
  const onward: Onward = new Map();
  const reason = pretendedReason(operation);
  let untried = 1;
  for (const { outcomes, reasons, probability, to } of next) {
    if (outcomes !== undefined && !outcomes.includes('ok')) continue;
    if (reasons !== undefined && !reasons.includes(reason)) continue;
    add(onward, to, untried * (probability ?? 1));
    untried *= 1 - (probability ?? 1);
  }
  add(onward, END, untried);
  return onward;
}

function add(onward: Onward, to: string, chance: number): void {
  if (chance > NEVER) onward.set(to, (onward.get(to) ?? 0) + chance);
}

/** Where sessions end up behind each of the missing steps: the steps are taken out one by one. */
function onwardFrom(journey: Journey, gone: ReadonlySet<string>): Map<string, Onward> {
  const all = new Map<string, Onward>();
  for (const name of gone) all.set(name, onwardOfStep(journey.steps[name] as JourneyStep));
  for (const name of gone) {
    const own = all.get(name) as Onward;
    const again = own.get(name) ?? 0;
    own.delete(name);
    const leaving = 1 - again;
    // Whoever would go round for ever does nothing at all.
    if (leaving <= NEVER) own.set(END, 1);
    else for (const [to, chance] of own) own.set(to, chance / leaving);
    for (const other of all.values()) {
      const through = other.get(name);
      if (other === own || through === undefined) continue;
      other.delete(name);
      for (const [to, chance] of own) add(other, to, through * chance);
    }
  }
  return all;
}

interface Variant {
  readonly population: Population;
  /** Name of the population that it is a part of. */
  readonly of: string;
  readonly share: number;
}

/** The first keeps the name, so that thresholds find it. */
function variantsOf(population: Population, beginnings: readonly Beginning[]): Variant[] {
  return beginnings.map(({ journey, share }, index) => ({
    population: {
      ...population,
      name: index === 0 ? population.name : `${population.name}-from-${journey.start}`,
      journey: journey.name,
    },
    of: population.name,
    share,
  }));
}

function mixOf({ mix }: Phase, variants: readonly Variant[]): Record<string, number> {
  return Object.fromEntries(
    variants.flatMap(({ population, of, share }) =>
      Object.hasOwn(mix, of) ? [[population.name, (mix[of] as number) * share]] : [],
    ),
  );
}
