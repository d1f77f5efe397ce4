/** A journey as a graph: where an answer may lead, and what can be reached. */
import type { OperationName } from '../contract/operation.ts';
import { OUTCOMES, type Outcome, REASONS, type Reason } from '../contract/outcome.ts';
import type { Journey, JourneyStep } from '../contract/scenario.ts';

/** `any` answer at all, or only those of a shop that works. */
export type Answers = 'any' | 'ok';

/** Steps (and `end`) that `step` leads to with a chance above 0. */
export function exitsOf(step: JourneyStep, answers: Answers): Set<string> {
  const exits = new Set<string>();
  for (const outcome of answers === 'any' ? OUTCOMES : (['ok'] as const)) {
    const reasons = answers === 'any' ? REASONS : okReasonsOf(step.operation);
    for (const reason of reasons) addExits(step, { outcome, reason }, exits);
  }
  return exits;
}

function addExits(
  step: JourneyStep,
  answer: { readonly outcome: Outcome; readonly reason: Reason },
  exits: Set<string>,
): void {
  for (const { outcomes, reasons, probability = 1, to } of step.next) {
    if (outcomes !== undefined && !outcomes.includes(answer.outcome)) continue;
    if (reasons !== undefined && !reasons.includes(answer.reason)) continue;
    if (probability > 0) exits.add(to);
    if (probability >= 1) return;
  }
  exits.add('end');
}

function okReasonsOf(operation: OperationName): readonly Reason[] {
  switch (operation) {
    case 'viewStock':
      return ['in_stock', 'out_of_stock', 'sale_upcoming'];
    case 'order':
    case 'orderStatus':
      return ['none', 'accepted'];
    case 'joinQueue':
    case 'queueStatus':
      return ['none', 'waiting'];
    default:
      return ['none'];
  }
}

/** `start` itself, the steps after it, and `end` where a session may end. */
export function reachableFrom(journey: Journey, start: string, answers: Answers): Set<string> {
  const seen = new Set<string>([start]);
  for (const name of seen) {
    const step = journey.steps[name];
    if (step === undefined) continue;
    for (const exit of exitsOf(step, answers)) seen.add(exit);
  }
  return seen;
}
