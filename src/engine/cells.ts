/** How measurements are numbered: one row per operation × outcome × population × phase × kind. */
import { assert } from '../base/assert.ts';
import { OPERATION_NAMES } from '../contract/operation.ts';
import { OUTCOMES } from '../contract/outcome.ts';
import type { Scenario } from '../contract/scenario.ts';

/**
 * `response` from the first attempt's intended instant, `service` from the last one's first byte
 * sent, `attempt` from its own intended instant (only where attempts may be more than operations).
 */
export const KIND = { response: 0, service: 1, cutOff: 2, attempt: 3 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];
const KINDS = 4;

export interface Cell {
  readonly operation: number;
  readonly outcome: number;
  readonly population: number;
  readonly phase: number;
  readonly kind: number;
}

export class CellLayout {
  readonly populations: number;
  readonly phases: number;
  readonly rows: number;

  constructor(scenario: Pick<Scenario, 'populations' | 'phases'>) {
    this.populations = Math.max(1, scenario.populations.length);
    this.phases = Math.max(1, scenario.phases.length);
    this.rows = OPERATION_NAMES.length * OUTCOMES.length * this.populations * this.phases * KINDS;
    assert(this.rows < 2 ** 31, 'too many populations and phases to number their cells');
  }

  row(operation: number, outcome: number, population: number, phase: number, kind: Kind): number {
    const cell = (operation * OUTCOMES.length + outcome) * this.populations + population;
    return (cell * this.phases + phase) * KINDS + kind;
  }

  cellOf(row: number): Cell {
    const cell = Math.floor(row / KINDS);
    const byPhase = Math.floor(cell / this.phases);
    const byPopulation = Math.floor(byPhase / this.populations);
    return {
      kind: row % KINDS,
      phase: cell % this.phases,
      population: byPhase % this.populations,
      outcome: byPopulation % OUTCOMES.length,
      operation: Math.floor(byPopulation / OUTCOMES.length),
    };
  }
}

/**
 * What was sent and what was begun, by operation × population: a worker counts both where they
 * outlive it. Attempts come first, then operations.
 */
export function sendCounters(populations: number): number {
  return 2 * OPERATION_NAMES.length * Math.max(1, populations);
}

/** Blocks for the interval of the P99 and for the timeline: half a second of intended time. */
export const BLOCK_US = 500_000;
export const BLOCKS_PER_SECOND = 2;
/** Room for operation × outcome within a block's row. */
const SERIES_MAX = 128;

export function seriesOf(operation: number, outcome: number): number {
  return operation * OUTCOMES.length + outcome;
}

export function blockRow(block: number, series: number, measured: boolean): number {
  return (block * SERIES_MAX + series) * 2 + (measured ? 1 : 0);
}

export function blockOfRow(row: number): { block: number; series: number; measured: boolean } {
  const pair = row >>> 1;
  return { block: Math.floor(pair / SERIES_MAX), series: pair % SERIES_MAX, measured: row % 2 > 0 };
}

assert(OPERATION_NAMES.length * OUTCOMES.length <= SERIES_MAX, 'too many operations for a block');

/** Columns of the counters of one second. */
export const SECOND = { due: 0, started: 1, outcome: 2 } as const;
