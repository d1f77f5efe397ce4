/** Sanity of a scenario before anything starts: every problem at once, none means usable. */
import { suggestion } from '../base/nearest-name.ts';
import { shapeProblems } from '../contract/rate-curve/shape-problems.ts';
import type { Scenario } from '../contract/scenario.ts';
import { checkJourney } from './check-journey.ts';
import { checkModel } from './check-model.ts';
import { expectedArrivals } from './demand.ts';
import { checkInterventions } from './intervention-problems.ts';
import { duplicatesIn, isCount, isLength, isShare, type Report } from './problem-report.ts';

export interface ScenarioProblem {
  /** Phases by index, everything else by name. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What an author writes; the catalogue and the stock may still be missing. */
export type ScenarioParts = Pick<Scenario, 'model' | 'phases' | 'populations' | 'journeys'>;

/** Problems in plain words, each beginning with where it is. */
export function checkScenario(scenario: Scenario): string[] {
  return scenarioProblems(scenario).map(({ path, message }) => {
    const [field, index, ...rest] = path;
    const phase = field === 'phases' && typeof index === 'number' && scenario.phases[index]?.name;
    const words = phase ? ['phases', phase, ...rest] : path;
    return `${pathText(words)}: ${message}`;
  });
}

function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, word) => {
    if (typeof word === 'number') return `${text}[${word}]`;
    return text === '' ? word : `${text}.${word}`;
  }, '');
}

function scenarioProblems(scenario: Scenario): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  checkCatalogueAndSale(scenario, report);
  const { phases, disturbances, catalogue, sale } = scenario;
  checkInterventions(
    {
      phases,
      ...(disturbances && { disturbances }),
      restocks: sale.restocks,
      priceChanges: sale.priceChanges,
      items: catalogue.length,
    },
    report,
  );
  for (const [name, share] of Object.entries(scenario.probes)) {
    if (!isShare(share)) report(['probes', name], `${share} is not a share from 0 to 1`);
  }
  return [...problems, ...partProblems(scenario, scenario.sale.hotItems.length > 0)];
}

export function partProblems(parts: ScenarioParts, hasHotItems: boolean): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  checkPhases(parts, report);
  checkModel(parts, report);
  checkPopulations(parts, hasHotItems, report);
  for (const journey of parts.journeys) checkJourney(journey, report);
  for (const name of duplicatesIn(parts.journeys.map((journey) => journey.name))) {
    report(['journeys'], `"${name}" is there twice`);
  }
  return problems;
}

function checkCatalogueAndSale(scenario: Scenario, report: Report): void {
  const { catalogue, sale } = scenario;
  if (!Number.isSafeInteger(scenario.seed)) report(['seed'], 'not a whole number');
  if (catalogue.length === 0) report(['catalogue'], 'has no items');
  for (const sku of duplicatesIn(catalogue.map((item) => item.sku))) {
    report(['catalogue'], `SKU "${sku}" is there twice`);
  }
  for (const item of catalogue) {
    if (!isCount(item.units)) report(['catalogue', item.sku], `units ${item.units}`);
    if (!isCount(item.priceMinor)) report(['catalogue', item.sku], `price ${item.priceMinor}`);
  }
  for (const item of sale.hotItems) {
    if (catalogue[item] === undefined) report(['sale', 'hotItems'], `there is no item ${item}`);
  }
  for (const item of duplicatesIn(sale.hotItems)) {
    report(['sale', 'hotItems'], `item ${item} is there twice`);
  }
  if (!isLength(sale.opensAtMs)) report(['sale', 'opensAtMs'], `${sale.opensAtMs}`);
  if (sale.closesAtMs !== null && !(sale.closesAtMs > sale.opensAtMs)) {
    report(['sale', 'closesAtMs'], 'the sale closes before it opens');
  }
  if (!isCount(sale.perCustomer) || sale.perCustomer < 1) {
    report(['sale', 'perCustomer'], `${sale.perCustomer} is not a purchase limit`);
  }
}

function checkPhases(parts: ScenarioParts, report: Report): void {
  const { phases } = parts;
  if (phases.length === 0) report(['phases'], 'there are none');
  const names = phases.map(({ name }) => name);
  const populations = parts.populations.map(({ name }) => name);
  let arrivals = 0;
  for (const [index, phase] of phases.entries()) {
    const at = ['phases', index];
    if (names.indexOf(phase.name) < index) {
      report([...at, 'name'], `"${phase.name}" is there twice`);
    }
    const lasts = isLength(phase.durationMs) && phase.durationMs > 0;
    if (!lasts) report([...at, 'duration'], `lasts ${phase.durationMs} ms`);
    const curve = shapeProblems(phase.shape, phase.durationMs);
    for (const problem of curve) report([...at, 'shape'], problem);
    if (lasts && curve.length === 0) arrivals += expectedArrivals(phase.shape, phase.durationMs);
    else arrivals = Number.NaN;
    checkMix(phase.mix, [...at, 'mix'], { populations, report });
  }
  const isOpen = parts.model?.kind !== 'closed';
  if (isOpen && arrivals === 0 && phases.length > 0) {
    report(['phases'], 'every rate is 0, so nobody would ever come');
  }
}

function checkMix(
  mix: Readonly<Record<string, number>>,
  at: readonly (string | number)[],
  { populations, report }: { readonly populations: readonly string[]; readonly report: Report },
): void {
  const weights = Object.entries(mix);
  for (const [name, weight] of weights) {
    if (!populations.includes(name)) {
      report([...at, name], `no population "${name}"${suggestion(name, populations)}`);
    }
    if (!isLength(weight)) report([...at, name], `weight ${weight} of "${name}"`);
  }
  if (!weights.some(([, weight]) => weight > 0)) report(at, 'nobody arrives');
}

function checkPopulations(parts: ScenarioParts, hasHotItems: boolean, report: Report): void {
  const journeys = parts.journeys.map((journey) => journey.name);
  for (const name of duplicatesIn(parts.populations.map((population) => population.name))) {
    report(['populations'], `"${name}" is there twice`);
  }
  for (const { name, journey, hotShare, accounts } of parts.populations) {
    const at = ['populations', name];
    if (!journeys.includes(journey)) {
      report([...at, 'journey'], `no journey "${journey}"${suggestion(journey, journeys)}`);
    }
    if (!isShare(hotShare)) report([...at, 'hotShare'], `hotShare ${hotShare}`);
    if (hotShare > 0 && !hasHotItems) {
      report([...at, 'hotShare'], `hotShare ${hotShare}, but the sale has no hot items`);
    }
    if (accounts.kind === 'pool' && (!isCount(accounts.size) || accounts.size < 1)) {
      report([...at, 'accounts'], `a pool of ${accounts.size} accounts`);
    }
  }
}
