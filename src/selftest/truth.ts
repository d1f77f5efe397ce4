/** From the plan and the server's log: what a faultless load generator would have reported. */
import { assert } from '../base/assert.ts';
import { emptyOutcomeCounts, type Outcome, type OutcomeCounts } from '../contract/outcome.ts';
import type { Scenario } from '../contract/scenario.ts';
import { createPlan } from '../engine/plan.ts';
import { UserJourneys } from '../engine/virtual-users.ts';
import { AnswerScript } from './answer-script.ts';
import { type LatencyCase, measuredFromMs, scenarioOf, USERS_RISE_MS } from './cases.ts';
import type { ServedRequest } from './truth-log.ts';

const US_PER_MS = 1000;
/** What instants lose when they are compared as floating-point microseconds. */
const ROUNDING_US = 1;

export interface Truth {
  /** Over the requests of the measured phase. */
  readonly counts: OutcomeCounts;
  /** Milliseconds of the answered requests, ascending. */
  readonly responseMs: Float64Array;
  readonly serviceMs: Float64Array;
  /** How late the server's own timers were: part of the truth, not of the error. */
  readonly timerLatenessMs: Float64Array;
  /**
   * Requests in the log that the plan does not know or that came a second time; of virtual users,
   * those that came before their time.
   */
  readonly unplanned: number;
}

export interface TruthOptions {
  readonly latency: LatencyCase;
  /** Host-wide µs of intended time 0. */
  readonly startUs: number;
  readonly served: readonly ServedRequest[];
}

/** A measured request and when a faultless generator would have wanted it, host-wide µs. */
interface Wanted {
  readonly request: ServedRequest;
  readonly intendedUs: number;
  readonly isWrite: boolean;
}

/** A read without an answer has surely done nothing, a write may have. */
function outcomeOf({ fate }: ServedRequest, isWrite: boolean): Outcome {
  if (fate === 'answered') return 'ok';
  return isWrite ? 'unknown' : 'failed';
}

/** Throws where the server did not do what its script says: its log would be no truth then. */
export function truthOf(options: TruthOptions): Truth {
  const known = new AnswerScript(options.latency.script);
  const counts = emptyOutcomeCounts();
  const response: number[] = [];
  const service: number[] = [];
  const lateness: number[] = [];
  const { wanted, unplanned } =
    options.latency.users === 0 ? wantedByPlan(options) : wantedByUsers(options);
  for (const { request, intendedUs, isWrite } of wanted) {
    const { delayMs, fate } = known.answerTo(request.number);
    const heldUs = request.doneUs - request.receivedUs;
    assert(heldUs >= delayMs * US_PER_MS - ROUNDING_US && fate === request.fate, 'script broken');
    counts[outcomeOf(request, isWrite)]++;
    lateness.push((request.doneUs - request.dueUs) / US_PER_MS);
    if (fate !== 'answered') continue;
    response.push((request.doneUs - intendedUs) / US_PER_MS);
    service.push(heldUs / US_PER_MS);
  }
  return {
    counts,
    responseMs: Float64Array.from(response).sort(),
    serviceMs: Float64Array.from(service).sort(),
    timerLatenessMs: Float64Array.from(lateness).sort(),
    unplanned,
  };
}

interface WantedRequests {
  readonly wanted: readonly Wanted[];
  readonly unplanned: number;
}

/** The open model: the plan says when each request is wanted, whatever the server does. */
function wantedByPlan({ latency, startUs, served }: TruthOptions): WantedRequests {
  const scenario = scenarioOf(latency);
  const byNumber = new Map(served.map((request) => [request.number, request]));
  const wanted: Wanted[] = [];
  const plan = createPlan(scenario);
  let planned = 0;
  while (plan.next()) {
    const request = byNumber.get(plan.customer);
    if (request === undefined) continue;
    planned++;
    if (scenario.phases[plan.phase]?.measured !== true) continue;
    const isWrite = isWriter(scenario, plan.population);
    wanted.push({ request, intendedUs: startUs + plan.intendedUs, isWrite });
  }
  return { wanted, unplanned: served.length - planned };
}

/**
 * Virtual users: the first request of user v is wanted when v ÷ users of the rise are over, each
 * other one a pause after the end of the last. The way of an answer to the generator counts for the
 * request that waits for it and against the next, so that it cancels out.
 */
function wantedByUsers({ latency, startUs, served }: TruthOptions): WantedRequests {
  const { users, pauseMs } = latency;
  const scenario = scenarioOf(latency);
  const journeys = new UserJourneys(scenario);
  const fromUs = startUs + measuredFromMs(latency) * US_PER_MS;
  const lastOf = new Map<number, ServedRequest>();
  const wanted: Wanted[] = [];
  let unplanned = 0;
  for (const request of [...served].sort((a, b) => a.number - b.number)) {
    const user = request.number % users;
    if (request.receivedUs < fromUs) continue;
    const last = lastOf.get(user);
    const riseUs = fromUs + (USERS_RISE_MS * US_PER_MS * user) / users;
    const intendedUs = last === undefined ? riseUs : last.doneUs + pauseMs * US_PER_MS;
    // An answer is written before that is written down, and never before it is due.
    const earliestUs = last === undefined ? riseUs : last.dueUs + pauseMs * US_PER_MS;
    if (request.receivedUs < earliestUs - ROUNDING_US) unplanned++;
    lastOf.set(user, request);
    journeys.describe(request.number, Math.max(0, intendedUs - startUs));
    wanted.push({ request, intendedUs, isWrite: isWriter(scenario, journeys.population) });
  }
  return { wanted, unplanned };
}

function isWriter(scenario: Scenario, population: number): boolean {
  return scenario.populations[population]?.name === 'writer';
}
