/**
 * One worker's measurements: histograms, counters and timeline since the last message, taken as
 * one delta a second. Nothing here is allocated per operation.
 */
import type { ClientStats } from '../contract/call.ts';
import { OPERATION_CODE, OPERATION_NAMES, traitsOf } from '../contract/operation.ts';
import { OUTCOME_CODE } from '../contract/outcome.ts';
import type { Scenario } from '../contract/scenario.ts';
import { BLOCK_US, blockRow, CellLayout, KIND, SECOND, seriesOf } from './cells.ts';
import type { Flight } from './flight.ts';
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
  /** Latencies beyond the histogram's range, counted at its end. */
  clamped: number;
}

export interface LoadDelta {
  /** µs since the start of the load. */
  readonly fromUs: number;
  readonly untilUs: number;
  /** Latency, 3 digits; measured phases only. */
  readonly cells: EncodedCounts;
  /** Response time by half second of intended time, 2 digits. */
  readonly blocks: EncodedCounts;
  /** Schedule lag, 3 digits: row = second × 2 + measured. */
  readonly lag: EncodedCounts;
  /** Counters by second: due, started, outcomes. */
  readonly seconds: EncodedCounts;
  /** Settled operations so far by operation × population. */
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
  readonly totals: WorkerTotals = {
    journeysDue: 0,
    journeysStarted: 0,
    journeysDropped: 0,
    journeysCompleted: 0,
    usersEnded: 0,
    inFlight: 0,
    cutOff: 0,
    clamped: 0,
  };
  readonly #layout: CellLayout;
  readonly #measured: readonly boolean[];
  readonly #populations: number;
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
    this.#settled = new Float64Array(OPERATION_NAMES.length * this.#populations);
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

  /** Every operation, probes included, when it is handed to the client. */
  dispatched(flight: Flight): void {
    this.totals.inFlight++;
    const operation = OPERATION_CODE[flight.operation];
    (this.#dispatched[operation * this.#populations + flight.population] as number)++;
    this.lag(flight.plannedUs, flight.phase, flight.dispatchedAtUs - flight.intendedAtUs);
  }

  lag(intendedUs: number, phase: number, lagUs: number): void {
    const row = Math.floor(intendedUs / SECOND_US) * 2 + (this.#measured[phase] ? 1 : 0);
    this.#lag.add(row, indexOfValue(this.#inRange(lagUs), BITS_3_DIGITS), 1);
  }

  /** `startUs` is the host-wide start of the load. */
  settled(flight: Flight, startUs: number): void {
    this.totals.inFlight--;
    const { population, phase } = flight;
    const operation = OPERATION_CODE[flight.operation];
    const outcome = OUTCOME_CODE[flight.outcome];
    (this.#settled[operation * this.#populations + population] as number)++;
    const responseUs = this.#inRange(flight.doneAtUs - flight.intendedAtUs);
    const measured = this.#measured[phase] === true;
    if (measured) {
      const row = this.#layout.row(operation, outcome, population, phase, KIND.response);
      const index = indexOfValue(responseUs, BITS_3_DIGITS);
      this.#cells.add(row, index, 1);
      if (flight.reason === 'cut_off') this.#cells.add(row + KIND.cutOff, index, 1);
      else if (flight.sentAtUs > 0) {
        const serviceUs = this.#inRange(flight.doneAtUs - flight.sentAtUs);
        this.#cells.add(row + KIND.service, indexOfValue(serviceUs, BITS_3_DIGITS), 1);
      }
    }
    if (flight.reason === 'cut_off') this.totals.cutOff++;
    const block = Math.floor(flight.plannedUs / BLOCK_US);
    this.#blocks.add(
      blockRow(block, seriesOf(operation, outcome), measured),
      indexOfValue(responseUs, BITS_2_DIGITS),
      1,
    );
    if (IS_PROBE[operation] === 1) return;
    const second = Math.max(0, Math.floor((flight.dispatchedAtUs - startUs) / SECOND_US));
    this.#seconds.add(second, SECOND.outcome + outcome, 1);
  }

  confirmedUnits(population: number, units: number): void {
    (this.#units[population] as number) += units;
  }

  take(
    span: { fromUs: number; untilUs: number; busyRatio: number },
    client: ClientStats,
  ): LoadDelta {
    return {
      ...span,
      cells: this.#cells.take(),
      blocks: this.#blocks.take(),
      lag: this.#lag.take(),
      seconds: this.#seconds.take(),
      settled: this.#settled.slice(),
      units: this.#units.slice(),
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
