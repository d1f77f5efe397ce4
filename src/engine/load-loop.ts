/**
 * Generates one shard's load on one event loop: starts the journeys of the plan when they are due,
 * carries sessions from answer to next step, and records all of it. Runs the same in a worker
 * thread on the system clock and in a test on a virtual one.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { Shard } from '../base/shard.ts';
import { TimerHeap } from '../base/timer-heap.ts';
import { type Call, type LoadClient, resetAnswer } from '../contract/call.ts';
import type { HistoryWriter } from '../contract/history.ts';
import { type OperationName, traitsOf } from '../contract/operation.ts';
import type { Scenario } from '../contract/scenario.ts';
import { BusyMeter } from './busy-meter.ts';
import { isTerminalAnswer } from './contract-probes.ts';
import { type Flight, FlightDeck } from './flight.ts';
import { createJourneySource, type JourneySource } from './journey-source.ts';
import { phaseAt, phaseStartsUs, plannedDurationUs } from './phases.ts';
import type { PlanSizes } from './plan.ts';
import { type LoadDelta, Recorder } from './recorder.ts';
import { NO_RETRY } from './retries.ts';
import { isSecondClick, SecondClicks } from './second-clicks.ts';
import { fillProbe, JOURNEY_ENDED, Shoppers } from './shoppers.ts';
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
  /** Requests by which a session of this target begins; 0 when absent. */
  readonly loginSteps?: number;
  /** Counting the plan's customers takes a pass over it: done before the start when given. */
  readonly sizes?: PlanSizes;
  /** How long before a due instant sleeping gives way to polling; 0 for virtual clocks. */
  readonly spinUs: number;
  /** Pause after a poll that found nothing; 0 where the generator has cores to itself. */
  readonly napUs: number;
  /** Milliseconds that the event loop has spent waiting for I/O and timers so far. */
  readonly idleMs: () => number;
  readonly onDelta: (delta: LoadDelta) => void;
  readonly writer?: HistoryWriter;
  /** Keep every operation in the history, not only those that the audit needs. */
  readonly keepsAll?: boolean;
  /** What was sent and begun so far (`sendCounters` of them); may be shared memory. */
  readonly dispatched: Float64Array;
}

const DELTA_EVERY_US = 1_000_000;
/** Dispatches of one turn; beyond it answers are read before the rest is sent. */
const DISPATCHES_PER_TURN = 128;

export class LoadLoop {
  readonly #options: LoadLoopOptions;
  readonly #clock: Clock;
  readonly #client: LoadClient;
  readonly #writer: HistoryWriter | undefined;
  readonly #startUs: number;
  readonly #journeys: JourneySource;
  readonly #phaseStartsUs: readonly number[];
  readonly #shoppers: Shoppers;
  readonly #due = new TimerHeap();
  readonly #deck = new FlightDeck();
  readonly #clicks = new SecondClicks(this.#deck);
  readonly #recorder: Recorder;
  readonly #waiter: Waiter;
  readonly #busy: BusyMeter;
  readonly #done = (call: Call): void => this.#settle(call as Flight);
  /** No step is intended at or after this (µs since the start). */
  #endUs: number;
  #drainUs: number;
  /** Intended instant of the next journey; Infinity while none is known. */
  #arrivalUs: number;
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
    this.#journeys = createJourneySource(scenario, options.shard, options.sizes);
    this.#phaseStartsUs = phaseStartsUs(scenario.phases);
    this.#shoppers = new Shoppers(scenario, options);
    this.#recorder = new Recorder(scenario, options.dispatched);
    this.#waiter = new Waiter(clock, options, () => this.#turn());
    this.#busy = new BusyMeter(options.idleMs, clock.nowUs() - options.startUs);
    this.#endUs = plannedDurationUs(scenario.phases);
    this.#drainUs = this.#endUs + options.drainMs * 1000;
    this.#arrivalUs = this.#journeys.nextUs;
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

  /** The buffer of a delta that has been read. */
  takeBack(buffer: ArrayBuffer): void {
    this.#recorder.space.giveBack(buffer);
  }

  #nowUs(): number {
    return this.#clock.nowUs() - this.#startUs;
  }

  #nextArrival(): void {
    this.#journeys.take();
    this.#arrivalUs = this.#journeys.nextUs;
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
      if (timerUs <= this.#arrivalUs) this.#resume(this.#due.pop(), timerUs);
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
    const intendedUs = this.#arrivalUs;
    this.#recorder.journeyDue(intendedUs);
    const slot = this.#shoppers.enter(this.#journeys.next);
    if (slot < 0) {
      this.#recorder.totals.journeysDropped++;
    } else {
      this.#recorder.journeyStarted(this.#nowUs());
      this.#dispatch(slot, intendedUs);
    }
    this.#nextArrival();
  }

  /** What the queue of due instants holds: sessions and second clicks. */
  #resume(id: number, plannedUs: number): void {
    if (!isSecondClick(id)) {
      this.#dispatch(id, plannedUs);
      return;
    }
    const click = this.#clicks.take(id);
    this.#deck.launch(click);
    this.#send(click, plannedUs);
  }

  /** Sends the current step of a session, intended at `plannedUs` after the start. */
  #dispatch(slot: number, plannedUs: number): void {
    const flight = this.#deck.take();
    const duplicate = this.#shoppers.ask(slot, flight);
    this.#send(flight, plannedUs);
    if (duplicate) this.#sendProbe(flight, 'orderDuplicate', plannedUs);
    if (flight.clickGapUs >= 0) {
      const clickUs = flight.dispatchedAtUs - this.#startUs + flight.clickGapUs;
      const id = this.#clicks.park(flight, this.#shoppers.clickKey(flight));
      this.#due.push(clickUs, id);
      this.#waiter.until(this.#startUs + clickUs);
    }
  }

  #sendProbe(order: Flight, operation: OperationName, plannedUs: number): void {
    const probe = this.#deck.take();
    fillProbe(probe, order, operation);
    this.#send(probe, plannedUs);
  }

  #send(flight: Flight, plannedUs: number): void {
    resetAnswer(flight);
    flight.plannedUs = plannedUs;
    flight.phase = phaseAt(this.#phaseStartsUs, plannedUs);
    if (flight.attempt === 1) flight.firstPlannedUs = plannedUs;
    flight.operationPhase =
      flight.attempt === 1 ? flight.phase : phaseAt(this.#phaseStartsUs, flight.firstPlannedUs);
    flight.intendedAtUs = this.#startUs + plannedUs;
    flight.dispatchedAtUs = Math.max(this.#clock.nowUs(), flight.intendedAtUs);
    this.#recorder.dispatched(flight);
    this.#client.execute(flight, this.#done);
  }

  #settle(flight: Flight): void {
    // Cut off before: it was recorded then, and nobody waits for the answer any more.
    if (flight.position < 0) return;
    this.#waiter.events++;
    this.#record(flight);
    const plannedUs = Math.max(flight.plannedUs, flight.doneAtUs - this.#startUs);
    if (flight.secondClick || !this.#tryAgain(flight, plannedUs)) this.#conclude(flight, plannedUs);
    if (this.#running && this.#deck.size === 0 && this.#nextDueUs() === Number.POSITIVE_INFINITY) {
      this.#waiter.soon();
    }
    this.#deck.recycle(flight);
  }

  /** True when the session will ask the same again: then its operation is not over. */
  #tryAgain(flight: Flight, doneUs: number): boolean {
    if (flight.slot < 0 || !this.#running) return false;
    const plannedUs = this.#shoppers.retry(flight, doneUs, this.#endUs);
    if (plannedUs < 0) {
      this.#recorder.notRetried(flight, plannedUs);
      return false;
    }
    this.#schedule(flight.slot, plannedUs, flight.doneAtUs - this.#startUs);
    return true;
  }

  /** What follows the last attempt of an operation; nothing follows a second click. */
  #conclude(flight: Flight, doneUs: number): void {
    if (flight.secondClick) return;
    this.#recorder.ended(flight, this.#startUs);
    if (!this.#running) return;
    if (flight.followUp !== '' && isTerminalAnswer(flight) && doneUs < this.#endUs) {
      this.#sendProbe(flight, flight.followUp, doneUs);
    }
    if (flight.slot >= 0) this.#advance(flight, doneUs);
  }

  /** One attempt, as the recorder and the history keep it. */
  #record(flight: Flight): void {
    this.#deck.land(flight);
    if (flight.doneAtUs === 0) flight.doneAtUs = this.#clock.nowUs();
    this.#recorder.settled(flight);
    const keeps = this.#options.keepsAll === true || traitsOf(flight.operation).recorded;
    if (keeps) this.#writer?.append(flight, flight.ordinal, flight.population);
  }

  /** Moves the session to its next step, or ends it. */
  #advance(flight: Flight, doneUs: number): void {
    const { slot } = flight;
    const units = this.#shoppers.learn(flight);
    if (units > 0) this.#recorder.confirmedUnits(flight.population, units);
    const thinkUs = this.#shoppers.think(flight);
    if (thinkUs === JOURNEY_ENDED) {
      this.#recorder.totals.journeysCompleted++;
      this.#journeyEnded(flight.ordinal, doneUs);
      return;
    }
    const plannedUs = doneUs + thinkUs;
    if (plannedUs >= this.#endUs) this.#shoppers.leave(slot);
    else this.#schedule(slot, plannedUs, flight.doneAtUs - this.#startUs);
  }

  #schedule(slot: number, plannedUs: number, nowUs: number): void {
    if (plannedUs <= nowUs) {
      this.#dispatch(slot, plannedUs);
      return;
    }
    this.#due.push(plannedUs, slot);
    this.#waiter.until(this.#startUs + plannedUs);
  }

  /** What follows from the end of a journey: with virtual users, the user's next one. */
  #journeyEnded(ordinal: number, doneUs: number): void {
    this.#journeys.ended(ordinal, doneUs);
    const nextUs = this.#journeys.nextUs;
    if (nextUs === this.#arrivalUs) return;
    this.#arrivalUs = nextUs;
    if (nextUs >= this.#endUs) return;
    if (nextUs <= this.#nowUs()) this.#arrive();
    else this.#waiter.until(this.#startUs + nextUs);
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
      this.#conclude(flight, nowUs);
    }
    this.#countUnsent(nowUs);
    this.#recorder.totals.usersEnded = this.#journeys.usersEnded;
    this.#sendDelta(Math.max(0, nowUs));
    this.#finish();
  }

  /** Steps and journeys that were due but that this worker never got round to. */
  #countUnsent(nowUs: number): void {
    while (this.#due.size > 0) {
      const plannedUs = this.#due.peekTime();
      const id = this.#due.pop();
      if (plannedUs < this.#endUs) this.#countLate(plannedUs, nowUs);
      if (!isSecondClick(id)) this.#endUnfinished(id);
    }
    for (; this.#arrivalUs < this.#endUs; this.#nextArrival()) {
      if (this.#journeys.comesAnyway) this.#recorder.journeyDue(this.#arrivalUs);
      this.#countLate(this.#arrivalUs, nowUs);
    }
  }

  #countLate(plannedUs: number, nowUs: number): void {
    const phase = phaseAt(this.#phaseStartsUs, plannedUs);
    this.#recorder.lag(plannedUs, phase, Math.max(0, nowUs - plannedUs));
  }

  /** An operation whose retry was not sent any more ends with the last answer that it had. */
  #endUnfinished(slot: number): void {
    const flight = this.#deck.spare();
    if (this.#shoppers.unfinished(slot, flight, this.#startUs)) {
      flight.operationPhase = phaseAt(this.#phaseStartsUs, flight.firstPlannedUs);
      this.#recorder.notRetried(flight, NO_RETRY.cutShort);
      this.#recorder.ended(flight, this.#startUs);
    }
    this.#deck.recycle(flight);
  }
}
