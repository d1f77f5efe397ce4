/** From the plan and the server's log: what a faultless load generator would have reported. */
import { assert } from '../base/assert.ts';
import { emptyOutcomeCounts, type Outcome, type OutcomeCounts } from '../contract/outcome.ts';
import type { Scenario } from '../contract/scenario.ts';
import { createPlan } from '../engine/plan.ts';
import { AnswerScript, type ScriptSpec } from './answer-script.ts';
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
  /** Requests in the log that the plan does not know, or that came a second time. */
  readonly unplanned: number;
}

export interface TruthOptions {
  readonly scenario: Scenario;
  readonly script: ScriptSpec;
  /** Host-wide µs of intended time 0. */
  readonly startUs: number;
  readonly served: readonly ServedRequest[];
}

/** A read without an answer has surely done nothing, a write may have. */
function outcomeOf({ fate }: ServedRequest, isWrite: boolean): Outcome {
  if (fate === 'answered') return 'ok';
  return isWrite ? 'unknown' : 'failed';
}

/** Throws where the server did not do what its script says: its log would be no truth then. */
export function truthOf({ scenario, script, startUs, served }: TruthOptions): Truth {
  const byNumber = new Map(served.map((request) => [request.number, request]));
  const known = new AnswerScript(script);
  const counts = emptyOutcomeCounts();
  const response: number[] = [];
  const service: number[] = [];
  const lateness: number[] = [];
  const plan = createPlan(scenario);
  let planned = 0;
  while (plan.next()) {
    const request = byNumber.get(plan.customer);
    if (request === undefined) continue;
    planned++;
    if (scenario.phases[plan.phase]?.measured !== true) continue;
    const { delayMs, fate } = known.answerTo(request.number);
    const heldUs = request.doneUs - request.receivedUs;
    assert(heldUs >= delayMs * US_PER_MS - ROUNDING_US && fate === request.fate, 'script broken');
    const isWrite = scenario.populations[plan.population]?.name === 'writer';
    counts[outcomeOf(request, isWrite)]++;
    lateness.push((request.doneUs - request.dueUs) / US_PER_MS);
    if (fate !== 'answered') continue;
    response.push((request.doneUs - startUs - plan.intendedUs) / US_PER_MS);
    service.push(heldUs / US_PER_MS);
  }
  return {
    counts,
    responseMs: Float64Array.from(response).sort(),
    serviceMs: Float64Array.from(service).sort(),
    timerLatenessMs: Float64Array.from(lateness).sort(),
    unplanned: served.length - planned,
  };
}
