/**
 * Who comes on a journey and for what: population, customer and item, drawn from the journey's own
 * stream, so that they are a function of (seed, ordinal) whatever was drawn before.
 */
import { assert } from '../base/assert.ts';
import { ZipfSampler } from '../base/distributions.ts';
import { Prng } from '../base/prng.ts';
import type { Phase, Scenario } from '../contract/scenario.ts';

/** Cumulative weights of the populations among the journeys of a phase. */
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

/** The population of each journey: all that the number of customers depends on. */
export class PopulationDraws {
  /** Left after the population's draw: the journey's stream for customer and item. */
  readonly draw = new Prng(0);
  readonly #base: Prng;
  readonly #mixes: readonly Float64Array[];

  constructor(scenario: Scenario) {
    this.#base = new Prng(scenario.seed, 'journeys');
    this.#mixes = scenario.phases.map((phase) => cumulativeMix(scenario, phase));
  }

  populationOf(ordinal: number, phase: number): number {
    this.draw.seek(this.#base, ordinal, 0);
    return firstAbove(this.#mixes[phase] as Float64Array, this.draw.unit());
  }
}

/** Customer and item, drawn after the population from the same stream. */
export class WishDraws {
  customer = 0;
  item = 0;
  readonly #hotItems: readonly number[];
  readonly #hotShares: Float64Array;
  readonly #zipf: ZipfSampler;
  /** First customer of each pool; -1 where every session is a customer of its own. */
  readonly #poolStart: Int32Array;
  readonly #poolSize: Uint32Array;

  /** Customers of their own are numbered first, then the pools, one after the other. */
  constructor(scenario: Scenario, ownCustomers: number) {
    assert(scenario.catalogue.length > 0, 'a scenario has a catalogue');
    this.#hotItems = scenario.sale.hotItems;
    this.#hotShares = Float64Array.from(scenario.populations, ({ hotShare }) =>
      scenario.sale.hotItems.length === 0 ? 0 : hotShare,
    );
    this.#zipf = new ZipfSampler(scenario.catalogue.length, scenario.zipfExponent);
    this.#poolStart = new Int32Array(scenario.populations.length).fill(-1);
    this.#poolSize = new Uint32Array(scenario.populations.length);
    let first = ownCustomers;
    scenario.populations.forEach(({ accounts }, index) => {
      if (accounts.kind === 'own') return;
      assert(accounts.size >= 1, 'a pool has at least one account');
      this.#poolStart[index] = first;
      this.#poolSize[index] = accounts.size;
      first += accounts.size;
    });
  }

  isOwn(population: number): boolean {
    return (this.#poolStart[population] as number) < 0;
  }

  /** `own`: the customer where the population has accounts of their own. */
  take(draw: Prng, population: number, own: number): void {
    const poolStart = this.#poolStart[population] as number;
    // Both draws are always taken, so a change of accounts does not change the items.
    const account = draw.unit();
    this.customer =
      poolStart < 0
        ? own
        : poolStart + Math.floor(account * (this.#poolSize[population] as number));
    this.item = draw.chance(this.#hotShares[population] as number)
      ? (this.#hotItems[draw.below(this.#hotItems.length)] as number)
      : this.#zipf.sample(draw);
  }
}
