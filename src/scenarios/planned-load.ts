/** What a scenario asks of a machine before it runs: sessions at once, customers, operations. */
import { meanMs } from '../base/distributions.ts';
import type { OperationName } from '../contract/operation.ts';
import { createRateCurve } from '../contract/rate-curve/create-curve.ts';
import type { RateCurve } from '../contract/rate-curve/rate-curve.ts';
import type { Journey, LoadModel, Phase, Scenario } from '../contract/scenario.ts';
import { expectedSessions, MAX_PROPAGATED_STEPS, spread } from './demand.ts';

/** Of a session in which all goes well and nothing is sold out. */
export interface ExpectedSession {
  readonly operations: ReadonlyMap<OperationName, number>;
  readonly steps: number;
  /** Thinking alone, without the target's answers. */
  readonly thinkMs: number;
}

export interface PlannedLoad {
  readonly journeys: number;
  /** Accounts that have to exist: one per session, or the pool. */
  readonly customers: number;
  readonly peakPerSec: number;
  /** Sessions that live at once at the busiest instant: at least so many, answers take time too. */
  readonly peakSessions: number;
  readonly meanThinkMs: number;
  /** Mean number per journey. */
  readonly operations: ReadonlyMap<OperationName, number>;
}

type Planned = Pick<Scenario, 'phases' | 'populations' | 'journeys' | 'model'>;

/** No answer comes quicker: with it virtual users make as many journeys as they ever can. */
const ANSWER_MIN_MS = 0.1;
const SAMPLES_PER_PHASE = 200;
/** What reaches a step with less chance than this is left out. */
const NEGLIGIBLE = 1e-9;

export function expectedSession(journey: Journey): ExpectedSession {
  const operations = new Map<OperationName, number>();
  let mass = new Map<string, number>([[journey.start, 1]]);
  let steps = 0;
  let thinkMs = 0;
  const most = Math.min(journey.maxSteps, MAX_PROPAGATED_STEPS);
  for (let taken = 0; taken < most && mass.size > 0; taken++) {
    const next = new Map<string, number>();
    for (const [name, share] of mass) {
      const step = journey.steps[name];
      if (step === undefined || share < NEGLIGIBLE) continue;
      operations.set(step.operation, (operations.get(step.operation) ?? 0) + share);
      steps += share;
      thinkMs += spread(step, share, next);
    }
    mass = next;
  }
  return { operations, steps, thinkMs };
}

/** Expected sessions of each population over all phases, in either model. */
export function plannedSessions(planned: Planned): Map<string, number> {
  const counted = expectedSessions(planned.phases);
  const { model } = planned;
  if (model?.kind !== 'closed') return counted;
  // What was counted are virtual-user seconds.
  for (const [name, seconds] of counted) {
    counted.set(name, (seconds * 1000) / roundMs(planned, name, model));
  }
  return counted;
}

/** From the start of a journey to the start of the next one of the same virtual user. */
function roundMs(
  { populations, journeys }: Planned,
  name: string,
  model: Extract<LoadModel, { kind: 'closed' }>,
): number {
  const wanted = populations.find((population) => population.name === name)?.journey;
  const journey = journeys.find((candidate) => candidate.name === wanted);
  if (journey === undefined) return 1000;
  const { thinkMs, steps } = expectedSession(journey);
  return Math.max(1, thinkMs + steps * ANSWER_MIN_MS + meanMs(model.pauseBetween));
}

export function plannedLoad(scenario: Planned): PlannedLoad {
  const sessions = plannedSessions(scenario);
  const journeys = [...sessions.values()].reduce((sum, count) => sum + count, 0);
  const operations = new Map<OperationName, number>();
  const lives: { readonly name: string; readonly thinkMs: number }[] = [];
  let customers = 0;
  let thinkMs = 0;
  for (const { name, journey: wanted, accounts } of scenario.populations) {
    const count = sessions.get(name) ?? 0;
    customers +=
      accounts.kind === 'pool' ? accounts.size : scenario.model?.kind === 'closed' ? 0 : count;
    const journey = scenario.journeys.find((candidate) => candidate.name === wanted);
    if (journey === undefined || count === 0) continue;
    const session = expectedSession(journey);
    lives.push({ name, thinkMs: session.thinkMs });
    thinkMs += (session.thinkMs * count) / journeys;
    for (const [operation, mean] of session.operations) {
      const share = (mean * count) / journeys;
      operations.set(operation, (operations.get(operation) ?? 0) + share);
    }
  }
  const curves = scenario.phases.map(({ shape, durationMs }) => createRateCurve(shape, durationMs));
  const peakPerSec = highestLevel(scenario.phases, curves);
  const { model } = scenario;
  const isClosed = model?.kind === 'closed';
  const turns = isClosed ? Math.ceil(peakPerSec) * (model.accountsPerUser ?? 1) : 0;
  return {
    journeys,
    customers: customers + turns,
    peakPerSec,
    peakSessions: isClosed ? peakPerSec : sessionsAtOnce(scenario.phases, curves, lives),
    meanThinkMs: thinkMs,
    operations,
  };
}

function highestLevel(phases: readonly Phase[], curves: readonly RateCurve[]): number {
  let highest = 0;
  for (const [index, { durationMs }] of phases.entries()) {
    for (let i = 0; i <= SAMPLES_PER_PHASE; i++) {
      const level = curves[index]?.rateAt((i / SAMPLES_PER_PHASE) * durationMs) ?? 0;
      highest = Math.max(highest, level);
    }
  }
  return highest;
}

/**
 * Little's law with a window instead of a mean: alive at t is who came in the last `thinkMs` before
 * it. Sampled at every phase's inner points.
 */
function sessionsAtOnce(
  phases: readonly Phase[],
  curves: readonly RateCurve[],
  lives: readonly { readonly name: string; readonly thinkMs: number }[],
): number {
  const startsMs: number[] = [];
  let totalMs = 0;
  for (const { durationMs } of phases) {
    startsMs.push(totalMs);
    totalMs += durationMs;
  }
  const arrivedUntil = (name: string, atMs: number): number => {
    let sum = 0;
    for (const [index, { mix, durationMs }] of phases.entries()) {
      const intoMs = Math.min(atMs - (startsMs[index] ?? 0), durationMs);
      if (intoMs <= 0) break;
      const weights = Object.values(mix).reduce((total, weight) => total + weight, 0);
      const share = weights > 0 ? (mix[name] ?? 0) / weights : 0;
      sum += share * (curves[index]?.expectedUntil(intoMs) ?? 0);
    }
    return sum;
  };
  let most = 0;
  const samples = Math.max(1, Math.min(SAMPLES_PER_PHASE, Math.ceil(2000 / phases.length)));
  for (const [index, { durationMs }] of phases.entries()) {
    for (let i = 1; i <= samples; i++) {
      const atMs = (startsMs[index] ?? 0) + (i / samples) * durationMs;
      let alive = 0;
      for (const { name, thinkMs } of lives) {
        alive += arrivedUntil(name, atMs) - arrivedUntil(name, Math.max(0, atMs - thinkMs));
      }
      most = Math.max(most, alive);
    }
  }
  return most;
}
