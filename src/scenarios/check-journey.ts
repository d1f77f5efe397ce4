/** Sanity of one journey: its steps, its rules, and that a session that begins it also ends. */
import { suggestion } from '../base/nearest-name.ts';
import { OPERATIONS, traitsOf } from '../contract/operation.ts';
import { OUTCOMES, REASONS } from '../contract/outcome.ts';
import type { Journey, JourneyStep, Transition } from '../contract/scenario.ts';
import { exitsOf, reachableFrom } from './journey-graph.ts';
import { isCount, isShare, type Report } from './problem-report.ts';
import { isThinkTime } from './think-times.ts';

const MAX_STEPS = 100_000;

type Where = readonly (string | number)[];

export function checkJourney(journey: Journey, report: Report): void {
  const at = ['journeys', journey.name];
  if (!isCount(journey.maxSteps) || journey.maxSteps < 1 || journey.maxSteps > MAX_STEPS) {
    report([...at, 'maxSteps'], `${journey.maxSteps} is not from 1 to ${MAX_STEPS}`);
  }
  const names = Object.keys(journey.steps);
  if (names.includes('end')) report([...at, 'steps', 'end'], 'no step may be called "end"');
  const begins = names.includes(journey.start);
  if (!begins) {
    report([...at, 'start'], `no step "${journey.start}"${suggestion(journey.start, names)}`);
  }
  let leadsOn = begins;
  for (const [name, step] of Object.entries(journey.steps)) {
    checkStep([...at, 'steps', name], step, report);
    step.next.forEach((rule, index) => {
      checkRule([...at, 'steps', name, 'next', index], rule, names, report);
      leadsOn &&= rule.to === 'end' || names.includes(rule.to);
    });
  }
  // A rule that leads nowhere makes every other statement about the ways a guess.
  if (leadsOn) checkWays(journey, report);
}

function checkWays(journey: Journey, report: Report): void {
  const reachable = reachableFrom(journey, journey.start, 'any');
  for (const [name, step] of Object.entries(journey.steps)) {
    const at = ['journeys', journey.name, 'steps', name];
    if (!reachable.has(name)) report(at, 'can never be reached');
    step.next.forEach((_, index) => {
      if (isCovered(step, index)) {
        report([...at, 'next', index], 'is never taken: the rules before it take every answer');
      }
    });
    if (!reachableFrom(journey, name, 'any').has('end')) {
      report(at, 'no way leads to an end: the session would go round until maxSteps');
    }
    if (step.operation === 'addToCart' && addsUp(journey, name)) {
      report(at, 'adds to the cart again and again');
    }
  }
}

/** For a journey that nobody has bounded: that it ends without waiting for something to fail. */
export function checkEndsWell(journey: Journey, report: Report): void {
  for (const name of Object.keys(journey.steps)) {
    if (reachableFrom(journey, name, 'ok').has('end')) continue;
    if (!reachableFrom(journey, name, 'any').has('end')) continue;
    report(
      ['journeys', journey.name, 'steps', name],
      'no way leads to an end while all goes well; give a rule a chance to end it, or state maxSteps',
    );
  }
}

/** Whether earlier rules are sure to take every answer that the rule at `index` matches. */
function isCovered(step: JourneyStep, index: number): boolean {
  const rule = step.next[index];
  const earlier = step.next.slice(0, index).filter((other) => (other.probability ?? 1) >= 1);
  return earlier.some(
    (other) =>
      rule !== undefined &&
      includesAll(other.outcomes, rule.outcomes) &&
      includesAll(other.reasons, rule.reasons),
  );
}

function includesAll<T>(wide: readonly T[] | undefined, narrow: readonly T[] | undefined): boolean {
  if (wide === undefined) return true;
  return narrow?.every((value) => wide.includes(value)) ?? false;
}

/** It can be reached from itself without an order in between, which empties the cart. */
function addsUp(journey: Journey, name: string): boolean {
  const seen = new Set<string>([name]);
  for (const at of seen) {
    const step = journey.steps[at];
    for (const to of step === undefined ? [] : exitsOf(step, 'any')) {
      if (to === name) return true;
      if (journey.steps[to]?.operation !== 'order') seen.add(to);
    }
  }
  return false;
}

function checkStep(at: Where, step: JourneyStep, report: Report): void {
  if (!Object.hasOwn(OPERATIONS, step.operation)) {
    const near = suggestion(step.operation, Object.keys(OPERATIONS));
    report([...at, 'operation'], `no operation "${step.operation}"${near}`);
  } else if (traitsOf(step.operation).probe) {
    const what = 'is a probe, not something a shopper does';
    report([...at, 'operation'], `"${step.operation}" ${what}`);
  } else if (traitsOf(step.operation).effect === 'write' && step.item !== 'wanted') {
    // A browsed item is drawn anew at every step: cart, checkout and order would not agree.
    report([...at, 'item'], `"${step.operation}" must be about the wanted item`);
  }
  if (!isCount(step.quantity) || step.quantity < 1) {
    report([...at, 'quantity'], `quantity ${step.quantity}`);
  }
}

function checkRule(at: Where, rule: Transition, names: readonly string[], report: Report): void {
  if (rule.to !== 'end' && !names.includes(rule.to)) {
    report([...at, 'to'], `no step "${rule.to}"${suggestion(rule.to, [...names, 'end'])}`);
  }
  if (rule.probability !== undefined && !isShare(rule.probability)) {
    report([...at, 'probability'], `probability ${rule.probability} is not from 0 to 1`);
  }
  for (const outcome of rule.outcomes ?? []) {
    if (!OUTCOMES.includes(outcome)) report([...at, 'outcomes'], `no outcome "${outcome}"`);
  }
  for (const reason of rule.reasons ?? []) {
    if (!REASONS.includes(reason)) {
      report([...at, 'reasons'], `no reason "${reason}"${suggestion(reason, REASONS)}`);
    }
  }
  if (!isThinkTime(rule.think)) report([...at, 'think'], 'impossible think time');
}
