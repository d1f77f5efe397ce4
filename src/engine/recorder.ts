/**
 * One worker's measurements: histograms, counters and timeline since the last message, taken as
 * one delta a second. Nothing here is allocated per operation.
 */
import type { ClientStats } from '../contract/call.ts';
import { OPERATION_CODE, OPERATION_NAMES, traitsOf } from '../contract/operation.ts';
import { OUTCOME_CODE } from '../contract/outcome.ts';
import type { Scenario } from '../contract/scenario.ts';
import { BLOCK_US, blockRow, CellLayout, KIND, SECOND, sendCounters, seriesOf } from './cells.ts';
import { DeltaSpace } from './delta-space.ts';
import type { Flight } from './flight.ts';
import { NO_RETRY, repeatsOperations } from './retries.ts';
import { type EncodedCounts, SparseCounts } from './sparse-counts.ts';
import { BITS_2_DIGITS, BITS_3_DIGITS, indexOfValue, VALUE_MAX_US } from './value-index.ts';

/** Running totals of a worker, as of the end of the delta. */
export interface WorkerTotals {
  journeysDue: number;
  journeysStarted: number;
  journeysDropped: number;
  journeysCompleted: number;
  /** Virtual users whose next journey could not be numbered any more. */
  usersEnded: number;
  inFlight: number;
  cutOff: number;
  /** Of measured operations: attempts after the first, and those of them that were `ok`. */
  retries: number;
  retriesHelped: number;
  /** Measured operations that would have been tried again: no attempt left, no budget, no time. */
  givenUp: number;
  deniedByBudget: number;
  cutShort: number;
  secondClicks: number;
  /** Latencies beyond the histogram's range, counted at its end. */
  clamped: number;
}

export interface LoadDelta {
  /** µs since the start of the load. */
  readonly fromUs: number;
  readonly untilUs: number;
  /** Holds all columns below; the worker wants it back when they have been read. */
  readonly buffer: ArrayBuffer;
  /** Latency, 3 digits; measured phases only. */
  readonly cells: EncodedCounts;
  /** Response time by half second of intended time, 2 digits. */
  readonly blocks: EncodedCounts;
  /** Schedule lag, 3 digits: row = second × 2 + measured. */
  readonly lag: EncodedCounts;
  /** Counters by second: due, started, outcomes. */
  readonly seconds: EncodedCounts;
  /** Settled attempts, then ended operations, so far by operation × population. */
  readonly settled: Float64Array;
  /** Confirmed hot units so far by population. */
  readonly units: Float64Array;
  readonly totals: WorkerTotals;
  /** Busy share of the worker since the last delta, empty polls not counted. */
  readonly busyRatio: number;
  readonly client: ClientStats;
}

const SECOND_US = 1_000_000;
const IS_PROBE = Uint8Array.from(OPERATION_NAMES, (name) => (traitsOf(name).probe ? 1 : 0));

export class Recorder {
  /** Of the deltas to come. */
  readonly space = new DeltaSpace();
  readonly totals: WorkerTotals = {
    journeysDue: 0,
    journeysStarted: 0,
    journeysDropped: 0,
    journeysCompleted: 0,
    usersEnded: 0,
    inFlight: 0,
    cutOff: 0,
    retries: 0,
    retriesHelped: 0,
    givenUp: 0,
    deniedByBudget: 0,
    cutShort: 0,
    secondClicks: 0,
    clamped: 0,
  };
  readonly #layout: CellLayout;
  readonly #measured: readonly boolean[];
  readonly #populations: number;
  /** 1 where attempts are counted apart from operations. */
  readonly #repeats: Uint8Array;
  /** Where operations begin behind attempts. */
  readonly #begun: number;
  readonly #cells = new SparseCounts(4096);
  readonly #blocks = new SparseCounts(1024);
  readonly #lag = new SparseCounts(1024);
  readonly #seconds = new SparseCounts(64);
  readonly #settled: Float64Array;
  readonly #units: Float64Array;
  /** Shared with the coordinator: what was dispatched survives the worker's death. */
  readonly #dispatched: Float64Array;

  constructor(scenario: Scenario, dispatched: Float64Array) {
    this.#layout = new CellLayout(scenario);
    this.#measured = scenario.phases.map((phase) => phase.measured);
    this.#populations = this.#layout.populations;
    this.#repeats = Uint8Array.from(scenario.populations, (p) => (repeatsOperations(p) ? 1 : 0));
    this.#begun = OPERATION_NAMES.length * this.#populations;
    this.#settled = new Float64Array(sendCounters(this.#populations));
    this.#units = new Float64Array(this.#populations);
    this.#dispatched = dispatched;
  }

  /** `intendedUs` counts from the start of the load, here and below. */
  journeyDue(intendedUs: number): void {
    this.totals.journeysDue++;
    this.#seconds.add(Math.floor(intendedUs / SECOND_US), SECOND.due, 1);
  }

  journeyStarted(nowUs: number): void {
    this.totals.journeysStarted++;
    this.#seconds.add(Math.floor(nowUs / SECOND_US), SECOND.started, 1);
  }

  /** Every attempt, probes included, when it is handed to the client. */
  dispatched(flight: Flight): void {
    this.totals.inFlight++;
    flight.code = OPERATION_CODE[flight.operation];
    const at = flight.code * this.#populations + flight.population;
    (this.#dispatched[at] as number)++;
    if (flight.secondClick) this.#countMeasured(flight, 'secondClicks');
    else if (flight.attempt === 1) (this.#dispatched[at + this.#begun] as number)++;
    else this.#countMeasured(flight, 'retries');
    this.lag(flight.plannedUs, flight.phase, flight.dispatchedAtUs - flight.intendedAtUs);
  }

  #countMeasured(
    flight: Flight,
    what: 'retries' | 'secondClicks' | 'givenUp' | 'deniedByBudget' | 'cutShort',
  ): void {
    if (this.#measured[flight.operationPhase]) this.totals[what]++;
  }

  /** Why an operation ends although its shopper would have tried again. */
  notRetried(flight: Flight, why: number): void {
    if (why === NO_RETRY.givenUp) this.#countMeasured(flight, 'givenUp');
    else if (why === NO_RETRY.denied) this.#countMeasured(flight, 'deniedByBudget');
    else if (why === NO_RETRY.cutShort) this.#countMeasured(flight, 'cutShort');
  }

  lag(intendedUs: number, phase: number, lagUs: number): void {
    const row = Math.floor(intendedUs / SECOND_US) * 2 + (this.#measured[phase] ? 1 : 0);
    this.#lag.add(row, indexOfValue(this.#inRange(lagUs), BITS_3_DIGITS), 1);
  }

  /** Every attempt when it was answered or cut off, before `ended`. */
  settled(flight: Flight): void {
    this.totals.inFlight--;
    const { code: operation, population, operationPhase } = flight;
    (this.#settled[operation * this.#populations + population] as number)++;
    if (this.#repeats[population] === 0 || !this.#measured[operationPhase]) return;
    const outcome = OUTCOME_CODE[flight.outcome];
    const us = this.#inRange(flight.doneAtUs - flight.intendedAtUs);
    const row = this.#layout.row(operation, outcome, population, operationPhase, KIND.attempt);
    this.#cells.add(row, indexOfValue(us, BITS_3_DIGITS), 1);
  }

  /** A whole operation, by its last attempt. `startUs` is the host-wide start of the load. */
  ended(flight: Flight, startUs: number): void {
    const { code: operation, population, operationPhase: phase, firstPlannedUs } = flight;
    const outcome = OUTCOME_CODE[flight.outcome];
    (this.#settled[this.#begun + operation * this.#populations + population] as number)++;
    const earlierUs = flight.plannedUs - firstPlannedUs;
    const responseUs = this.#inRange(flight.doneAtUs - flight.intendedAtUs + earlierUs);
    const measured = this.#measured[phase] === true;
    if (measured) {
      const row = this.#layout.row(operation, outcome, population, phase, KIND.response);
      const index = indexOfValue(responseUs, BITS_3_DIGITS);
      this.#cells.add(row, index, 1);
      if (flight.reason === 'cut_off') this.#cells.add(row + KIND.cutOff, index, 1);
      else if (flight.sentAtUs > 0) {
        const serviceUs = this.#inRange(flight.doneAtUs - flight.sentAtUs);
        this.#cells.add(row + KIND.service, indexOfValue(serviceUs, BITS_3_DIGITS), 1);
        this.#exchangeTimes(flight, row);
      }
      if (flight.attempt > 1 && outcome === OUTCOME_CODE.ok) this.totals.retriesHelped++;
    }
    if (flight.reason === 'cut_off') this.totals.cutOff++;
    const block = Math.floor(firstPlannedUs / BLOCK_US);
    this.#blocks.add(
      blockRow(block, seriesOf(operation, outcome), measured),
      indexOfValue(responseUs, BITS_2_DIGITS),
      1,
    );
    if (IS_PROBE[operation] === 1) return;
    const begunUs = flight.attempt === 1 ? flight.dispatchedAtUs - startUs : firstPlannedUs;
    const second = Math.max(0, Math.floor(begunUs / SECOND_US));
    this.#seconds.add(second, SECOND.outcome + outcome, 1);
  }

  #exchangeTimes({ firstByteAtUs, sentAtUs, connectUs }: Flight, row: number): void {
    if (firstByteAtUs > 0) {
      const firstByteUs = this.#inRange(firstByteAtUs - sentAtUs);
      this.#cells.add(row + KIND.firstByte, indexOfValue(firstByteUs, BITS_3_DIGITS), 1);
    }
    if (connectUs > 0) {
      const index = indexOfValue(this.#inRange(connectUs), BITS_3_DIGITS);
      this.#cells.add(row + KIND.connect, index, 1);
    }
  }

  confirmedUnits(population: number, units: number): void {
    (this.#units[population] as number) += units;
  }

  take(
    span: { fromUs: number; untilUs: number; busyRatio: number },
    client: ClientStats,
  ): LoadDelta {
    const { space } = this;
    const tables = [this.#cells, this.#blocks, this.#lag, this.#seconds];
    const running = this.#settled.byteLength + this.#units.byteLength;
    const buffer = space.begin(tables.reduce((sum, table) => sum + table.takenBytes, running));
    const settled = space.floats(this.#settled.length);
    settled.set(this.#settled);
    const units = space.floats(this.#units.length);
    units.set(this.#units);
    return {
      ...span,
      buffer,
      cells: this.#cells.take(space),
      blocks: this.#blocks.take(space),
      lag: this.#lag.take(space),
      seconds: this.#seconds.take(space),
      settled,
      units,
      totals: { ...this.totals },
      client: { ...client },
    };
  }

  /** Whole microseconds within the histogram's range. */
  #inRange(us: number): number {
    if (us <= VALUE_MAX_US) return us > 0 ? Math.round(us) : 0;
    this.totals.clamped++;
    return VALUE_MAX_US;
  }
}
