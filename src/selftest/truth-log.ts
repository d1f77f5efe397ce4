/** What the truth server writes down of each request, as rows that cross the process border. */
import { defined } from '../base/assert.ts';
import { FATES, type Fate } from './answer-script.ts';

/** Instants are host-wide microseconds, by the server's own clock. */
export interface ServedRequest {
  readonly number: number;
  /** The last byte of the request had been read. */
  readonly receivedUs: number;
  /** When the answer was to end. */
  readonly dueUs: number;
  /** The last byte of the answer had been written, or the connection been reset. */
  readonly doneUs: number;
  readonly fate: Fate;
}

const COLUMNS = 5;

export class TruthLog {
  #values: number[] = [];

  add({ number, receivedUs, dueUs, doneUs, fate }: ServedRequest): void {
    this.#values.push(number, receivedUs, dueUs, doneUs, FATES.indexOf(fate));
  }

  take(): Float64Array {
    const rows = Float64Array.from(this.#values);
    this.#values = [];
    return rows;
  }
}

export function readTruthLog(rows: Float64Array): ServedRequest[] {
  return Array.from({ length: rows.length / COLUMNS }, (_, row) => {
    const [number = 0, receivedUs = 0, dueUs = 0, doneUs = 0, fate = 0] = rows.subarray(
      row * COLUMNS,
      (row + 1) * COLUMNS,
    );
    return { number, receivedUs, dueUs, doneUs, fate: defined(FATES[fate], 'fate') };
  });
}
