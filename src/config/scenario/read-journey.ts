/** Journeys: steps by name, each with an operation and the rules that lead on from it. */
import type { Distribution } from '../../base/distributions.ts';
import { formatRatio } from '../../base/units.ts';
import { OPERATION_NAMES, traitsOf } from '../../contract/operation.ts';
import { OUTCOMES, REASONS } from '../../contract/outcome.ts';
import type { Journey, JourneyStep, Transition } from '../../contract/scenario.ts';
import type { Path } from '../document.ts';
import { type DocumentReader, isGroup } from '../document-reader.ts';
import { nameOf, share, text, trueOrFalse, wholeNumber } from '../fields.ts';
import { checkName, MAX_NAME_LENGTH } from './names.ts';
import { NO_THINK, readThink } from './think-time.ts';

const JOURNEY_FIELDS = ['start', 'maxSteps', 'think', 'steps'];
const STEP_FIELDS = ['operation', 'item', 'quantity', 'direct', 'think', 'next'];
const RULE_FIELDS = ['outcomes', 'reasons', 'probability', 'to', 'choose', 'think'];

const DEFAULT_MAX_STEPS = 100;
const MAX_STEPS = 100_000;
const MAX_QUANTITY = 1000;
/** Shares written with a few digits may miss 100 % by this much. */
const SUM_SLACK = 0.0005;

const shopperOperations = OPERATION_NAMES.filter(
  (name) => !traitsOf(name).probe && name !== 'login',
);

const fields = {
  maxSteps: wholeNumber({ min: 1, max: MAX_STEPS }),
  operation: nameOf('an operation', shopperOperations),
  item: nameOf('an item', ['wanted', 'browsed', 'walked'] as const),
  quantity: wholeNumber({ min: 1, max: MAX_QUANTITY }),
  direct: trueOrFalse(),
  outcome: nameOf('an outcome', OUTCOMES),
  reason: nameOf('a reason', REASONS),
  probability: share({ min: 0, max: 1 }),
  step: text(MAX_NAME_LENGTH),
};

/** Where the rules of a journey were written, which one line may have made several of. */
export type RuleOrigins = Map<string, Path>;

export function readJourney(
  reader: DocumentReader,
  path: Path,
  name: string,
  origins: RuleOrigins,
): Journey {
  reader.group(path, JOURNEY_FIELDS);
  const stepsPath = [...path, 'steps'];
  const names = reader.names(stepsPath, 'steps');
  if (names.length === 0 && !reader.isWrong(path)) {
    reader.report(path, 'has no steps; write steps: { home: { operation: home } }');
  }
  const think = readThink(reader, [...path, 'think'], NO_THINK);
  const steps: Record<string, JourneyStep> = {};
  for (const step of names) {
    checkName(reader, [...stepsPath, step], 'a step');
    steps[step] = new StepReader(reader, [...stepsPath, step], origins).read(think);
  }
  return {
    name,
    start: reader.read([...path, 'start'], fields.step, names[0] ?? 'end'),
    maxSteps: reader.read([...path, 'maxSteps'], fields.maxSteps, DEFAULT_MAX_STEPS),
    steps,
  };
}

class StepReader {
  readonly #reader: DocumentReader;
  readonly #path: Path;
  readonly #origins: RuleOrigins;
  readonly #rules: Transition[] = [];

  constructor(reader: DocumentReader, path: Path, origins: RuleOrigins) {
    this.#reader = reader;
    this.#path = path;
    this.#origins = origins;
  }

  read(think: Distribution): JourneyStep {
    const reader = this.#reader;
    const at = (name: string): Path => [...this.#path, name];
    reader.group(this.#path, STEP_FIELDS);
    const operation = reader.require(at('operation'), fields.operation, 'home');
    const isRead = traitsOf(operation).effect === 'read';
    const step = {
      operation,
      item: reader.read(at('item'), fields.item, 'wanted' as const),
      quantity: reader.read(at('quantity'), fields.quantity, 1),
    };
    if (step.item !== 'wanted' && !isRead) {
      reader.report(at('item'), `must be wanted: ${operation} is about what the session came for`);
    }
    const direct = reader.get(at('direct')) !== undefined;
    this.#readNext(at('next'), readThink(reader, at('think'), think));
    const whole = { ...step, next: this.#rules };
    return direct ? { ...whole, direct: reader.read(at('direct'), fields.direct, false) } : whole;
  }

  #readNext(path: Path, think: Distribution): void {
    const next = this.#reader.get(path);
    if (next === undefined) return;
    if (!Array.isArray(next)) {
      this.#readEntry(path, think);
      return;
    }
    for (const index of next.keys()) this.#readEntry([...path, index], think);
    this.#checkChances(path, next);
  }

  #readEntry(path: Path, think: Distribution): void {
    const reader = this.#reader;
    const entry = reader.get(path);
    if (!isGroup(entry)) {
      // "Goes on": without an answer that says ok there is nothing to go on with.
      const to = reader.read(path, fields.step, 'end');
      this.#add(path, { outcomes: ['ok'], to, think });
      return;
    }
    reader.allow(path, RULE_FIELDS);
    const outcomes = reader.readSome([...path, 'outcomes'], fields.outcome);
    const reasons = reader.readSome([...path, 'reasons'], fields.reason);
    const match = { ...(outcomes && { outcomes }), ...(reasons && { reasons }) };
    const own = readThink(reader, [...path, 'think'], think);
    if (Object.hasOwn(entry, 'choose')) {
      this.#readChoice(path, match, own);
      return;
    }
    const to = reader.require([...path, 'to'], fields.step, 'end');
    const chancePath = [...path, 'probability'];
    const isCertain = reader.get(chancePath) === undefined;
    const probability = reader.read(chancePath, fields.probability, 1);
    this.#add(path, { ...match, ...(!isCertain && { probability }), to, think: own });
  }

  /** Shares of the whole become chances of what the ones before have left. */
  #readChoice(path: Path, match: Partial<Transition>, think: Distribution): void {
    const reader = this.#reader;
    for (const name of ['to', 'probability']) {
      if (reader.get([...path, name]) !== undefined) {
        reader.report([...path, name], 'does not go together with choose, which says it all');
      }
    }
    const choice = [...path, 'choose'];
    const targets = reader.names(choice, 'steps and their shares ("cart: 30%")');
    const shares = targets.map((to) => reader.read([...choice, to], fields.probability, 0));
    const sum = shares.reduce((total, part) => total + part, 0);
    if (!reader.isWrong(choice) && Math.abs(sum - 1) > SUM_SLACK) {
      reader.report(choice, `the shares add up to ${formatRatio(sum)}, not to 100%`);
    }
    let left = sum;
    targets.forEach((to, index) => {
      const part = shares[index] ?? 0;
      const isLast = index === targets.length - 1;
      const probability = isLast || left <= 0 ? 1 : Math.min(1, part / left);
      left -= part;
      const chance = isLast ? {} : { probability };
      this.#add([...choice, to], { ...match, ...chance, to, think });
    });
  }

  #add(path: Path, rule: Transition): void {
    const ruleId = [...this.#path, 'next', this.#rules.length].join('\u0000');
    this.#origins.set(ruleId, path);
    this.#rules.push(rule);
  }

  /**
   * Chances apply one after the other, each to what the rules before it left. Whoever writes two
   * that add up to exactly 100 % for the same answers means shares.
   */
  #checkChances(path: Path, next: readonly unknown[]): void {
    const sums = new Map<string, { sum: number; rules: number; first: number }>();
    next.forEach((entry, index) => {
      if (!isGroup(entry) || !Object.hasOwn(entry, 'probability')) return;
      const chance = fields.probability.safeParse(entry['probability']);
      if (!chance.success || chance.data >= 1) return;
      const match = JSON.stringify([entry['outcomes'] ?? null, entry['reasons'] ?? null]);
      const known = sums.get(match) ?? { sum: 0, rules: 0, first: index };
      sums.set(match, { ...known, sum: known.sum + chance.data, rules: known.rules + 1 });
    });
    for (const { sum, rules, first } of sums.values()) {
      if (rules < 2 || Math.abs(sum - 1) > 1e-9) continue;
      this.#reader.report(
        [...path, first],
        `the chances of this rule and ${rules - 1} more for the same answers add up to 100%, but ` +
          'each is the chance of what the rules before it left over; for shares of the whole ' +
          'write choose: { cart: 60%, end: 40% }',
      );
    }
  }
}
