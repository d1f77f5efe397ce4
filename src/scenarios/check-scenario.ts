/** Sanity of a scenario before anything starts: every problem at once, none means usable. */
import { suggestion } from '../base/nearest-name.ts';
import { OPERATIONS, traitsOf } from '../contract/operation.ts';
import { OUTCOMES, REASONS } from '../contract/outcome.ts';
import { shapeProblems } from '../contract/rate-curve/shape-problems.ts';
import type { Journey, JourneyStep, Scenario, Transition } from '../contract/scenario.ts';
import { modelProblems } from './check-model.ts';
import { interventionProblems } from './intervention-problems.ts';
import { isThinkTime } from './think-times.ts';

const MAX_STEPS = 100_000;

/** Problems in plain words, each beginning with where it is. */
export function checkScenario(scenario: Scenario): string[] {
  const problems: string[] = [];
  checkCatalogueAndSale(scenario, problems);
  checkPhases(scenario, problems);
  problems.push(...modelProblems(scenario));
  problems.push(...interventionProblems(scenario));
  checkPopulations(scenario, problems);
  for (const journey of scenario.journeys) checkJourney(journey, problems);
  for (const name of duplicatesIn(scenario.journeys.map((journey) => journey.name))) {
    problems.push(`journeys: "${name}" is there twice`);
  }
  for (const [name, share] of Object.entries(scenario.probes)) {
    if (!isShare(share)) problems.push(`probes.${name}: ${share} is not a share from 0 to 1`);
  }
  return problems;
}

function checkCatalogueAndSale(scenario: Scenario, problems: string[]): void {
  const { catalogue, sale } = scenario;
  if (!Number.isSafeInteger(scenario.seed)) problems.push('seed: not a whole number');
  if (catalogue.length === 0) problems.push('catalogue: has no items');
  for (const sku of duplicatesIn(catalogue.map((item) => item.sku))) {
    problems.push(`catalogue: SKU "${sku}" is there twice`);
  }
  for (const item of catalogue) {
    if (!isCount(item.units)) problems.push(`catalogue.${item.sku}: units ${item.units}`);
    if (!isCount(item.priceMinor)) problems.push(`catalogue.${item.sku}: price ${item.priceMinor}`);
  }
  for (const item of sale.hotItems) {
    if (catalogue[item] === undefined) problems.push(`sale.hotItems: there is no item ${item}`);
  }
  for (const item of duplicatesIn(sale.hotItems)) {
    problems.push(`sale.hotItems: item ${item} is there twice`);
  }
  if (!isLength(sale.opensAtMs)) problems.push(`sale.opensAtMs: ${sale.opensAtMs}`);
  if (sale.closesAtMs !== null && !(sale.closesAtMs > sale.opensAtMs)) {
    problems.push('sale.closesAtMs: the sale closes before it opens');
  }
  if (!isCount(sale.perCustomer) || sale.perCustomer < 1) {
    problems.push(`sale.perCustomer: ${sale.perCustomer} is not a purchase limit`);
  }
}

function checkPhases(scenario: Scenario, problems: string[]): void {
  if (scenario.phases.length === 0) problems.push('phases: there are none');
  for (const name of duplicatesIn(scenario.phases.map((phase) => phase.name))) {
    problems.push(`phases: "${name}" is there twice`);
  }
  const populations = scenario.populations.map((population) => population.name);
  for (const phase of scenario.phases) {
    const where = `phases.${phase.name}`;
    if (!(isLength(phase.durationMs) && phase.durationMs > 0)) {
      problems.push(`${where}: lasts ${phase.durationMs} ms`);
    }
    for (const problem of shapeProblems(phase.shape, phase.durationMs)) {
      problems.push(`${where}: ${problem}`);
    }
    const weights = Object.entries(phase.mix);
    for (const [name, weight] of weights) {
      if (!populations.includes(name)) {
        problems.push(`${where}: no population "${name}"${suggestion(name, populations)}`);
      }
      if (!isLength(weight)) problems.push(`${where}: weight ${weight} of "${name}"`);
    }
    if (!weights.some(([, weight]) => weight > 0)) problems.push(`${where}: nobody arrives`);
  }
}

function checkPopulations(scenario: Scenario, problems: string[]): void {
  const journeys = scenario.journeys.map((journey) => journey.name);
  for (const name of duplicatesIn(scenario.populations.map((population) => population.name))) {
    problems.push(`populations: "${name}" is there twice`);
  }
  for (const { name, journey, hotShare, accounts } of scenario.populations) {
    const where = `populations.${name}`;
    if (!journeys.includes(journey)) {
      problems.push(`${where}: no journey "${journey}"${suggestion(journey, journeys)}`);
    }
    if (!isShare(hotShare)) problems.push(`${where}: hotShare ${hotShare}`);
    if (hotShare > 0 && scenario.sale.hotItems.length === 0) {
      problems.push(`${where}: hotShare ${hotShare}, but the sale has no hot items`);
    }
    if (accounts.kind === 'pool' && (!isCount(accounts.size) || accounts.size < 1)) {
      problems.push(`${where}: a pool of ${accounts.size} accounts`);
    }
  }
}

function checkJourney(journey: Journey, problems: string[]): void {
  const where = `journeys.${journey.name}`;
  if (!isCount(journey.maxSteps) || journey.maxSteps < 1 || journey.maxSteps > MAX_STEPS) {
    problems.push(`${where}: maxSteps ${journey.maxSteps} is not from 1 to ${MAX_STEPS}`);
  }
  const names = Object.keys(journey.steps);
  if (names.includes('end')) problems.push(`${where}: no step may be called "end"`);
  if (!names.includes(journey.start)) {
    problems.push(`${where}: no step "${journey.start}"${suggestion(journey.start, names)}`);
  }
  for (const [name, step] of Object.entries(journey.steps)) {
    checkStep(`${where}.${name}`, step, names, problems);
  }
  const reachable = reachableFrom(journey, journey.start);
  for (const [name, step] of Object.entries(journey.steps)) {
    if (!reachable.has(name)) problems.push(`${where}.${name}: can never be reached`);
    if (!canEnd(journey, name)) problems.push(`${where}.${name}: no way leads to an end`);
    if (step.operation === 'addToCart' && addsUp(journey, name)) {
      problems.push(`${where}.${name}: adds to the cart again and again`);
    }
  }
}

function checkStep(
  where: string,
  step: JourneyStep,
  names: readonly string[],
  problems: string[],
): void {
  if (!Object.hasOwn(OPERATIONS, step.operation)) {
    const near = suggestion(step.operation, Object.keys(OPERATIONS));
    problems.push(`${where}: no operation "${step.operation}"${near}`);
  } else if (traitsOf(step.operation).probe) {
    problems.push(`${where}: "${step.operation}" is a probe, not something a shopper does`);
  } else if (traitsOf(step.operation).effect === 'write' && step.item !== 'wanted') {
    // A browsed item is drawn anew at every step: cart, checkout and order would not agree.
    problems.push(`${where}: "${step.operation}" must be about the wanted item`);
  }
  if (!isCount(step.quantity) || step.quantity < 1) {
    problems.push(`${where}: quantity ${step.quantity}`);
  }
  step.next.forEach((rule, index) => {
    checkRule(`${where}.next[${index}]`, rule, names, problems);
  });
}

function checkRule(
  where: string,
  rule: Transition,
  names: readonly string[],
  problems: string[],
): void {
  if (rule.to !== 'end' && !names.includes(rule.to)) {
    problems.push(`${where}: no step "${rule.to}"${suggestion(rule.to, [...names, 'end'])}`);
  }
  if (rule.probability !== undefined && !isShare(rule.probability)) {
    problems.push(`${where}: probability ${rule.probability} is not from 0 to 1`);
  }
  for (const outcome of rule.outcomes ?? []) {
    if (!OUTCOMES.includes(outcome)) problems.push(`${where}: no outcome "${outcome}"`);
  }
  for (const reason of rule.reasons ?? []) {
    if (!REASONS.includes(reason)) {
      problems.push(`${where}: no reason "${reason}"${suggestion(reason, REASONS)}`);
    }
  }
  if (!isThinkTime(rule.think)) problems.push(`${where}: impossible think time`);
}

function reachableFrom(journey: Journey, start: string): Set<string> {
  const seen = new Set<string>([start]);
  for (const name of seen) {
    for (const rule of journey.steps[name]?.next ?? []) seen.add(rule.to);
  }
  return seen;
}

/** An end is `end`, or a step of which some answer matches no rule for sure. */
function canEnd(journey: Journey, start: string): boolean {
  for (const name of reachableFrom(journey, start)) {
    const step = journey.steps[name];
    if (name === 'end' || step === undefined || !step.next.some(alwaysTaken)) return true;
  }
  return false;
}

function alwaysTaken(rule: Transition): boolean {
  const anyAnswer = rule.outcomes === undefined && rule.reasons === undefined;
  return anyAnswer && (rule.probability ?? 1) >= 1;
}

/** It can be reached from itself without an order in between, which empties the cart. */
function addsUp(journey: Journey, name: string): boolean {
  const seen = new Set<string>([name]);
  for (const step of seen) {
    for (const { to } of journey.steps[step]?.next ?? []) {
      if (to === name) return true;
      if (journey.steps[to]?.operation !== 'order') seen.add(to);
    }
  }
  return false;
}

function duplicatesIn<T>(values: readonly T[]): Set<T> {
  return new Set(values.filter((value, index) => values.indexOf(value) !== index));
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isLength(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
