/**
 * Where the journeys of one shard come from: the plan of an open model, which comes whatever
 * happens, or virtual users, whose next journey follows the end of the last.
 */
import { owns, type Shard } from '../base/shard.ts';
import { TimerHeap } from '../base/timer-heap.ts';
import type { Scenario } from '../contract/scenario.ts';
import { createPlan, type Plan, type PlannedJourney, type PlanSizes } from './plan.ts';
import { UserJourneys } from './virtual-users.ts';

export interface JourneySource {
  /** Intended instant of the next journey, µs since the start; Infinity while none is known. */
  readonly nextUs: number;
  /** The next journey; only to be asked for when `nextUs` is finite. Reused. */
  readonly next: PlannedJourney;
  /** Journeys are due whether or not anybody gets round to starting them. */
  readonly comesAnyway: boolean;
  /** Users who ended because their next journey could not be numbered any more. */
  readonly usersEnded: number;
  /** Moves on to the journey after `next`. */
  take(): void;
  /** A journey of this source is over: what follows from that may change `nextUs`. */
  ended(ordinal: number, endUs: number): void;
}

export function createJourneySource(
  scenario: Scenario,
  shard: Shard,
  sizes?: PlanSizes,
): JourneySource {
  return scenario.model?.kind === 'closed'
    ? new UserSource(scenario, shard)
    : new PlanSource(createPlan(scenario, sizes), shard);
}

class PlanSource implements JourneySource {
  nextUs = Number.POSITIVE_INFINITY;
  readonly next: Plan;
  readonly comesAnyway = true;
  readonly usersEnded = 0;
  readonly #shard: Shard;

  constructor(plan: Plan, shard: Shard) {
    this.next = plan;
    this.#shard = shard;
    this.take();
  }

  take(): void {
    do {
      if (!this.next.next()) {
        this.nextUs = Number.POSITIVE_INFINITY;
        return;
      }
    } while (!owns(this.#shard, this.next.ordinal));
    this.nextUs = this.next.intendedUs;
  }

  ended(): void {
    // Whoever leaves an open model is nobody's concern: others come.
  }
}

/** Memory: 20 bytes for each user of the shard. */
class UserSource implements JourneySource {
  readonly comesAnyway = false;
  usersEnded = 0;
  readonly #journeys: UserJourneys;
  /** Ordinals of the users' next journeys by their intended instant. */
  readonly #due = new TimerHeap();

  constructor(scenario: Scenario, shard: Shard) {
    this.#journeys = new UserJourneys(scenario);
    for (let user = shard.index; user < this.#journeys.users; user += shard.count) {
      const startUs = this.#journeys.curve.firstInstantOf(user, 0);
      if (startUs !== Number.POSITIVE_INFINITY) this.#due.push(startUs, user);
    }
  }

  get nextUs(): number {
    return this.#due.peekTime();
  }

  get next(): PlannedJourney {
    this.#journeys.describe(this.#due.peekId(), this.#due.peekTime());
    return this.#journeys;
  }

  take(): void {
    this.#due.pop();
  }

  ended(ordinal: number, endUs: number): void {
    const journeys = this.#journeys;
    if (journeys.isLastNumbered(ordinal)) {
      this.usersEnded++;
      return;
    }
    const readyUs = endUs + journeys.pauseUsAfter(ordinal);
    const startUs = journeys.curve.firstInstantOf(journeys.userOf(ordinal), readyUs);
    if (startUs !== Number.POSITIVE_INFINITY) this.#due.push(startUs, ordinal + journeys.users);
  }
}
