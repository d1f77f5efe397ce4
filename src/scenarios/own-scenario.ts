/** From an author's draft to a whole scenario: built-in journeys, catalogue, stock and probes. */

import { ZipfSampler } from '../base/distributions.ts';
import { EcomsimError } from '../base/errors.ts';
import { UserCurve } from '../contract/rate-curve/user-curve.ts';
import type { Journey, LoadModel, Phase, Scenario } from '../contract/scenario.ts';
import type { ScenarioDraft, StockRun } from '../contract/scenario-draft.ts';
import { generateCatalogue } from './catalogue.ts';
import { checkEndsWell } from './check-journey.ts';
import { checkScenario, partProblems, type ScenarioProblem } from './check-scenario.ts';
import { accountsPerUser } from './closed-model.ts';
import { expectedSessions, expectedUnits } from './demand.ts';
import { type ScenarioInputs, stretchesOf } from './inputs.ts';
import { checkInterventions } from './intervention-problems.ts';
import { journeyPreset } from './journey-presets.ts';
import { plannedSessions } from './planned-load.ts';
import { probeShares } from './probe-shares.ts';
import { paceOf } from './think-times.ts';

/** Fewer expected replays than this, and there may be none. */
const SURE_REPLAYS = 11.9;

interface Parts {
  readonly phases: readonly Phase[];
  readonly journeys: readonly Journey[];
  readonly opensAtMs: number;
  readonly hotItems: readonly number[];
  readonly items: number;
}

/** What is wrong with the draft beyond what can be seen in the file alone. */
export function draftProblems(draft: ScenarioDraft, inputs: ScenarioInputs): ScenarioProblem[] {
  const parts = partsOf(draft, inputs);
  const { populations } = draft;
  const { model } = draft;
  const problems = partProblems({ ...parts, populations, model }, parts.hotItems.length > 0);
  for (const rank of parts.hotItems) {
    if (rank < parts.items) continue;
    const message = `there is no item ${rank + 1}; the catalogue has ${parts.items}`;
    problems.push({ path: ['sale', 'hotItems'], message });
    break;
  }
  const { disturbances, sale } = draft;
  checkInterventions(
    {
      ...{ phases: parts.phases, disturbances, items: parts.items },
      ...{ restocks: sale.restocks, priceChanges: sale.priceChanges },
    },
    (path, message) => problems.push({ path, message }),
  );
  for (const journey of draft.journeys) {
    if (!draft.unboundedJourneys.includes(journey.name)) continue;
    checkEndsWell(journey, (path, message) => problems.push({ path, message }));
  }
  return problems;
}

/** The draft has no problems. A pure function of its inputs. */
export function buildOwnScenario(draft: ScenarioDraft, inputs: ScenarioInputs): Scenario {
  const { profile, seed } = inputs;
  const parts = partsOf(draft, inputs);
  const { phases, journeys, opensAtMs, hotItems, items } = parts;
  const { populations, stock, zipfExponent } = draft;
  const need = needOf(draft, parts);
  const probes = draft.probes ?? probeShares(need.orders);
  const scenario: Scenario = {
    name: draft.name,
    title: draft.title,
    ...(draft.model.kind === 'closed' && { model: withAccounts(draft.model, parts, draft) }),
    seed,
    currency: draft.currency,
    catalogue: generateCatalogue({ size: items, seed, unitsOf: need.unitsOf }),
    zipfExponent,
    phases,
    populations,
    journeys,
    sale: {
      opensAtMs,
      closesAtMs: draft.sale.closesAtMs,
      hotItems,
      demandToStock: stock.kind === 'plenty' ? 1 : stock.demandToStock,
      perCustomer: draft.sale.perCustomer ?? profile.system.limits.perCustomer,
      ...(draft.sale.restocks.length > 0 && { restocks: draft.sale.restocks }),
      ...(draft.sale.priceChanges.length > 0 && { priceChanges: draft.sale.priceChanges }),
    },
    ...(draft.disturbances.length > 0 && { disturbances: draft.disturbances }),
    probes,
    requiredGoals: draft.requiredGoals ?? likelyGoals(need.orders, probes.replay),
  };
  const problems = checkScenario(scenario);
  if (problems.length === 0) return scenario;
  throw new EcomsimError('INVALID_FILE', `the scenario "${draft.name}" cannot be driven:`, {
    details: problems,
  });
}

function partsOf(draft: ScenarioDraft, { profile, stages }: ScenarioInputs): Parts {
  const warmupMs = draft.phases.reduce(
    (sum, phase) => sum + (phase.measured ? 0 : phase.durationMs),
    0,
  );
  // Stages take the place of the phases that people waited in.
  const opensAtMs =
    stages === undefined ? draft.sale.opensAtMs : Math.min(draft.sale.opensAtMs, warmupMs);
  const items = draft.items ?? profile.sale.skus;
  const asMany = Math.min(profile.sale.hotSkus, items);
  const hotItems = draft.sale.hotItems ?? Array.from({ length: asMany }, (_, rank) => rank);
  const phases = stages === undefined ? draft.phases : staged(draft, stages);
  const measuredMs = draft.phases.reduce(
    (sum, phase) => sum + (phase.measured ? phase.durationMs : 0),
    0,
  );
  const { inventory, limits } = profile.system;
  const presets = draft.presets.map(({ name, preset, pace, pollMs }) => ({
    ...journeyPreset(preset, {
      times: { pollMs, presaleMs: opensAtMs, pace: pace ?? paceOf(measuredMs) },
      holdMs: inventory.holdTtlMs + inventory.sweepEveryMs,
      perCustomer: draft.sale.perCustomer ?? limits.perCustomer,
    }),
    name,
  }));
  return { phases, journeys: [...draft.journeys, ...presets], opensAtMs, hotItems, items };
}

/** Warm-up stays; the stages bring the people of the phase in which the sale opens. */
function staged(draft: ScenarioDraft, stages: NonNullable<ScenarioInputs['stages']>): Phase[] {
  const warmup = draft.phases.filter((phase) => !phase.measured);
  const measured = draft.phases.filter((phase) => phase.measured);
  let atMs = 0;
  let opening = measured[0];
  for (const phase of draft.phases) {
    if (phase.measured && draft.sale.opensAtMs >= atMs) opening = phase;
    atMs += phase.durationMs;
  }
  const mix = opening?.mix ?? {};
  return [...warmup, ...stretchesOf(stages).map((part) => ({ ...part, measured: true, mix }))];
}

type Closed = Extract<LoadModel, { kind: 'closed' }>;

/** Accounts enough that nobody comes back with the cart of an earlier visit. */
function withAccounts(model: Closed, { phases, journeys }: Parts, draft: ScenarioDraft): Closed {
  if (model.accountsPerUser !== undefined) return model;
  const { populations } = draft;
  const rounds = plannedSessions({ phases, populations, journeys, model });
  const all = [...rounds.values()].reduce((sum, count) => sum + count, 0);
  const userMs = expectedSessions(phases);
  const usedMs = [...userMs.values()].reduce((sum, seconds) => sum + seconds, 0) * 1000;
  const roundMs = all > 0 ? Math.max(1, usedMs / all) : 1000;
  const peakUsers = Math.max(1, new UserCurve(phases).peakUsers);
  const pause = { kind: 'constant', ms: roundMs } as const;
  return { ...model, accountsPerUser: accountsPerUser(phases, pause, peakUsers) };
}

interface Need {
  /** Expected orders, when nothing runs out. */
  readonly orders: number;
  readonly unitsOf: (rank: number) => number;
}

function needOf(draft: ScenarioDraft, parts: Parts): Need {
  const { phases, journeys, hotItems, items } = parts;
  const { populations, stock, model } = draft;
  const zipf = new ZipfSampler(items, draft.zipfExponent);
  const hotProbability = hotItems.reduce((sum, rank) => sum + zipf.probability(rank), 0);
  const sessions = plannedSessions({ phases, populations, journeys, model });
  const sum = { offered: 0, drawn: 0, hotWanted: 0, hotOrders: 0, otherOrders: 0 };
  for (const { name, journey: wanted, hotShare } of populations) {
    const journey = journeys.find((candidate) => candidate.name === wanted);
    const count = sessions.get(name) ?? 0;
    if (journey === undefined || count === 0) continue;
    const checkouts = count * expectedUnits(journey, 'checkout', 'all');
    const orders = count * expectedUnits(journey, 'order', 'all');
    const hot = hotShare + (1 - hotShare) * hotProbability;
    sum.offered += hotShare * checkouts;
    sum.drawn += (1 - hotShare) * checkouts;
    sum.hotWanted += hot * count * expectedUnits(journey, 'checkout', 'first');
    sum.hotOrders += hot * orders;
    sum.otherOrders += (1 - hot) * orders;
  }
  const hot = new Set(hotItems);
  const plenty = (rank: number): number => {
    const offered = hot.has(rank) ? sum.offered / hot.size : 0;
    return withMargin(offered + sum.drawn * zipf.probability(rank));
  };
  const orders = sum.hotOrders + sum.otherOrders;
  if (stock.kind === 'stated') return { orders, unitsOf: unitsOfRuns(stock.runs, items) };
  if (stock.kind === 'plenty' || hot.size === 0) return { orders, unitsOf: plenty };
  const hotUnits = Math.max(1, Math.round(sum.hotWanted / stock.demandToStock / hot.size));
  return {
    orders: Math.min(hotUnits * hot.size, sum.hotWanted) + sum.otherOrders,
    unitsOf: (rank) => (hot.has(rank) ? hotUnits : plenty(rank)),
  };
}

/** Five standard deviations of Poisson demand above its mean, and a few: never short. */
function withMargin(expected: number): number {
  return Math.ceil(expected + 5 * Math.sqrt(expected)) + 5;
}

function unitsOfRuns(runs: readonly StockRun[], items: number): (rank: number) => number {
  const units = new Float64Array(items).fill(runs.at(-1)?.units ?? 0);
  let from = 0;
  for (const run of runs) {
    units.fill(run.units, from, from + run.items);
    from += run.items;
  }
  return (rank) => units[rank] ?? 0;
}

function likelyGoals(orders: number, replayShare: number): string[] {
  if (orders < 1) return [];
  const goals = ['order_confirmed', 'drain_probe_done'];
  return orders * replayShare >= SURE_REPLAYS ? [...goals, 'replay_answered'] : goals;
}
