/**
 * How sessions behave: what each asks next, what it learns from an answer and how long it thinks.
 * Knows neither time nor targets; every draw is a function of (seed, journey, number of the draw).
 */
import { ZipfSampler } from '../base/distributions.ts';
import { Prng } from '../base/prng.ts';
import type { Shard } from '../base/shard.ts';
import type { LoadClient } from '../contract/call.ts';
import { OPERATION_CODE, type OperationName } from '../contract/operation.ts';
import { OUTCOME_CODE, OUTCOMES, REASON_CODE, REASONS } from '../contract/outcome.ts';
import type { Scenario } from '../contract/scenario.ts';
import { ContractProbes, confirmsOrder } from './contract-probes.ts';
import type { Flight } from './flight.ts';
import { type CompiledStep, END, JourneyTable } from './journey-table.ts';
import type { PlannedJourney } from './plan.ts';
import { NO_RETRY, Retries } from './retries.ts';
import { copyRequest } from './second-clicks.ts';
import { SessionTable } from './sessions.ts';

/** What `think` answers when the journey is at its end. */
export const JOURNEY_ENDED = -1;

export class Shoppers {
  readonly #table: JourneyTable;
  readonly #sessions: SessionTable;
  readonly #probes: ContractProbes;
  readonly #retries: Retries;
  readonly #zipf: ZipfSampler;
  readonly #hot: Uint8Array;
  readonly #keyPrefix: string;
  readonly #base: Prng;
  readonly #draw = new Prng(0);
  readonly #loginSteps: number;

  constructor(
    scenario: Scenario,
    options: {
      keyPrefix: string;
      maxSessions: number;
      shard: Shard;
      loginSteps?: number;
      client?: Pick<LoadClient, 'release'>;
    },
  ) {
    const { client } = options;
    this.#loginSteps = options.loginSteps ?? 0;
    this.#table = new JourneyTable(scenario);
    this.#sessions = new SessionTable(options.maxSessions, (slot) => client?.release?.(slot));
    this.#probes = new ContractProbes(scenario);
    this.#retries = new Retries(scenario, options.shard);
    this.#zipf = new ZipfSampler(scenario.catalogue.length, scenario.zipfExponent);
    this.#hot = new Uint8Array(scenario.catalogue.length);
    for (const item of scenario.sale.hotItems) this.#hot[item] = 1;
    this.#keyPrefix = options.keyPrefix;
    this.#base = new Prng(scenario.seed, 'sessions');
  }

  /** The slot of a new session for a journey; -1 when too many are live. */
  enter({ ordinal, customer, item, population }: PlannedJourney): number {
    const step = this.#table.startOf[population] as number;
    return this.#sessions.open({ ordinal, customer, item, population, step });
  }

  leave(slot: number): void {
    this.#sessions.close(slot);
  }

  /**
   * Fills in what the session asks at its current step, or asks once more. True when it is an
   * order that is to be sent twice at the same time.
   */
  ask(slot: number, flight: Flight): boolean {
    const sessions = this.#sessions;
    const step = this.#table.steps[sessions.step[slot] as number] as CompiledStep;
    const draw = this.#draw;
    const ordinal = sessions.ordinal[slot] as number;
    const tried = sessions.attempts[slot] as number;
    const from = tried === 0 ? sessions.draws : sessions.askedAt;
    draw.seek(this.#base, ordinal, from[slot] as number);
    if (tried === 0) sessions.askedAt[slot] = draw.counter;
    flight.operation = step.operation;
    flight.ordinal = ordinal;
    flight.population = sessions.population[slot] as number;
    flight.customer = sessions.customer[slot] as number;
    flight.item = step.browsed ? this.#zipf.sample(draw) : this.#itemOf(slot, step.walked);
    flight.quantity = step.quantity;
    flight.direct = step.direct;
    flight.variate = draw.unit();
    flight.attempt = tried + 1;
    flight.firstPlannedUs = sessions.firstPlannedUs[slot] as number;
    flight.timeoutMs = this.#retries.timeoutsMs[flight.population] as number;
    flight.instantPayment = false;
    flight.secondClick = false;
    flight.clickGapUs = -1;
    flight.followUp = '';
    flight.slot = slot;
    flight.values = sessions.values[slot] as string[] | null;
    // Draws are taken when the step itself is asked, so a login does not change the plan.
    if (tried === 0) this.#retries.earn(flight.population);
    if (this.#askLogin(slot, flight)) return false;
    // A retry repeats draws that have been taken already.
    if (tried === 0) sessions.draws[slot] = draw.counter;
    const duplicate = step.operation === 'order' && this.#useKey(slot, flight);
    flight.key = sessions.key[slot] as string;
    flight.checkoutId = sessions.checkoutId[slot] as string;
    flight.orderId = sessions.orderId[slot] as string;
    return duplicate;
  }

  /** The target wants to know who comes: its login is asked before the session's first step. */
  #askLogin(slot: number, flight: Flight): boolean {
    const done = this.#sessions.loginsDone[slot] as number;
    if (done >= this.#loginSteps) return false;
    flight.operation = 'login';
    flight.loginStep = done;
    flight.direct = false;
    flight.key = '';
    flight.checkoutId = '';
    flight.orderId = '';
    return true;
  }

  #itemOf(slot: number, walked: boolean): number {
    const wanted = this.#sessions.item[slot] as number;
    if (!walked) return wanted;
    return (wanted + (this.#sessions.stepsDone[slot] as number)) % this.#hot.length;
  }

  /** A new checkout gets a new key, and with it the decision which probe its order carries. */
  #useKey(slot: number, flight: Flight): boolean {
    const sessions = this.#sessions;
    sessions.quantity[slot] = flight.quantity;
    if (sessions.keyStale[slot] === 0) {
      if (flight.attempt > 1) this.#useKeyAgain(slot, flight);
      return false;
    }
    sessions.keyStale[slot] = 0;
    sessions.unitsCounted[slot] = 0;
    const count = (sessions.keys[slot] as number) + 1;
    sessions.keys[slot] = count;
    sessions.key[slot] = this.#keyOf(flight.ordinal, count);
    flight.clickGapUs = this.#retries.clickGapUs(flight.population, flight.ordinal, count);
    const probe = this.#probes.of(flight.ordinal, count);
    if (probe === 'orderReplay' || probe === 'orderChanged') flight.followUp = probe;
    return probe === 'orderDuplicate';
  }

  #keyOf(ordinal: number, count: number): string {
    return `${this.#keyPrefix}-${ordinal.toString(36)}-${count}`;
  }

  /** A retry under the same key carries the probe on; one that makes a new key carries none. */
  #useKeyAgain(slot: number, flight: Flight): void {
    const sessions = this.#sessions;
    const count = sessions.keys[slot] as number;
    if (this.#retries.needsNewKey(flight.population)) {
      sessions.key[slot] = `${this.#keyOf(flight.ordinal, count)}r${flight.attempt}`;
      return;
    }
    const probe = this.#probes.of(flight.ordinal, count);
    if (probe === 'orderReplay' || probe === 'orderChanged') flight.followUp = probe;
  }

  /** The key of the second click on an order. */
  clickKey(order: Flight): string {
    return this.#retries.clickKey(order.population, order.key);
  }

  /**
   * When the session tries its operation again after this answer that came at `doneUs`, in µs
   * since the start; or one of NO_RETRY. No retry is intended at `endUs` or later.
   */
  retry(flight: Flight, doneUs: number, endUs: number): number {
    const { slot, population, attempt, outcome, reason } = flight;
    const retries = this.#retries;
    if (!retries.triesAgain(population, outcome, reason)) return NO_RETRY.wanted;
    if (attempt >= retries.attemptsMax(population)) return NO_RETRY.givenUp;
    if (!retries.affords(population)) return NO_RETRY.denied;
    const plannedUs = doneUs + this.#pauseUs(flight);
    if (plannedUs >= endUs) return NO_RETRY.cutShort;
    retries.spend(population);
    const sessions = this.#sessions;
    sessions.attempts[slot] = attempt;
    sessions.firstPlannedUs[slot] = flight.firstPlannedUs;
    sessions.triedUntilUs[slot] = doneUs;
    sessions.triedOutcome[slot] = OUTCOME_CODE[outcome];
    sessions.triedReason[slot] = REASON_CODE[reason];
    return plannedUs;
  }

  #pauseUs({ slot, ordinal, population, attempt }: Flight): number {
    if (!this.#retries.hasJitter(population)) return this.#retries.pauseUs(population, attempt, 0);
    const sessions = this.#sessions;
    const draw = this.#draw;
    draw.seek(this.#base, ordinal, sessions.draws[slot] as number);
    const unit = draw.unit();
    sessions.draws[slot] = draw.counter;
    return this.#retries.pauseUs(population, attempt, unit);
  }

  /**
   * True when the session was about to try its operation again: what is known of that operation is
   * filled in, with the last answer it had.
   */
  unfinished(slot: number, flight: Flight, startUs: number): boolean {
    const sessions = this.#sessions;
    if (sessions.attempts[slot] === 0) return false;
    this.ask(slot, flight);
    flight.attempt = sessions.attempts[slot] as number;
    flight.code = OPERATION_CODE[flight.operation];
    flight.plannedUs = flight.firstPlannedUs;
    flight.intendedAtUs = startUs + flight.firstPlannedUs;
    flight.dispatchedAtUs = flight.intendedAtUs;
    flight.sentAtUs = 0;
    flight.doneAtUs = startUs + (sessions.triedUntilUs[slot] as number);
    flight.outcome = OUTCOMES[sessions.triedOutcome[slot] as number] ?? 'unknown';
    flight.reason = REASONS[sessions.triedReason[slot] as number] ?? 'none';
    return true;
  }

  /** Takes what an answer gave; returns the hot units that it confirmed for the first time. */
  learn(flight: Flight): number {
    const { slot } = flight;
    const sessions = this.#sessions;
    sessions.values[slot] = flight.values;
    if (flight.operation === 'checkout' && flight.outcome === 'ok') {
      sessions.checkoutId[slot] = flight.gotCheckoutId;
      sessions.keyStale[slot] = 1;
      return 0;
    }
    if (flight.operation !== 'order' && flight.operation !== 'orderStatus') return 0;
    if (flight.gotOrderId !== '') sessions.orderId[slot] = flight.gotOrderId;
    if (!confirmsOrder(flight) || sessions.unitsCounted[slot] === 1) return 0;
    sessions.unitsCounted[slot] = 1;
    if (this.#hot[sessions.item[slot] as number] !== 1) return 0;
    return flight.gotUnits >= 0 ? flight.gotUnits : (sessions.quantity[slot] as number);
  }

  /**
   * Moves the session on by what it was answered: µs until its next step, or JOURNEY_ENDED, and
   * then it is gone.
   */
  think(flight: Flight): number {
    const { slot } = flight;
    const sessions = this.#sessions;
    sessions.attempts[slot] = 0;
    if (flight.operation === 'login') return this.#afterLogin(flight);
    const steps = (sessions.stepsDone[slot] as number) + 1;
    sessions.stepsDone[slot] = steps;
    const draw = this.#draw;
    draw.seek(this.#base, flight.ordinal, sessions.draws[slot] as number);
    const rule = this.#table.choose(
      sessions.step[slot] as number,
      OUTCOME_CODE[flight.outcome],
      REASON_CODE[flight.reason],
      draw,
    );
    const longest = this.#table.maxStepsOf[flight.population] as number;
    if (rule === undefined || rule.to === END || steps >= longest) {
      sessions.close(slot);
      return JOURNEY_ENDED;
    }
    const thinkUs = this.#table.thinkUs(rule, draw);
    sessions.draws[slot] = draw.counter;
    sessions.step[slot] = rule.to;
    return thinkUs;
  }

  /** Nobody thinks between the steps of a login, and whom it keeps out goes home. */
  #afterLogin({ slot, outcome }: Flight): number {
    const sessions = this.#sessions;
    if (outcome === 'ok') {
      (sessions.loginsDone[slot] as number)++;
      return 0;
    }
    sessions.close(slot);
    return JOURNEY_ENDED;
  }
}

/** Fills in the same order once more; it belongs to no session, so its answer steers nothing. */
export function fillProbe(probe: Flight, order: Flight, operation: OperationName): void {
  copyRequest(probe, order);
  probe.operation = operation;
}
