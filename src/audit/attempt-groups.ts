/** Rows of the attempt table under a common name, in order of the names' first appearance. */
import type { Attempt } from './attempt.ts';
import { type AttemptTable, StoredAttempt } from './attempt-table.ts';

/** Lists longer than this are handed to the library's sort. */
const INSERTION_MAX = 12;

type Compare = (a: number, b: number) => number;

/** Sorts `rows[from, to)`. */
function sortRows(rows: Uint32Array, from: number, to: number, compare: Compare): void {
  if (to - from > INSERTION_MAX) {
    rows.subarray(from, to).sort(compare);
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const row = rows[i] as number;
    let at = i;
    for (; at > from && compare(rows[at - 1] as number, row) > 0; at--) {
      rows[at] = rows[at - 1] as number;
    }
    rows[at] = row;
  }
}

export class AttemptGroups {
  readonly table: AttemptTable;
  readonly size: number;
  /** The rows of group g are `rows[starts[g], starts[g + 1])`. */
  readonly #starts: Uint32Array;
  readonly #rows: Uint32Array;

  /** `members` are rows of the table; `groupOf` gives the number of each row's name. */
  constructor(options: {
    readonly table: AttemptTable;
    /** How many names there are. */
    readonly names: number;
    readonly members: Uint32Array;
    readonly groupOf: Uint32Array;
    /** Within a group. */
    readonly compare: Compare;
  }) {
    const { table, names, members, groupOf, compare } = options;
    this.table = table;
    this.size = names;
    const starts = new Uint32Array(names + 1);
    for (const row of members) {
      const next = (groupOf[row] as number) + 1;
      starts[next] = (starts[next] as number) + 1;
    }
    for (let group = 0; group < names; group++) {
      starts[group + 1] = (starts[group + 1] as number) + (starts[group] as number);
    }
    const filled = starts.slice();
    const rows = new Uint32Array(members.length);
    for (const row of members) {
      const group = groupOf[row] as number;
      const at = filled[group] as number;
      rows[at] = row;
      filled[group] = at + 1;
    }
    for (let group = 0; group < names; group++) {
      sortRows(rows, starts[group] as number, starts[group + 1] as number, compare);
    }
    this.#starts = starts;
    this.#rows = rows;
  }

  /** How many rows a group has; 0 for names that only others use. */
  count(group: number): number {
    const end = this.#starts[group + 1];
    return end === undefined ? 0 : end - (this.#starts[group] as number);
  }

  /** The i-th row of a group. */
  row(group: number, i: number): number {
    return this.#rows[(this.#starts[group] as number) + i] as number;
  }

  attempts(group: number): Attempt[] {
    const count = this.count(group);
    const attempts: Attempt[] = [];
    for (let i = 0; i < count; i++) {
      attempts.push(new StoredAttempt(this.table, this.row(group, i)));
    }
    return attempts;
  }
}
