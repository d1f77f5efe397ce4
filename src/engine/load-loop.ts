/**
 * Generates one shard's load on one event loop: starts the journeys of the plan when they are due,
 * carries sessions from answer to next step, and records all of it. Runs the same in a worker
 * thread on the system clock and in a test on a virtual one.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { ZipfSampler } from '../base/distributions.ts';
import { Prng } from '../base/prng.ts';
import { owns, type Shard } from '../base/shard.ts';
import { TimerHeap } from '../base/timer-heap.ts';
import { type Call, type LoadClient, resetAnswer } from '../contract/call.ts';
import type { HistoryWriter } from '../contract/history.ts';
import { type OperationName, traitsOf } from '../contract/operation.ts';
import { OUTCOME_CODE, REASON_CODE } from '../contract/outcome.ts';
import type { Scenario } from '../contract/scenario.ts';
import { BusyMeter } from './busy-meter.ts';
import { ContractProbes, confirmsOrder, isTerminalAnswer } from './contract-probes.ts';
import { type Flight, FlightDeck } from './flight.ts';
import { type CompiledStep, END, JourneyTable } from './journey-table.ts';
import { createPlan, type Plan, phaseStartsUs, plannedDurationUs } from './plan.ts';
import { type LoadDelta, Recorder } from './recorder.ts';
import { SessionTable } from './sessions.ts';
import { Waiter } from './waiter.ts';

export interface LoadLoopOptions {
  readonly scenario: Scenario;
  readonly shard: Shard;
  readonly client: LoadClient;
  readonly clock: Clock;
  /** Host-wide µs of intended time 0. */
  readonly startUs: number;
  readonly drainMs: number;
  readonly keyPrefix: string;
  readonly maxSessions: number;
  /** How long before a due instant sleeping gives way to polling; 0 for virtual clocks. */
  readonly spinUs: number;
  /** Milliseconds that the event loop has spent waiting for I/O and timers so far. */
  readonly idleMs: () => number;
  readonly onDelta: (delta: LoadDelta) => void;
  readonly writer?: HistoryWriter;
  /** Operations dispatched so far by operation × population; may be shared memory. */
  readonly dispatched: Float64Array;
}

const DELTA_EVERY_US = 1_000_000;
/** Dispatches of one turn; beyond it answers are read before the rest is sent. */
const DISPATCHES_PER_TURN = 128;
const RECORDED = (name: OperationName): boolean => traitsOf(name).recorded;

export class LoadLoop {
  readonly #options: LoadLoopOptions;
  readonly #clock: Clock;
  readonly #client: LoadClient;
  readonly #writer: HistoryWriter | undefined;
  readonly #startUs: number;
  readonly #plan: Plan;
  readonly #phaseStartsUs: readonly number[];
  readonly #table: JourneyTable;
  readonly #sessions: SessionTable;
  readonly #due = new TimerHeap();
  readonly #deck = new FlightDeck();
  readonly #recorder: Recorder;
  readonly #probes: ContractProbes;
  readonly #waiter: Waiter;
  readonly #busy: BusyMeter;
  readonly #zipf: ZipfSampler;
  readonly #hot: Uint8Array;
  readonly #sessionBase: Prng;
  readonly #draw = new Prng(0);
  readonly #done = (call: Call): void => this.#settle(call as Flight);
  /** No step is intended at or after this (µs since the start). */
  #endUs: number;
  #drainUs: number;
  /** Intended instant of the plan's current journey; Infinity after the last. */
  #arrivalUs = Number.POSITIVE_INFINITY;
  #deltaDueUs = DELTA_EVERY_US;
  #running = false;
  #finish: () => void = () => {};

  constructor(options: LoadLoopOptions) {
    const { scenario, clock } = options;
    this.#options = options;
    this.#clock = clock;
    this.#client = options.client;
    this.#writer = options.writer;
    this.#startUs = options.startUs;
    this.#plan = createPlan(scenario);
    this.#phaseStartsUs = phaseStartsUs(scenario.phases);
    this.#table = new JourneyTable(scenario);
    this.#sessions = new SessionTable(options.maxSessions);
    this.#recorder = new Recorder(scenario, options.dispatched);
    this.#probes = new ContractProbes(scenario);
    this.#waiter = new Waiter(clock, options.spinUs, () => this.#turn());
    this.#busy = new BusyMeter(options.idleMs, clock.nowUs() - options.startUs);
    this.#zipf = new ZipfSampler(scenario.catalogue.length, scenario.zipfExponent);
    this.#hot = new Uint8Array(scenario.catalogue.length);
    for (const item of scenario.sale.hotItems) this.#hot[item] = 1;
    this.#sessionBase = new Prng(scenario.seed, 'sessions');
    this.#endUs = plannedDurationUs(scenario.phases);
    this.#drainUs = this.#endUs + options.drainMs * 1000;
    this.#nextArrival();
  }

  /** Resolves when the plan is done and drained; the last delta has been handed over by then. */
  run(): Promise<void> {
    assert(!this.#running, 'a load loop runs once');
    this.#running = true;
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#wait();
    });
  }

  /** No step is intended from now on; what is in flight has `drainMs` to end. */
  stop(drainMs: number): void {
    if (!this.#running) return;
    const nowUs = Math.max(0, this.#nowUs());
    this.#endUs = Math.min(this.#endUs, nowUs);
    this.#drainUs = Math.min(this.#drainUs, nowUs + drainMs * 1000);
    this.#waiter.soon();
  }

  #nowUs(): number {
    return this.#clock.nowUs() - this.#startUs;
  }

  #nextArrival(): void {
    do {
      if (!this.#plan.next()) {
        this.#arrivalUs = Number.POSITIVE_INFINITY;
        return;
      }
    } while (!owns(this.#options.shard, this.#plan.ordinal));
    this.#arrivalUs = this.#plan.intendedUs;
  }

  /** One turn of the loop: everything that is due, in order of intended time. */
  #turn(): void {
    if (!this.#running) return;
    let nowUs = this.#nowUs();
    for (let i = 0; i < DISPATCHES_PER_TURN; i++) {
      const timerUs = this.#due.peekTime();
      const dueUs = Math.min(this.#arrivalUs, timerUs);
      if (dueUs > nowUs || dueUs >= this.#endUs) break;
      this.#waiter.events++;
      if (timerUs <= this.#arrivalUs) this.#dispatch(this.#due.pop(), timerUs);
      else this.#arrive();
      nowUs = this.#nowUs();
    }
    if (nowUs >= this.#deltaDueUs) this.#sendDelta(nowUs);
    if (this.#isOver(nowUs)) this.#end(nowUs);
    else this.#wait();
  }

  #nextDueUs(): number {
    const dueUs = Math.min(this.#arrivalUs, this.#due.peekTime());
    return dueUs < this.#endUs ? dueUs : Number.POSITIVE_INFINITY;
  }

  #wait(): void {
    const closingUs = this.#nowUs() < this.#endUs ? this.#endUs : this.#drainUs;
    const dueUs = Math.min(this.#nextDueUs(), this.#deltaDueUs, closingUs);
    this.#waiter.until(this.#startUs + dueUs);
  }

  #isOver(nowUs: number): boolean {
    if (nowUs >= this.#drainUs) return true;
    const idle = this.#deck.size === 0 && this.#nextDueUs() === Number.POSITIVE_INFINITY;
    return idle && nowUs >= this.#endUs;
  }

  #arrive(): void {
    const { ordinal, customer, item, population } = this.#plan;
    const intendedUs = this.#arrivalUs;
    this.#recorder.journeyDue(intendedUs);
    const step = this.#table.startOf[population] as number;
    const slot = this.#sessions.open({ ordinal, customer, item, population, step });
    if (slot < 0) {
      this.#recorder.totals.journeysDropped++;
    } else {
      this.#recorder.journeyStarted(this.#nowUs());
      this.#dispatch(slot, intendedUs);
    }
    this.#nextArrival();
  }

  /** Sends the current step of a session, intended at `plannedUs` after the start. */
  #dispatch(slot: number, plannedUs: number): void {
    const sessions = this.#sessions;
    const step = this.#table.steps[sessions.step[slot] as number] as CompiledStep;
    const flight = this.#deck.take();
    const draw = this.#draw;
    draw.seek(this.#sessionBase, sessions.ordinal[slot] as number, sessions.draws[slot] as number);
    flight.operation = step.operation;
    flight.ordinal = sessions.ordinal[slot] as number;
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
    let duplicate = false;
    if (step.operation === 'order') duplicate = this.#useKey(slot, flight);
    flight.key = sessions.key[slot] as string;
    flight.checkoutId = sessions.checkoutId[slot] as string;
    flight.orderId = sessions.orderId[slot] as string;
    this.#send(flight, plannedUs);
    if (duplicate) this.#sendProbe(flight, 'orderDuplicate', plannedUs);
  }

  /** A new checkout gets a new key. True when the order is to be sent twice at the same time. */
  #useKey(slot: number, flight: Flight): boolean {
    const sessions = this.#sessions;
    sessions.quantity[slot] = flight.quantity;
    if (sessions.keyStale[slot] === 0) return false;
    sessions.keyStale[slot] = 0;
    sessions.unitsCounted[slot] = 0;
    const count = (sessions.keys[slot] as number) + 1;
    sessions.keys[slot] = count;
    sessions.key[slot] = `${this.#options.keyPrefix}-${flight.ordinal.toString(36)}-${count}`;
    const probe = this.#probes.of(flight.ordinal, count);
    if (probe === 'orderReplay' || probe === 'orderChanged') flight.followUp = probe;
    return probe === 'orderDuplicate';
  }

  #send(flight: Flight, plannedUs: number): void {
    resetAnswer(flight);
    flight.plannedUs = plannedUs;
    flight.phase = this.#phaseAt(plannedUs);
    flight.intendedAtUs = this.#startUs + plannedUs;
    flight.dispatchedAtUs = Math.max(this.#clock.nowUs(), flight.intendedAtUs);
    this.#recorder.dispatched(flight);
    this.#client.execute(flight, this.#done);
  }

  #phaseAt(plannedUs: number): number {
    let phase = this.#phaseStartsUs.length - 1;
    while (phase > 0 && (this.#phaseStartsUs[phase] as number) > plannedUs) phase--;
    return phase;
  }

  /** The same order once more; it belongs to no session, so its answer steers nothing. */
  #sendProbe(order: Flight, operation: OperationName, plannedUs: number): void {
    const probe = this.#deck.take();
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
    this.#send(probe, plannedUs);
  }

  #settle(flight: Flight): void {
    // Cut off before: it was recorded then, and nobody waits for the answer any more.
    if (flight.position < 0) return;
    this.#waiter.events++;
    this.#record(flight);
    if (this.#running) {
      const plannedUs = Math.max(flight.plannedUs, flight.doneAtUs - this.#startUs);
      if (flight.followUp !== '' && isTerminalAnswer(flight) && plannedUs < this.#endUs) {
        this.#sendProbe(flight, flight.followUp, plannedUs);
      }
      if (flight.slot >= 0) this.#advance(flight, plannedUs);
      if (this.#deck.size === 0 && this.#nextDueUs() === Number.POSITIVE_INFINITY) {
        this.#waiter.soon();
      }
    }
    this.#deck.recycle(flight);
  }

  #record(flight: Flight): void {
    this.#deck.land(flight);
    if (flight.doneAtUs === 0) flight.doneAtUs = this.#clock.nowUs();
    this.#recorder.settled(flight, this.#startUs);
    if (this.#writer !== undefined && RECORDED(flight.operation)) {
      this.#writer.append(flight, flight.ordinal, flight.population);
    }
  }

  /** Takes what the answer gave and moves the session to its next step, or ends it. */
  #advance(flight: Flight, doneUs: number): void {
    const { slot } = flight;
    const sessions = this.#sessions;
    this.#learn(flight);
    const steps = (sessions.stepsDone[slot] as number) + 1;
    sessions.stepsDone[slot] = steps;
    const step = sessions.step[slot] as number;
    const draw = this.#draw;
    draw.seek(this.#sessionBase, flight.ordinal, sessions.draws[slot] as number);
    const outcome = OUTCOME_CODE[flight.outcome];
    const rule = this.#table.choose(step, outcome, REASON_CODE[flight.reason], draw);
    const longest = this.#table.maxStepsOf[flight.population] as number;
    if (rule === undefined || rule.to === END || steps >= longest) {
      sessions.close(slot);
      this.#recorder.totals.journeysCompleted++;
      return;
    }
    const plannedUs = doneUs + this.#table.thinkUs(rule, draw);
    sessions.draws[slot] = draw.counter;
    if (plannedUs >= this.#endUs) {
      sessions.close(slot);
      return;
    }
    sessions.step[slot] = rule.to;
    if (plannedUs <= this.#nowUs()) {
      this.#dispatch(slot, plannedUs);
      return;
    }
    this.#due.push(plannedUs, slot);
    this.#waiter.until(this.#startUs + plannedUs);
  }

  #learn(flight: Flight): void {
    const { slot } = flight;
    const sessions = this.#sessions;
    if (flight.operation === 'checkout' && flight.outcome === 'ok') {
      sessions.checkoutId[slot] = flight.gotCheckoutId;
      sessions.keyStale[slot] = 1;
      return;
    }
    if (flight.operation !== 'order' && flight.operation !== 'orderStatus') return;
    if (flight.gotOrderId !== '') sessions.orderId[slot] = flight.gotOrderId;
    if (!confirmsOrder(flight) || sessions.unitsCounted[slot] === 1) return;
    sessions.unitsCounted[slot] = 1;
    if (this.#hot[flight.item] !== 1) return;
    const units = flight.gotUnits >= 0 ? flight.gotUnits : (sessions.quantity[slot] as number);
    this.#recorder.confirmedUnits(flight.population, units);
  }

  #sendDelta(nowUs: number): void {
    const span = this.#busy.lap(nowUs, this.#waiter.emptyPollUs);
    this.#options.onDelta(this.#recorder.take(span, this.#client.stats()));
    this.#deltaDueUs = (Math.floor(nowUs / DELTA_EVERY_US) + 1) * DELTA_EVERY_US;
  }

  /** Whatever is still on its way is recorded at its age, as an operation of unknown outcome. */
  #end(nowUs: number): void {
    this.#running = false;
    this.#waiter.stop();
    for (let flight = this.#deck.any(); flight !== undefined; flight = this.#deck.any()) {
      flight.outcome = 'unknown';
      flight.reason = 'cut_off';
      flight.doneAtUs = Math.max(this.#startUs + nowUs, flight.dispatchedAtUs);
      this.#record(flight);
    }
    this.#countUnsent(nowUs);
    this.#sendDelta(Math.max(0, nowUs));
    this.#finish();
  }

  /** Steps and journeys that were due but that this worker never got round to. */
  #countUnsent(nowUs: number): void {
    for (; this.#due.peekTime() < this.#endUs; this.#due.pop()) {
      const plannedUs = this.#due.peekTime();
      this.#recorder.lag(plannedUs, this.#phaseAt(plannedUs), Math.max(0, nowUs - plannedUs));
    }
    for (; this.#arrivalUs < this.#endUs; this.#nextArrival()) {
      this.#recorder.journeyDue(this.#arrivalUs);
      const lagUs = Math.max(0, nowUs - this.#arrivalUs);
      this.#recorder.lag(this.#arrivalUs, this.#phaseAt(this.#arrivalUs), lagUs);
    }
  }
}
