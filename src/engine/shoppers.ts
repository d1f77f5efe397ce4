/**
 * How sessions behave: what each asks next, what it learns from an answer and how long it thinks.
 * Knows neither time nor targets; every draw is a function of (seed, journey, number of the draw).
 */
import { ZipfSampler } from '../base/distributions.ts';
import { Prng } from '../base/prng.ts';
import type { OperationName } from '../contract/operation.ts';
import { OUTCOME_CODE, REASON_CODE } from '../contract/outcome.ts';
import type { Scenario } from '../contract/scenario.ts';
import { ContractProbes, confirmsOrder } from './contract-probes.ts';
import type { Flight } from './flight.ts';
import { type CompiledStep, END, JourneyTable } from './journey-table.ts';
import type { PlannedJourney } from './plan.ts';
import { SessionTable } from './sessions.ts';

/** What `think` answers when the journey is at its end. */
export const JOURNEY_ENDED = -1;

export class Shoppers {
  readonly #table: JourneyTable;
  readonly #sessions: SessionTable;
  readonly #probes: ContractProbes;
  readonly #zipf: ZipfSampler;
  readonly #hot: Uint8Array;
  readonly #keyPrefix: string;
  readonly #base: Prng;
  readonly #draw = new Prng(0);

  constructor(scenario: Scenario, options: { keyPrefix: string; maxSessions: number }) {
    this.#table = new JourneyTable(scenario);
    this.#sessions = new SessionTable(options.maxSessions);
    this.#probes = new ContractProbes(scenario);
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
   * Fills in what the session asks at its current step. True when it is an order that is to be
   * sent twice at the same time.
   */
  ask(slot: number, flight: Flight): boolean {
    const sessions = this.#sessions;
    const step = this.#table.steps[sessions.step[slot] as number] as CompiledStep;
    const draw = this.#draw;
    const ordinal = sessions.ordinal[slot] as number;
    draw.seek(this.#base, ordinal, sessions.draws[slot] as number);
    flight.operation = step.operation;
    flight.ordinal = ordinal;
    flight.population = sessions.population[slot] as number;
    flight.customer = sessions.customer[slot] as number;
    flight.item = step.browsed ? this.#zipf.sample(draw) : (sessions.item[slot] as number);
    flight.quantity = step.quantity;
    flight.direct = step.direct;
    flight.variate = draw.unit();
    sessions.draws[slot] = draw.counter;
    flight.instantPayment = false;
    flight.followUp = '';
    flight.slot = slot;
    const duplicate = step.operation === 'order' && this.#useKey(slot, flight);
    flight.key = sessions.key[slot] as string;
    flight.checkoutId = sessions.checkoutId[slot] as string;
    flight.orderId = sessions.orderId[slot] as string;
    return duplicate;
  }

  /** A new checkout gets a new key, and with it the decision which probe its order carries. */
  #useKey(slot: number, flight: Flight): boolean {
    const sessions = this.#sessions;
    sessions.quantity[slot] = flight.quantity;
    if (sessions.keyStale[slot] === 0) return false;
    sessions.keyStale[slot] = 0;
    sessions.unitsCounted[slot] = 0;
    const count = (sessions.keys[slot] as number) + 1;
    sessions.keys[slot] = count;
    sessions.key[slot] = `${this.#keyPrefix}-${flight.ordinal.toString(36)}-${count}`;
    const probe = this.#probes.of(flight.ordinal, count);
    if (probe === 'orderReplay' || probe === 'orderChanged') flight.followUp = probe;
    return probe === 'orderDuplicate';
  }

  /** Takes what an answer gave; returns the hot units that it confirmed for the first time. */
  learn(flight: Flight): number {
    const { slot } = flight;
    const sessions = this.#sessions;
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
}

/** Fills in the same order once more; it belongs to no session, so its answer steers nothing. */
export function fillProbe(probe: Flight, order: Flight, operation: OperationName): void {
  probe.operation = operation;
  probe.ordinal = order.ordinal;
  probe.population = order.population;
  probe.customer = order.customer;
  probe.item = order.item;
  probe.quantity = order.quantity;
  probe.direct = order.direct;
  probe.key = order.key;
  probe.checkoutId = order.checkoutId;
  probe.orderId = order.orderId;
  probe.variate = order.variate;
  probe.instantPayment = false;
  probe.followUp = '';
  probe.slot = -1;
}
