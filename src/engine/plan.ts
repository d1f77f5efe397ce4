/**
 * The numbered sequence of journeys that a scenario means: who comes when and for what. A pure
 * function of the scenario, so every worker walks the same sequence and takes its own ordinals.
 */
import { assert, defined } from '../base/assert.ts';
import { Prng } from '../base/prng.ts';
import type { Scenario } from '../contract/scenario.ts';
import { type ArrivalProcess, createPoissonArrivals } from './arrivals.ts';
import { PopulationDraws, WishDraws } from './journey-draws.ts';
import { JOURNEYS_MAX, phaseStartsUs } from './phases.ts';
import { UserJourneys } from './virtual-users.ts';

/** One journey, as whoever starts it must know it. */
export interface PlannedJourney {
  /** 0, 1, 2 … over all phases. */
  readonly ordinal: number;
  /** Whole microseconds since the start of the load. */
  readonly intendedUs: number;
  /** Indexes into the scenario's phases and populations. */
  readonly phase: number;
  readonly population: number;
  readonly customer: number;
  /** Index into the catalogue. */
  readonly item: number;
}

/**
 * Walks the journeys in order; `next` moves on and the fields describe the one it stopped at. In
 * the closed model these are the users' first journeys; how many follow, the target decides.
 */
export interface Plan extends PlannedJourney {
  /** False at the end; the fields then keep their last values. */
  next(): boolean;
}

/** Customers: those of their own first (one per session), then the pools, one after the other. */
export interface PlanSizes {
  readonly journeys: number;
  readonly ownCustomers: number;
  readonly customers: number;
}

/** Arrival instants and populations: all that the number of customers depends on. */
class ArrivalWalk {
  ordinal = -1;
  intendedUs = 0;
  phase = -1;
  population = 0;
  readonly #scenario: Scenario;
  readonly #arrivalBase: Prng;
  readonly #startsUs: readonly number[];
  readonly #populations: PopulationDraws;
  #arrivals: ArrivalProcess | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#arrivalBase = new Prng(scenario.seed, 'arrivals');
    this.#startsUs = phaseStartsUs(scenario.phases);
    this.#populations = new PopulationDraws(scenario);
  }

  /** Left after the population's draw: the journey's stream for customer and item. */
  get draw(): Prng {
    return this.#populations.draw;
  }

  next(): boolean {
    for (;;) {
      const atMs = this.#arrivals?.next();
      if (atMs !== undefined) {
        this.#arrive(atMs);
        return true;
      }
      if (this.phase + 1 >= this.#scenario.phases.length) return false;
      this.phase++;
      const phase = defined(this.#scenario.phases[this.phase], 'phase');
      const prng = new Prng(0);
      prng.seek(this.#arrivalBase, this.phase, 0);
      this.#arrivals = createPoissonArrivals(phase.shape, phase.durationMs, prng);
    }
  }

  #arrive(atMs: number): void {
    this.ordinal++;
    assert(this.ordinal <= JOURNEYS_MAX, 'a plan holds at most 2^32 − 2 journeys');
    this.intendedUs = (this.#startsUs[this.phase] as number) + Math.floor(atMs * 1000);
    this.population = this.#populations.populationOf(this.ordinal, this.phase);
  }
}

/** Walks the arrivals once to count journeys and customers; virtual users are known at once. */
export function planSizes(scenario: Scenario): PlanSizes {
  if (scenario.model?.kind === 'closed') {
    const { users, accounts } = new UserJourneys(scenario);
    return sizesOf(scenario, users, accounts);
  }
  const walk = new ArrivalWalk(scenario);
  const own = scenario.populations.map(({ accounts }) => accounts.kind === 'own');
  let ownCustomers = 0;
  while (walk.next()) if (own[walk.population]) ownCustomers++;
  return sizesOf(scenario, walk.ordinal + 1, ownCustomers);
}

function sizesOf(scenario: Scenario, journeys: number, ownCustomers: number): PlanSizes {
  let customers = ownCustomers;
  for (const { accounts } of scenario.populations) {
    if (accounts.kind === 'pool') customers += accounts.size;
  }
  return { journeys, ownCustomers, customers };
}

class OpenPlan implements Plan {
  readonly sizes: PlanSizes;
  readonly #walk: ArrivalWalk;
  readonly #wishes: WishDraws;
  #nextOwn = 0;

  constructor(scenario: Scenario, sizes: PlanSizes) {
    this.sizes = sizes;
    this.#walk = new ArrivalWalk(scenario);
    this.#wishes = new WishDraws(scenario, sizes.ownCustomers);
  }

  get ordinal(): number {
    return this.#walk.ordinal;
  }

  get intendedUs(): number {
    return this.#walk.intendedUs;
  }

  get phase(): number {
    return this.#walk.phase;
  }

  get population(): number {
    return this.#walk.population;
  }

  get customer(): number {
    return this.#wishes.customer;
  }

  get item(): number {
    return this.#wishes.item;
  }

  next(): boolean {
    if (!this.#walk.next()) return false;
    const { draw, population } = this.#walk;
    this.#wishes.take(draw, population, this.#nextOwn);
    if (this.#wishes.isOwn(population)) this.#nextOwn++;
    return true;
  }
}

/** Every user's first journey, in order of the users' numbers, which is that of their starts. */
class ClosedPlan extends UserJourneys implements Plan {
  readonly sizes: PlanSizes;
  #nextUser = 0;

  constructor(scenario: Scenario, sizes: PlanSizes) {
    super(scenario);
    this.sizes = sizes;
  }

  next(): boolean {
    const user = this.#nextUser;
    if (user >= this.users) return false;
    const startUs = this.curve.firstInstantOf(user, 0);
    if (startUs === Number.POSITIVE_INFINITY) return false;
    this.#nextUser++;
    this.describe(this.ordinalOf(user, 0), startUs);
    return true;
  }
}

/** `sizes` saves the counting pass when they are known. */
export function createPlan(scenario: Scenario, sizes?: PlanSizes): Plan & { sizes: PlanSizes } {
  const known = sizes ?? planSizes(scenario);
  return scenario.model?.kind === 'closed'
    ? new ClosedPlan(scenario, known)
    : new OpenPlan(scenario, known);
}
