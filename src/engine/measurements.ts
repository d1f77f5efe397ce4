/** All workers' measurements added up exactly, whatever the number of workers and messages. */
import { type ClientStats, NO_CLIENT_STATS } from '../contract/call.ts';
import { OPERATION_NAMES } from '../contract/operation.ts';
import type { Scenario } from '../contract/scenario.ts';
import { BatchBlocks } from './batch-blocks.ts';
import { BLOCK_US, CellLayout } from './cells.ts';
import { DenseHistogram } from './dense-histogram.ts';
import { phaseStartsUs } from './phases.ts';
import type { LoadDelta, WorkerTotals } from './recorder.ts';
import { SparseCounts } from './sparse-counts.ts';
import { Timeline } from './timeline.ts';

/** What a dead worker had sent or begun and whose end nobody saw. */
export interface LostOperations {
  readonly operation: number;
  readonly population: number;
  readonly phase: number;
  /** Operations; there are more of them than attempts where one waited to be tried again. */
  readonly count: number;
  readonly attempts: number;
}

export class Measurements {
  readonly layout: CellLayout;
  readonly cells = new SparseCounts(4096);
  readonly blocks: BatchBlocks;
  readonly timeline = new Timeline();
  /** Schedule lag of measured operations, and that of the others. */
  readonly lag = new DenseHistogram();
  readonly warmupLag = new DenseHistogram();
  readonly lost: LostOperations[] = [];
  readonly #last = new Map<number, LoadDelta>();

  constructor(scenario: Scenario) {
    this.layout = new CellLayout(scenario);
    const measured = scenario.phases.findIndex((phase) => phase.measured);
    const startUs = phaseStartsUs(scenario.phases)[measured] ?? 0;
    this.blocks = new BatchBlocks(Math.floor(startUs / BLOCK_US));
  }

  /** Returns the buffer that nobody reads any more: that of the worker's delta before this one. */
  merge(worker: number, delta: LoadDelta): ArrayBuffer | undefined {
    const spent = this.#last.get(worker)?.buffer;
    this.#last.set(worker, delta);
    this.cells.addAll(delta.cells);
    this.blocks.addAll(delta.blocks);
    this.timeline.merge(worker, delta);
    const { rows, indexes, counts } = delta.lag;
    for (let i = 0; i < rows.length; i++) {
      const lag = (rows[i] as number) % 2 === 1 ? this.lag : this.warmupLag;
      lag.add(indexes[i] as number, counts[i] as number);
    }
    return spent;
  }

  /**
   * Counts what a dead worker sent and never reported: `dispatched` outlived it. Returns the number
   * of operations whose outcome nobody knows.
   */
  addLost(worker: number, dispatched: Float64Array, phase: number): number {
    const settled = this.#last.get(worker)?.settled;
    const { populations } = this.layout;
    const begun = OPERATION_NAMES.length * populations;
    const missing = (i: number): number => Math.max(0, (dispatched[i] ?? 0) - (settled?.[i] ?? 0));
    let total = 0;
    for (let i = 0; i < begun; i++) {
      const attempts = missing(i);
      const count = missing(begun + i);
      if (attempts + count === 0) continue;
      const operation = Math.floor(i / populations);
      this.lost.push({ operation, population: i % populations, phase, count, attempts });
      total += count;
    }
    return total;
  }

  /** Sum over workers of a running total. */
  total(name: keyof WorkerTotals): number {
    return this.#sum((delta) => delta.totals[name]);
  }

  journeysDueOf(worker: number): number {
    return this.#last.get(worker)?.totals.journeysDue ?? 0;
  }

  unitsOf(population: number): number {
    return this.#sum((delta) => delta.units[population] ?? 0);
  }

  client(): ClientStats {
    const sum = { ...NO_CLIENT_STATS };
    const names = Object.keys(sum) as (keyof ClientStats)[];
    for (const name of names) sum[name] = this.#sum((delta) => delta.client[name]);
    return sum;
  }

  #sum(of: (delta: LoadDelta) => number): number {
    let sum = 0;
    for (const delta of this.#last.values()) sum += of(delta);
    return sum;
  }
}
