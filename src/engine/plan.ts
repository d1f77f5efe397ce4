/**
 * The numbered sequence of journeys that a scenario means: who comes when and for what. A pure
 * function of the scenario, so every worker walks the same sequence and takes its own ordinals.
 */
import { assert, defined } from '../base/assert.ts';
import { ZipfSampler } from '../base/distributions.ts';
import { Prng } from '../base/prng.ts';
import type { Phase, Scenario } from '../contract/scenario.ts';
import { type ArrivalProcess, createPoissonArrivals } from './arrivals.ts';

/** More journeys than fit in a history's journey number are refused. */
const JOURNEYS_MAX = 0xfffffffe;

/** Walks the journeys in order; `next` moves on and the fields describe the one it stopped at. */
export interface Plan {
  /** False at the end; the fields then keep their last values. */
  next(): boolean;
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

/** Customers: those of their own first (one per session), then the pools, one after the other. */
export interface PlanSizes {
  readonly journeys: number;
  readonly ownCustomers: number;
  readonly customers: number;
}

export function phaseStartsUs(phases: readonly Phase[]): number[] {
  let atMs = 0;
  return phases.map((phase) => {
    const startUs = Math.round(atMs * 1000);
    atMs += phase.durationMs;
    return startUs;
  });
}

/** Index of the phase that an instant lies in; the last one for all beyond. */
export function phaseAt(startsUs: readonly number[], atUs: number): number {
  let phase = startsUs.length - 1;
  while (phase > 0 && (startsUs[phase] as number) > atUs) phase--;
  return Math.max(0, phase);
}

export function plannedDurationUs(phases: readonly Phase[]): number {
  return Math.round(phases.reduce((sum, phase) => sum + phase.durationMs, 0) * 1000);
}

/** Cumulative weights of the populations among the arrivals of a phase. */
function cumulativeMix(scenario: Scenario, phase: Phase): Float64Array {
  let sum = 0;
  const cumulative = scenario.populations.map((population) => {
    const weight = phase.mix[population.name] ?? 0;
    assert(Number.isFinite(weight) && weight >= 0, `phase ${phase.name}: invalid weight`);
    sum += weight;
    return sum;
  });
  const arrives = phase.durationMs > 0 && cumulative.length > 0;
  assert(!arrives || sum > 0, `phase ${phase.name}: no population has a weight`);
  return Float64Array.from(cumulative, (value) => value / sum);
}

function firstAbove(cumulative: Float64Array, u: number): number {
  let index = 0;
  while (index < cumulative.length - 1 && u >= (cumulative[index] as number)) index++;
  return index;
}

/** Arrival instants and populations: all that the number of customers depends on. */
class ArrivalWalk {
  ordinal = -1;
  intendedUs = 0;
  phase = -1;
  population = 0;
  /** Left after the population's draw: the journey's stream for customer and item. */
  readonly draw = new Prng(0);
  readonly #scenario: Scenario;
  readonly #arrivalBase: Prng;
  readonly #journeyBase: Prng;
  readonly #startsUs: readonly number[];
  readonly #mixes: readonly Float64Array[];
  #arrivals: ArrivalProcess | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#arrivalBase = new Prng(scenario.seed, 'arrivals');
    this.#journeyBase = new Prng(scenario.seed, 'journeys');
    this.#startsUs = phaseStartsUs(scenario.phases);
    this.#mixes = scenario.phases.map((phase) => cumulativeMix(scenario, phase));
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
    this.draw.seek(this.#journeyBase, this.ordinal, 0);
    this.population = firstAbove(this.#mixes[this.phase] as Float64Array, this.draw.unit());
  }
}

/** Walks the arrivals once to count journeys and customers. */
export function planSizes(scenario: Scenario): PlanSizes {
  const walk = new ArrivalWalk(scenario);
  const own = scenario.populations.map(({ accounts }) => accounts.kind === 'own');
  let ownCustomers = 0;
  while (walk.next()) if (own[walk.population]) ownCustomers++;
  let customers = ownCustomers;
  for (const { accounts } of scenario.populations) {
    if (accounts.kind === 'pool') customers += accounts.size;
  }
  return { journeys: walk.ordinal + 1, ownCustomers, customers };
}

class ScenarioPlan implements Plan {
  customer = 0;
  item = 0;
  readonly sizes: PlanSizes;
  readonly #walk: ArrivalWalk;
  readonly #hotItems: readonly number[];
  readonly #hotShares: Float64Array;
  readonly #zipf: ZipfSampler;
  /** First customer of each pool; -1 where every session is a customer of its own. */
  readonly #poolStart: Int32Array;
  readonly #poolSize: Uint32Array;
  #nextOwn = 0;

  constructor(scenario: Scenario, sizes: PlanSizes) {
    assert(scenario.catalogue.length > 0, 'a scenario has a catalogue');
    this.sizes = sizes;
    this.#walk = new ArrivalWalk(scenario);
    this.#hotItems = scenario.sale.hotItems;
    this.#hotShares = Float64Array.from(scenario.populations, ({ hotShare }) =>
      scenario.sale.hotItems.length === 0 ? 0 : hotShare,
    );
    this.#zipf = new ZipfSampler(scenario.catalogue.length, scenario.zipfExponent);
    this.#poolStart = new Int32Array(scenario.populations.length).fill(-1);
    this.#poolSize = new Uint32Array(scenario.populations.length);
    let first = sizes.ownCustomers;
    scenario.populations.forEach(({ accounts }, index) => {
      if (accounts.kind === 'own') return;
      assert(accounts.size >= 1, 'a pool has at least one account');
      this.#poolStart[index] = first;
      this.#poolSize[index] = accounts.size;
      first += accounts.size;
    });
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

  next(): boolean {
    if (!this.#walk.next()) return false;
    const { draw, population } = this.#walk;
    const poolStart = this.#poolStart[population] as number;
    // Both draws are always taken, so a change of accounts does not change the items.
    const account = draw.unit();
    this.customer =
      poolStart < 0
        ? this.#nextOwn++
        : poolStart + Math.floor(account * (this.#poolSize[population] as number));
    this.item = draw.chance(this.#hotShares[population] as number)
      ? (this.#hotItems[draw.below(this.#hotItems.length)] as number)
      : this.#zipf.sample(draw);
    return true;
  }
}

/** `sizes` saves the counting pass when they are known. */
export function createPlan(scenario: Scenario, sizes?: PlanSizes): Plan & { sizes: PlanSizes } {
  return new ScenarioPlan(scenario, sizes ?? planSizes(scenario));
}
