/**
 * The closed model: virtual users by number, each with its own journeys one after the other. What a
 * user does is a function of (seed, user, iteration) and of when its last journey ended, so it does
 * not matter which worker plays it.
 */
import { assert } from '../base/assert.ts';
import { type Distribution, sampleMs } from '../base/distributions.ts';
import { Prng } from '../base/prng.ts';
import { UserCurve } from '../contract/rate-curve/user-curve.ts';
import type { Scenario } from '../contract/scenario.ts';
import { PopulationDraws, WishDraws } from './journey-draws.ts';
import { JOURNEYS_MAX, phaseAt, phaseStartsUs } from './phases.ts';

/** What a journey of a closed scenario is; `describe` moves it to another one. */
export class UserJourneys {
  readonly curve: UserCurve;
  ordinal = 0;
  intendedUs = 0;
  phase = 0;
  population = 0;
  customer = 0;
  item = 0;
  readonly #populations: PopulationDraws;
  readonly #wishes: WishDraws;
  readonly #startsUs: readonly number[];
  readonly #accountsPerUser: number;
  readonly #pause: Distribution;
  readonly #pauseBase: Prng;
  readonly #pauseDraw = new Prng(0);

  /** The scenario's model is closed. */
  constructor(scenario: Scenario) {
    const { model } = scenario;
    assert(model?.kind === 'closed', 'virtual users belong to the closed model');
    this.curve = new UserCurve(scenario.phases);
    this.#populations = new PopulationDraws(scenario);
    this.#accountsPerUser = model.accountsPerUser ?? 1;
    this.#wishes = new WishDraws(scenario, this.accounts);
    this.#startsUs = phaseStartsUs(scenario.phases);
    this.#pause = model.pauseBetween;
    this.#pauseBase = new Prng(scenario.seed, 'pauses');
  }

  get users(): number {
    return this.curve.peakUsers;
  }

  /** Of all users together, whatever populations they play. */
  get accounts(): number {
    return this.users * this.#accountsPerUser;
  }

  /** Iteration k of user v, among n users: unique, and dense in the order of iterations. */
  ordinalOf(user: number, iteration: number): number {
    return iteration * this.users + user;
  }

  userOf(ordinal: number): number {
    return ordinal % this.users;
  }

  /** Describes one journey, intended at `intendedUs` after the start. */
  describe(ordinal: number, intendedUs: number): void {
    this.ordinal = ordinal;
    this.intendedUs = intendedUs;
    this.phase = phaseAt(this.#startsUs, intendedUs);
    this.population = this.#populations.populationOf(ordinal, this.phase);
    this.#wishes.take(this.#populations.draw, this.population, ordinal % this.accounts);
    this.customer = this.#wishes.customer;
    this.item = this.#wishes.item;
  }

  /** µs between the end of a journey and the intended start of the user's next one. */
  pauseUsAfter(ordinal: number): number {
    this.#pauseDraw.seek(this.#pauseBase, ordinal, 0);
    return sampleMs(this.#pause, this.#pauseDraw) * 1000;
  }

  /** Whether a user can begin another journey after this one: a run numbers only so many. */
  isLastNumbered(ordinal: number): boolean {
    return ordinal + this.users > JOURNEYS_MAX;
  }
}
