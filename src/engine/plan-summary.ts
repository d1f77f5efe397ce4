/** What can be told of a plan before it runs, with a digest that pins every journey of it. */
import { createHash } from 'node:crypto';
import type { PlanSummary } from '../contract/load.ts';
import { UserCurve } from '../contract/rate-curve/user-curve.ts';
import type { Scenario } from '../contract/scenario.ts';
import { createPlan, type Plan } from './plan.ts';

const RECORD_BYTES = 28;
const RECORDS_PER_CHUNK = 2048;

/** SHA-256 over journeys in order, little-endian whatever the machine. */
class PlanDigest {
  readonly #hash = createHash('sha256');
  readonly #chunk = new DataView(new ArrayBuffer(RECORD_BYTES * RECORDS_PER_CHUNK));
  #records = 0;

  constructor(scenario: Scenario) {
    // What sessions do is drawn from (seed, ordinal) by these.
    const { seed, journeys, populations, probes, phases, sale } = scenario;
    const { opensAtMs, closesAtMs, hotItems } = sale;
    const closed = scenario.model?.kind === 'closed' && { model: scenario.model };
    const behaviour = { seed, journeys, populations, probes, phases, opensAtMs, closesAtMs };
    this.#hash.update(JSON.stringify({ ...behaviour, hotItems, ...closed }));
  }

  add(plan: Plan): void {
    const at = this.#records * RECORD_BYTES;
    this.#chunk.setFloat64(at, plan.intendedUs, true);
    this.#chunk.setUint32(at + 8, plan.ordinal, true);
    this.#chunk.setUint32(at + 12, plan.phase, true);
    this.#chunk.setUint32(at + 16, plan.population, true);
    this.#chunk.setUint32(at + 20, plan.customer, true);
    this.#chunk.setInt32(at + 24, plan.item, true);
    this.#records++;
    if (this.#records === RECORDS_PER_CHUNK) this.#flush();
  }

  hex(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #flush(): void {
    this.#hash.update(new Uint8Array(this.#chunk.buffer, 0, this.#records * RECORD_BYTES));
    this.#records = 0;
  }
}

/** Most virtual users at a time; 0 in the open model. */
export function virtualUsersOf(scenario: Scenario): number {
  return scenario.model?.kind === 'closed' ? new UserCurve(scenario.phases).peakUsers : 0;
}

/**
 * Walks the whole plan once (about a microsecond a journey). Idempotency keys are the run's prefix, the
 * ordinal and a count, so the digest pins them with the ordinal.
 */
export function summarisePlan(scenario: Scenario): PlanSummary {
  const plan = createPlan(scenario);
  const digest = new PlanDigest(scenario);
  const hot = new Set(scenario.sale.hotItems);
  const hotSessions = scenario.populations.map(() => 0);
  while (plan.next()) {
    digest.add(plan);
    if (hot.has(plan.item)) hotSessions[plan.population] = (hotSessions[plan.population] ?? 0) + 1;
  }
  return {
    journeys: plan.sizes.journeys,
    virtualUsers: virtualUsersOf(scenario),
    customers: plan.sizes.customers,
    hotSessions: Object.fromEntries(
      scenario.populations.map(({ name }, index) => [name, hotSessions[index] ?? 0]),
    ),
    digest: digest.hex(),
  };
}
